"""What time servers say the time is.

Knows: NTP, and by which marks an answer is none.
Must not know: which servers a site has, how far off is too far.
"""

import socket
import struct
from collections.abc import Sequence
from typing import Final

import ntplib

from edge_node.model.facts_clock import ServerTime

_SERVER: Final = 4
_JITTER_S: Final = 0.01
_LEAP_UNKNOWN: Final = 3
_HIGHEST_STRATUM: Final = 15
_LONGEST_DISTANCE_S: Final = 1.5  # as chrony and ntpd have it


def ask(servers: Sequence[tuple[str, int]], limit_s: float) -> tuple[ServerTime, ...]:
    """Ask each in turn; all together take no longer than the limit."""
    each_s = limit_s / max(len(servers), 1)
    return tuple(_ask(host, port, each_s) for host, port in servers)


def _ask(host: str, port: int, limit_s: float) -> ServerTime:
    try:
        answer = ntplib.NTPClient().request(host, version=4, port=port, timeout=limit_s)
    except ntplib.NTPException as error:
        return ServerTime(server=host, failure="no answer" if "No response" in str(error) else "no NTP")
    except (OSError, struct.error, ValueError, OverflowError) as error:
        return ServerTime(server=host, failure=_reason(error))
    distance_s = answer.root_delay / 2 + answer.root_dispersion + answer.delay / 2
    return ServerTime(
        server=host,
        offset_s=answer.offset,
        error_s=distance_s,
        stratum=answer.stratum,
        failure=_flaw(answer, distance_s, limit_s),
    )


def _flaw(answer: ntplib.NTPStats, distance_s: float, limit_s: float) -> str:
    """Why nobody may set a clock by it."""
    # It repeats when it was asked: an answer to another question shows a way that takes no time, or years.
    if answer.mode != _SERVER or not -_JITTER_S <= answer.delay <= limit_s:
        return "no answer to what was asked"
    if answer.leap == _LEAP_UNKNOWN or not 0 < answer.stratum <= _HIGHEST_STRATUM:
        return "its own clock is not kept right"
    return "too far from its source" if distance_s > _LONGEST_DISTANCE_S else ""


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError | socket.gaierror):
        return "no answer"
    return (error.strerror if isinstance(error, OSError) else None) or "no NTP"
