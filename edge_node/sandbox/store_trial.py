"""A store on one disk, killed again and again: does it hold what it promised?

Knows: how the child is ordered, killed, and what its words promise.
Must not know: who asked, or how the result is shown.
"""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge_node.errors import EdgeNodeError
from edge_node.store.database import open_readonly
from edge_node.store.fail_points import SERVING
from edge_node.store.promises import fates, unsound

#: Of the ids of its messages.
ROOT: Final = "2.16.840.1.113883.2.4.6.6.80000001.98"
CHILD: Final = "edge_node.sandbox.store_child"
_AT_POINT: Final = 0.5
_LATEST_NTH: Final = 150
_LATEST_S: Final = 0.5
_POINT_S: Final = 5.0
_START_S: Final = 60.0
_END_S: Final = 120.0
_POLL_S: Final = 0.004
_COPIES: Final = 8
_STEP: Final = 600_000  # between the numbers of two runs, and a multiple of the lanes
#: A store this large is ended, looked through and begun anew.
_MAX_BYTES: Final = 48 * 1024 * 1024


class Broken(Exception):
    """A promise was not kept, or the store could not be opened again."""


@dataclass(slots=True)
class Promises:
    """What the child said, over all its runs on one store."""

    kept: set[str] = field(default_factory=set)
    delivered: set[str] = field(default_factory=set)
    handed_over: set[str] = field(default_factory=set)
    highest: dict[str, int] = field(default_factory=dict)  # by lane, of first handovers
    copies: int = 0

    def hear(self, line: str) -> None:
        """Hear one line. Raises `Broken` when it says what must not happen."""
        what, *of = line.split()
        match what:
            case "k":
                self.kept.add(of[0])
            case "d":
                self.delivered.add(of[0])
            case "h":
                self._handed_over(*of)
            case "c":
                self.copies += 1
            case "x":
                raise Broken(f"message {of[0]} was kept before, and a copy of it did not get the first answer")

    def _handed_over(self, number: str, lane: str, again: str) -> None:
        if number in self.delivered:
            raise Broken(f"message {number} was handed over after it was delivered")
        if number in self.handed_over and again == "0":
            raise Broken(f"message {number} was handed over twice, the second time as if it were the first")
        if number not in self.handed_over and int(number) < self.highest.get(lane, -1):
            raise Broken(f"message {number} was overtaken in its lane")
        self.handed_over.add(number)
        self.highest[lane] = max(self.highest.get(lane, -1), int(number))

    def check(self, found: dict[str, str], *, all_delivered: bool) -> None:
        """Hold the store to what was promised."""
        states = {extension.split("-")[0]: state for extension, state in found.items()}
        if missing := self.kept - states.keys():
            raise Broken(f"kept and gone: {_some(missing)}")
        if undone := {number for number in self.delivered if states.get(number) != "DELIVERED"}:
            raise Broken(f"delivered, and the store does not know it: {_some(undone)}")
        # A kill may come between the commit of a delivery and the word of it.
        if all_delivered and (left := {number for number in self.kept if states[number] != "DELIVERED"}):
            raise Broken(f"never delivered: {_some(left)}")


