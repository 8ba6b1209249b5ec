"""Ports of loopback that stay free while the program that listens on them is away.

Knows: from which ports the kernel takes those of outgoing connections, how a free one beside them is found.
Must not know: who listens there.

A node that is killed and started again must find its ports as it left them. One of the kernel's own range may by then
be the near end of somebody's connection.
"""

import secrets
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

_RANGE: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST: Final = 10_240
_PAST_ALL: Final = 65_536
_USUAL: Final = (32_768, 60_999)
_TRIES: Final = 1_000


def free_ports(count: int, *, choose: Callable[[int], int] = secrets.randbelow, outgoing: Path = _RANGE) -> list[int]:
    """Return ports of loopback that nobody listens on now, and no outgoing connection takes later."""
    with ExitStack() as open_sockets:
        return [_free_port(open_sockets, _stretch(outgoing), choose) for _ in range(count)]


def _free_port(open_sockets: ExitStack, stretch: range, choose: Callable[[int], int]) -> int:
    """Find one and hold it, so that the next one is another."""
    for _ in range(_TRIES):
        port = stretch[choose(len(stretch))]
        taken = open_sockets.enter_context(socket.socket())
        try:
            taken.bind(("127.0.0.1", port))
        except OSError:
            taken.close()
        else:
            return port
    raise OSError(f"none of the ports {stretch.start} to {stretch.stop - 1} is free")


def _stretch(outgoing: Path) -> range:
    """Return the wider of what lies below and above the kernel's range; all there is where it leaves nothing."""
    first, last = _outgoing(outgoing)
    below, above = range(_LOWEST, first), range(last + 1, _PAST_ALL)
    return max(below, above, key=len) or range(_LOWEST, _PAST_ALL)


def _outgoing(path: Path) -> tuple[int, int]:
    try:
        first, last = path.read_text(encoding="ascii").split()
        return int(first), int(last)
    except (OSError, ValueError):
        return _USUAL
