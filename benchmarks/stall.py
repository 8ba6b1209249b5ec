"""The longest time the reactor is away while many large pushes come at once.

Knows: bodies that cost a parser most, how they are sent beside each other, how a stall is read.
Must not know: how the node reads them.
"""

import re
import secrets
import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

from benchmarks import beats
from benchmarks.exchange import Template, make_id, make_push
from benchmarks.http import Stream, read_message
from benchmarks.programs import Program, python, start
from benchmarks.stage import Stage

PUSHES: Final = 64
BODY_BYTES: Final = 10 * 1024 * 1024
#: What the bodies are filled with: nothing for a parser to do, as many elements as may be, as much of each as may be,
#: and more elements than may be, which is refused.
FILLINGS: Final = {
    "text": b"Geen bijzonderheden. ",
    "elements": b'<x code="1234567"/>\n\n\n\n',
    "attributes": b"<x " + b" ".join(b'a%d="%d"' % (n, n) for n in range(60)) + b"/>\n",
    "tags": b"<x/>",
}
_PAUSE_S: Final = 0.5
_TIMEOUT_S: Final = 300.0
_CODE: Final = re.compile(rb"EN-[A-Z-]+[A-Z]")
_AGAIN: Final = frozenset({"EN-BUSY"})
_END: Final = b"</ControlActProcess>"


@dataclass(slots=True, kw_only=True)
class Stalled:
    """What one filling did."""

    node: list[beats.Stall] = field(default_factory=list)
    idle: list[beats.Stall] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    resident_bytes: int = 0

    @property
    def own_ms(self) -> float:
        """The longest stall of the node's own making."""
        return max(stall.own_ms for stall in self.node)

    @property
    def away_ms(self) -> float:
        """The longest less the wait for a processor: of the node's own making, or of a disk's."""
        return max(stall.away_ms for stall in self.node)

    @property
    def wall_ms(self) -> float:
        """The longest by the clock."""
        return max(stall.wall_ms for stall in self.node)

    @property
    def idle_ms(self) -> float:
        """The longest by the clock in a process that does nothing: what the machine does to everybody."""
        return max(stall.wall_ms for stall in self.idle)

    @property
    def middle_ms(self) -> float:
        """Half of the beats came later than this."""
        return statistics.median(stall.own_ms for stall in self.node)

    def figures(self) -> dict[str, object]:
        """All there is to know, for a file."""
        return {
            "own_ms": self.own_ms,
            "away_ms": self.away_ms,
            "wall_ms": self.wall_ms,
            "idle_ms": self.idle_ms,
            "middle_ms": self.middle_ms,
            "beats": len(self.node),
            "answers": dict(self.answers),
            "seconds": self.seconds,
            "resident_bytes": self.resident_bytes,
        }


def measure(stage: Stage, fillings: tuple[str, ...], say: Callable[[str], None]) -> dict[str, Stalled]:
    """Send the pushes of each filling to one node, and look at its beats."""
    found: dict[str, Stalled] = {}
    with ExitStack() as until:
        idle_beats, node_beats = stage.folder / "idle.beats", stage.folder / "node.beats"
        until.enter_context(start(python("benchmarks.beats", idle_beats), stage.folder / "idle.log"))
        command = python("benchmarks.beats", node_beats, stage.settings)
        node = until.enter_context(start(command, stage.folder / "node.log"))
        for filling in fillings:
            stalled = found[filling] = _load(stage, FILLINGS[filling], node)
            since, until_s = time.perf_counter() - stalled.seconds, time.perf_counter()
            time.sleep(_PAUSE_S)
            stalled.node = beats.read(node_beats, since, until_s)
            stalled.idle = beats.read(idle_beats, since, until_s)
            say(_told(filling, stalled))
    return found


def _told(filling: str, stalled: Stalled) -> str:
    said = ", ".join(f"{count} × {code}" for code, count in sorted(stalled.answers.items()))
    return (
        f"stall, {PUSHES} × 10 MiB of {filling}: {stalled.own_ms:.1f} ms ({stalled.away_ms:.1f} with a processor "
        f"at hand, {stalled.wall_ms:.1f} by the clock, "
        f"{stalled.idle_ms:.1f} in a process that does nothing), {stalled.seconds:.1f} s, {said}, "
        f"{stalled.resident_bytes / 1e6:.0f} MB"
    )


def _load(stage: Stage, filling: bytes, node: Program) -> Stalled:
    stalled = Stalled()
    sender = _Sender(stage, filling)
    begun = time.perf_counter()
    threads = [threading.Thread(target=sender.send, args=(number, stalled.answers)) for number in range(PUSHES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stalled.seconds = time.perf_counter() - begun
    stalled.resident_bytes = node.resident_bytes
    return stalled


class _Sender:
    """Sends one large push after the other; the filling is held once for all."""

    def __init__(self, stage: Stage, filling: bytes) -> None:
        exchange = make_push()
        before, _, after = exchange.question.partition(_END.decode())
        self._before = Template(before, exchange.question_id)
        self._after = _END + after.encode()
        room = BODY_BYTES - len(before.encode()) - len(self._after)
        self._filling = b"<x>" + filling * ((room - 7) // len(filling)) + b"</x>"
        self._port = stage.ports.local
        self._head = (
            f"POST /{exchange.path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml; charset=utf-8\r\n"
            f'SOAPAction: "{exchange.soap_action}"\r\nAuthorization: {stage.order.authorization}\r\n'
        ).encode()
        self._mine = secrets.token_hex(4).encode()

    def send(self, number: int, answers: Counter[str]) -> None:
        """Send one until it is answered with anything but "busy"."""
        while (code := self._send(number)) in _AGAIN:
            answers[code] += 1
            time.sleep(_PAUSE_S)
        answers[code] += 1

    def _send(self, number: int) -> str:
        before = self._before.filled(make_id(self._mine, number))
        length = len(before) + len(self._filling) + len(self._after)
        with socket.create_connection(("127.0.0.1", self._port), timeout=_TIMEOUT_S) as connection:
            try:
                connection.sendall(self._head + b"Content-Length: %d\r\n\r\n" % length + before)
                connection.sendall(self._filling)
                connection.sendall(self._after)
            except OSError:  # answered before it was sent whole
                pass
            answer = read_message(Stream(connection))
        if answer is None:
            return "no answer"
        found = _CODE.search(answer.body)
        return found[0].decode() if found else "taken" if b'typeCode="CA"' in answer.body else "something else"
