"""The clock of the machine jumps a day: nothing is lost, nothing ends, nothing is sent again and again."""

from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge_node.flow.clock_watch import ClockWatch
from edge_node.flow.housekeeping import Housekeeping
from edge_node.model.keeping import Entry
from edge_node.model.lifecycle import Event
from edge_node.store import pruning, queue
from edge_node.store.life import Change
from tests.faults.machine import process
from tests.flow.bench import result
from tests.store.shelf import Shelf, push

DAY_S = 86_400


def library() -> str:
    """Where libfaketime is, which gives a process a clock of its own."""
    for place in Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"):
        return str(place)
    pytest.skip("cannot be made here: libfaketime is not installed")


def a_clock(folder: Path) -> tuple[dict[str, str], Path]:
    """The environment of a process whose wall clock follows a file, while its monotonic clock is the machine's."""
    file = folder / "clock"
    file.write_text("+0", encoding="ascii")
    return {
        "LD_PRELOAD": library(),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }, file


class TestAClockThatJumps:
    @pytest.mark.parametrize("offset_s", [DAY_S, -DAY_S])
    def test_a_day_loses_nothing_and_delivers_once(self, tmp_path: Path, offset_s: int) -> None:
        """A machine that gets its time from the network after a start has such a jump."""
        env, clock = a_clock(tmp_path)
        with process(tmp_path / "store.db", env=env) as store:
            store.ask("keep", **{"from": 1, "n": 20})
            clock.write_text(f"{offset_s:+d}", encoding="ascii")
            store.ask("keep", **{"from": 1000, "n": 20})
            clock.write_text("+0", encoding="ascii")
            delivered = store.ask("deliver", n=100)["delivered"]
        assert (len(delivered), len(set(delivered))) == (40, 40)

    def test_dues_follow_the_clock_that_never_jumps(self, tmp_path: Path) -> None:
        """A pause of two seconds is two seconds, not a day and not nothing."""
        env, clock = a_clock(tmp_path)
        with process(tmp_path / "store.db", env=env) as store:
            store.ask("keep", **{"from": 1, "n": 10})
            store.ask("put_back", n=10, after_s=60)
            clock.write_text(f"+{DAY_S}", encoding="ascii")
            early = store.ask("deliver", n=10)["delivered"]
            due_s = store.ask("next_due")["due_s"]
        assert (early, 50 < due_s <= 60) == ([], True)


class House:
    """A store with its housekeeping and one link that is down, a quarter of a minute at a time."""

    def __init__(self, folder: Path) -> None:
        self.shelf = Shelf(folder / "store.db")
        self.reactor = Clock()
        self.watch = ClockWatch(self.reactor, self.shelf.clock.now)
        self.rounds: Any = Housekeeping(self, self.reactor, self.watch)  # type: ignore[arg-type]  # what it needs of it
        self.expired: list[str] = []
        self.tries = 0
        self.run(1000)  # it has been up for a while

    def run(self, seconds: float) -> None:
        for _ in range(int(seconds // 15)):
            self.shelf.clock.advance(15)
            self.reactor.advance(15)
            result(Deferred.fromCoroutine(self.rounds.round()))
            self.hand_over()

    def hand_over(self) -> None:
        for entry in self.shelf.lease():
            self.tries += 1
            change = Change(event=Event.DELIVERY_FAILED, at=self.shelf.at, code="EN-NOT-SENT", after_s=300)
            self.shelf.do(lambda session, of=entry, how=change: queue.put_back(session, of, how))

    def jump(self, seconds: float) -> None:
        self.shelf.clock.wall_s += seconds
        self.run(3600)

    async def expire(self, limit: int) -> list[Entry]:
        ended = self.shelf.do(lambda session: queue.expire(session, limit, self.shelf.at))
        self.expired += [entry.uid for entry in ended]
        return ended

    async def prune(self, limit: int) -> int:
        return self.shelf.do(lambda session: pruning.prune(session, limit, self.shelf.at))

    async def tend(self) -> None:
        return None


class TestADayForthAndBack:
    """With all that ends messages at work, for hours."""

    def test_expires_no_prescription(self, tmp_path: Path) -> None:
        """A day ahead all of them look a day old, and stay so until somebody puts the clock right."""
        house = House(tmp_path)
        uid = house.shelf.kept(push(1, lifetime_s=DAY_S))
        house.jump(DAY_S)
        house.jump(-DAY_S)
        house.jump(-DAY_S)
        house.jump(DAY_S)
        assert (house.expired, house.shelf.reader.show(uid).row.state.value) == ([], "WAITING")

    def test_is_no_storm(self, tmp_path: Path) -> None:
        """Four hours with a pause of five minutes are some fifty tries, whatever the clock says meanwhile."""
        house = House(tmp_path)
        house.shelf.kept(push(1, lifetime_s=DAY_S))
        house.jump(DAY_S)
        house.jump(-DAY_S)
        house.jump(-DAY_S)
        house.jump(DAY_S)
        assert 40 < house.tries <= 49

    def test_goes_on_once_the_clock_is_right(self, tmp_path: Path) -> None:
        """What is really over ends then: its sender is told to reach the receiver another way."""
        house = House(tmp_path)
        uid = house.shelf.kept(push(1, lifetime_s=5400))
        house.jump(DAY_S)
        house.jump(-DAY_S)
        assert house.expired == [uid]
