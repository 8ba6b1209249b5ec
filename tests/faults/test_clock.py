"""The clock of the machine jumps a day: nothing is lost, nothing ends, nothing is sent again and again."""

from pathlib import Path

import pytest

from tests.faults.machine import process

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