@dataclass(slots=True, kw_only=True)
class Trial:
    """One run of the trial in a folder of its own."""

    folder: Path
    kills: int
    seed: int
    child: str = CHILD
    points: Sequence[str] = tuple(SERVING)
    survived: int = 0
    messages: int = 0
    copies: int = 0
    _store: int = 0
    _runs: int = 0
    _promises: Promises = field(default_factory=Promises)

    def run(self, tell: Callable[[int], None]) -> None:
        """Kill as often as asked, telling how often it was survived. Raises `Broken`."""
        for number in range(1, self.kills + 1):
            self._kill(random.Random(f"{self.seed}/{number}"))
            self._check(all_delivered=False)
            self.survived = number
            tell(number)
            if self._size() > _MAX_BYTES and number < self.kills:
                self._end_store()
        self._end_store()

    @property
    def path(self) -> Path:
        """The store in use."""
        return self.folder / f"{self._store:03}" / "store.db"

    def _kill(self, chance: random.Random) -> None:
        point, wait_s = "", chance.random() * _LATEST_S
        if chance.random() < _AT_POINT:
            point = f"{chance.choice(list(self.points))}:{1 + int(chance.random() ** 2 * _LATEST_NTH)}"
            wait_s = _POINT_S
        with self._started(chance, fail_point=point) as child:
            # Half of the kills from outside come while it opens the store and recovers.
            if chance.random() < 0.75 and not point:
                self._wait(child, "ready", _START_S)
            self._wait(child, None, wait_s)
        self._listen(child.wait())

    def _end_store(self) -> None:
        """Let the store deliver all it has, look through it, and begin another."""
        with self._started(random.Random(self._runs), ends=True) as child:
            self._wait(child, "end", _END_S)
            self._wait(child, None, 5.0)
        self._listen(child.wait())
        self._check(all_delivered=True)
        self.messages += len(self._promises.kept)
        self.copies += self._promises.copies
        self._promises = Promises()
        self._store += 1

    @contextmanager
    def _started(
        self, chance: random.Random, *, fail_point: str = "", ends: bool = False
    ) -> Iterator["subprocess.Popen[bytes]"]:
        """Start the child; whatever happens here, it does not live on."""
        self._runs += 1
        self.path.parent.mkdir(mode=0o700, exist_ok=True)
        some = chance.sample(sorted(self._promises.kept), min(_COPIES, len(self._promises.kept)))
        orders = {
            "first": self._runs * _STEP, "copies": [int(one) for one in some], "fail_point": fail_point, "ends": ends,
        }  # fmt: skip
        command = [sys.executable, "-m", self.child, str(self.path), json.dumps(orders)]
        # Who stops the trial before the child has its name would leave it at work: it ends by itself when this end of
        # its standard input is gone, but only once it has begun to read.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
        with self._out.open("wb") as out, self._log.open("wb") as log:
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=log)  # noqa: S603  ours
        with child:
            try:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
                yield child
            finally:
                child.kill()

    @property
    def _out(self) -> Path:
        return self.folder / "said"

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _wait(self, child: "subprocess.Popen[bytes]", word: str | None, limit_s: float) -> None:
        """Wait for that word, for its end, or for so long."""
        until = time.monotonic() + limit_s
        while child.poll() is None and time.monotonic() < until:
            if word is not None and word in self._said():
                return
            time.sleep(_POLL_S)

    def _said(self) -> list[str]:
        lines = self._out.read_text("utf-8").splitlines(keepends=True)
        return [line.strip() for line in lines if line.endswith("\n")]

    def _listen(self, code: int) -> None:
        for line in self._said():
            self._promises.hear(line)
        if code not in (0, -9):
            raise Broken(f"the store could not go on: {_last(self._log.read_text('utf-8').splitlines())}")

    def _check(self, *, all_delivered: bool) -> None:
        try:
            with open_readonly(self.path) as connection:
                found, wrong = fates(connection, ROOT), unsound(connection)
        except EdgeNodeError as error:
            # Killed before it had made anything, it promised nothing either.
            if not self._promises.kept and not all_delivered:
                return
            raise Broken(f"the store cannot be opened: {error.code}") from error
        if wrong:
            raise Broken("; ".join(wrong))
        self._promises.check(found, all_delivered=all_delivered)

    def _size(self) -> int:
        return sum(path.stat().st_size for path in self.path.parent.iterdir() if path.is_file())


def _some(numbers: Iterable[str]) -> str:
    listed = sorted(numbers, key=int)
    return ", ".join(listed[:5]) + (f" and {len(listed) - 5} more" if len(listed) > 5 else "")


def _last(lines: Sequence[str]) -> str:
    return next((line for line in reversed(lines) if line.strip()), "it says nothing")
