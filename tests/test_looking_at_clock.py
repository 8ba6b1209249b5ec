"""The checks on the clock, broken through what they ask: time servers, chrony, the kernel, the clocks."""

import ctypes
from pathlib import Path
from typing import Any

import pytest

from edge_node.looking_at_clock import looks
from edge_node.model.check import Outcome, Result
from edge_node.probes import clock

from .check_doubles import settings_of
from .look_ground import Site, outcome
from .probes.ntp_server import NtpServer
from .probes.programs import none_at_all, put

UNSYNCHRONISED = 0x40
CHRONY = "0A140001,10.20.0.1,3,{at},{offset},0.0,0.0,0.0,0.0,0.0,0.004,0.001,64.2,Normal"


class Kernel:
    """A C library whose kernel says what the test wants."""

    def __init__(self, status: int = UNSYNCHRONISED, max_error_us: int = 16_000_000, says: int = 0) -> None:
        self._status, self._max_error_us, self._says = status, max_error_us, says

    def adjtimex(self, asked: Any) -> int:
        asked._obj.status, asked._obj.maxerror = self._status, self._max_error_us
        return self._says


@pytest.fixture(autouse=True)
def _a_bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    none_at_all(monkeypatch, tmp_path)
    monkeypatch.setattr(clock, "TIMESYNC", tmp_path / "synchronized")
    has(monkeypatch, Kernel())


def has(monkeypatch: pytest.MonkeyPatch, kernel: Kernel) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: kernel)


def site(tmp_path: Path, *servers: NtpServer, apart_s: float | None = None) -> Site:
    named = ", ".join(f'"127.0.0.1:{one.port}"' for one in servers)
    return Site(settings_of(tmp_path, f"network:\n  time_servers: [{named}]\n"), apart_s=apart_s)


def judged(at: Site, check: str) -> Outcome:
    (look,) = looks(at)  # type: ignore[arg-type]
    return outcome(at.settings, look, check)


class TestHowFarItIsOff:
    @pytest.mark.parametrize(
        ("ahead_s", "result", "is_grave"),
        [(0.0, Result.GOOD, True), (0.35, Result.WARNED, True), (1.0, Result.VIOLATED, False),
         (-3.0, Result.VIOLATED, True)],
    )  # fmt: skip
    def test_is_told_by_a_time_server(self, tmp_path: Path, ahead_s: float, result: Result, is_grave: bool) -> None:
        """Tokens live for seconds: with a clock that is 3 s off they are refused."""
        with NtpServer(ahead_s=ahead_s) as server:
            found = judged(site(tmp_path, server), "clock-offset")
        assert (found.result, found.is_grave) == (result, is_grave)

    def test_is_told_by_most_of_them(self, tmp_path: Path) -> None:
        """One server that lies is outvoted, and shown."""
        with NtpServer() as good, NtpServer(ahead_s=3600) as lying, NtpServer() as other:
            found = judged(site(tmp_path, good, lying, other), "clock-offset")
        assert found.result is Result.GOOD
        assert any("+3600" in told for _, told in found.evidence)

    def test_is_told_by_chrony(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Where a site names no time server."""
        put(monkeypatch, tmp_path, "chronyc", f'echo "{CHRONY.format(at=1_795_348_700, offset=0.7)}"')
        assert judged(site(tmp_path), "clock-offset").result is Result.VIOLATED

    @pytest.mark.parametrize(("apart_s", "result"), [(1.5, Result.UNKNOWN), (-3.2, Result.VIOLATED)])
    def test_is_told_by_the_switchboard(self, tmp_path: Path, apart_s: float, result: Result) -> None:
        """Its answers say the second; what is within their grain says nothing."""
        assert judged(site(tmp_path, apart_s=apart_s), "clock-offset").result is result

    def test_is_told_by_the_kernel_where_that_vouches_for_it(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """Whatever keeps the clock tells the kernel how far it may be off."""
        has(monkeypatch, Kernel(status=0, max_error_us=20_000))
        assert judged(site(tmp_path), "clock-offset").value == "within 0.020 s"

    def test_is_unknown_where_nobody_tells(self, tmp_path: Path) -> None:
        """A server that does not answer is no proof that the clock is right."""
        with NtpServer(leap=3) as server:
            found = judged(site(tmp_path, server), "clock-offset")
        assert found.result is Result.UNKNOWN


class TestWhoKeepsIt:
    def test_is_chrony_when_it_set_the_clock_lately(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """The moment is chrony's own."""
        put(monkeypatch, tmp_path, "chronyc", f'echo "{CHRONY.format(at=1_795_348_700, offset=0)}"')
        assert judged(site(tmp_path), "clock-sync-age").value == "100 s"

    @pytest.mark.breaks("clock-sync-age")
    def test_is_nobody_when_chrony_reaches_no_server_for_a_day(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """chronyd runs on, and the clock drifts."""
        put(monkeypatch, tmp_path, "chronyc", f'echo "{CHRONY.format(at=1_795_250_000, offset=0)}"')
        assert judged(site(tmp_path), "clock-sync-age").result is Result.VIOLATED

    def test_is_systemd_when_it_touched_its_file(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """systemd-timesyncd says no more than that."""
        clock.TIMESYNC.touch()
        at = site(tmp_path)
        at.clocks.wall_s = clock.TIMESYNC.stat().st_mtime + 90_000
        assert judged(at, "clock-sync-age").result is Result.VIOLATED

    def test_is_known_to_the_kernel_within_hours(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Its doubt grows half a millisecond a second since the clock was set."""
        has(monkeypatch, Kernel(status=0, max_error_us=1_000_000))
        assert judged(site(tmp_path), "clock-sync-age").value == "at most 2000 s"

    def test_is_nobody_once_the_kernel_has_said_so_for_a_day(self, tmp_path: Path) -> None:
        """A machine that has just started may not have asked yet."""
        at = site(tmp_path)
        (look,) = looks(at)  # type: ignore[arg-type]
        first = outcome(at.settings, look, "clock-sync-age")
        at.clocks.pass_s(90_000)
        assert (first.result, outcome(at.settings, look, "clock-sync-age").result) == (Result.WARNED, Result.VIOLATED)

    def test_is_unknown_where_the_kernel_may_not_be_asked(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """systemd's ProtectClock forbids the question."""
        has(monkeypatch, Kernel(says=-1))
        assert judged(site(tmp_path), "clock-sync-age").result is Result.UNKNOWN


class TestAJump:
    @pytest.mark.parametrize(
        ("by_s", "result"), [(0.0, Result.GOOD), (3.0, Result.VIOLATED), (-3.0, Result.VIOLATED)]
    )
    def test_turns_its_check(self, tmp_path: Path, by_s: float, result: Result) -> None:
        """Set by hand, forward or back."""
        at = site(tmp_path)
        (look,) = looks(at)  # type: ignore[arg-type]
        first = outcome(at.settings, look, "clock-step")
        at.clocks.pass_s(30)
        at.clocks.wall_s += by_s
        assert (first.result, outcome(at.settings, look, "clock-step").result) == (Result.UNKNOWN, result)

    @pytest.mark.breaks("clock-step")
    def test_is_told_for_a_day(self, tmp_path: Path) -> None:
        """Then it is history."""
        at = site(tmp_path)
        (look,) = looks(at)  # type: ignore[arg-type]
        outcome(at.settings, look, "clock-step")
        at.clocks.wall_s += 3
        outcome(at.settings, look, "clock-step")
        at.clocks.pass_s(86_401)
        assert outcome(at.settings, look, "clock-step").result is Result.GOOD
