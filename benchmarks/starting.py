"""How soon a started node answers, and how much memory it then has, with and without idle connections.

Knows: that a first answer counts, not a ready line; `python -c pass` as the measure of the machine.
Must not know: what the node does meanwhile.
"""

import socket
import ssl
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.exchange import read_exchange
from benchmarks.load import Asker
from benchmarks.programs import environment
from benchmarks.stage import Stage
from edge_node.sandbox.pki import PRACTICE

IDLE: Final = 500
_TIMEOUT_S: Final = 20.0


@dataclass(slots=True)
class Started:
    """What each start showed."""

    first_answer_s: list[float] = field(default_factory=list)
    python_s: list[float] = field(default_factory=list)
    resident_bytes: list[float] = field(default_factory=list)
    per_1000_idle_bytes: list[float] = field(default_factory=list)


def measure(stage: Stage, rounds: int, say: Callable[[str], None]) -> Started:
    """Start the node again and again, and an empty Python in between."""
    started = Started()
    _start_once(stage, started)  # makes the store, fills the caches
    started = Started()
    for number in range(rounds):
        started.python_s.append(_python_s())
        _start_once(stage, started)
        say(f"start: round {number + 1} of {rounds}")
    return started


def _start_once(stage: Stage, started: Started) -> None:
    begun = time.perf_counter()
    with stage.start_node() as node:
        Asker(stage.order, read_exchange(Path(stage.order.exchange))).ask()
        started.first_answer_s.append(time.perf_counter() - begun)
        before = node.resident_bytes
        started.resident_bytes.append(before)
        with ExitStack() as connections:
            for _ in range(IDLE):
                connections.enter_context(_idle(stage))
            started.per_1000_idle_bytes.append((node.resident_bytes - before) * 1000 / IDLE)


def _python_s() -> float:
    """The median of some, because one is over so soon."""
    took_s = []
    for _ in range(5):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", "pass"], check=True, env=environment())
        took_s.append(time.perf_counter() - begun)
    return statistics.median(took_s)


def _idle(stage: Stage) -> ssl.SSLSocket:
    """Connect as the switchboard does, and say nothing."""
    files = stage.pki.files("switchboard")
    context = ssl.create_default_context(cafile=str(stage.pki.anchors))
    context.load_cert_chain(files.chain, files.key)
    plain = socket.create_connection(("127.0.0.1", stage.ports.inbound), timeout=_TIMEOUT_S)
    return context.wrap_socket(plain, server_hostname=PRACTICE[1])
