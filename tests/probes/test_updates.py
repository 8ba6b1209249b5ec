"""Which security updates wait: told by a small program in the place of apt, judged by the rule."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_node.model.check import Outcome, Result, Unseen
from edge_node.model.facts_machine import PatchFacts
from edge_node.policy import check_machine
from edge_node.probes.updates import Ground, Seen, look
from tests.policy.check_limits import limits

from .programs import none_at_all, put

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SECURITY = "Inst zip [3.0-13] (3.0-13+deb12u1 Debian-Security:12/stable-security [amd64])"
SUMMARY = "1 upgraded, 0 newly installed, 0 to remove and 0 not upgraded."
ORDINARY = "Inst nano [7.1] (7.2 Debian:12.15/stable [amd64])"


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """A machine that asked yesterday."""
    stamp = tmp_path / "update-success-stamp"
    stamp.touch()
    asked(stamp, 1)
    return Ground(lists=tmp_path / "lists", stamp=stamp, limit_s=10)


def asked(stamp: Path, days: int) -> None:
    at = (NOW - days * DAY).timestamp()
    os.utime(stamp, (at, at))


def judged(seen: Seen, days: int = 0) -> Outcome:
    waiting = tuple((name, NOW - days * DAY) for name in seen.security)
    return check_machine.patches(PatchFacts(at=NOW, listed_at=seen.listed_at, waiting=waiting), limits())


class TestUpdates:
    @pytest.mark.parametrize(("days", "result"), [(3, Result.GOOD), (10, Result.WARNED), (31, Result.VIOLATED)])
    def test_that_wait_turn_the_check(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ground: Ground, days: int, result: Result
    ) -> None:
        """A hole that everybody knows is open for a month."""
        put(monkeypatch, tmp_path, "apt-get", f"echo '{SECURITY}'; echo '{SUMMARY}'")
        outcome = judged(look(ground), days)
        assert (outcome.result, outcome.evidence[1][0]) == (result, "zip 3.0-13+deb12u1")

    def test_that_mend_no_hole_may_wait(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ground: Ground
    ) -> None:
        """A newer editor is no matter of safety."""
        put(monkeypatch, tmp_path, "apt-get", f"echo '{ORDINARY}'; echo '{SUMMARY}'")
        assert judged(look(ground), 99).result is Result.GOOD

    @pytest.mark.parametrize(("days", "result"), [(10, Result.WARNED), (31, Result.VIOLATED)])
    def test_nobody_asked_for_turn_the_check(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ground: Ground, days: int, result: Result
    ) -> None:
        """A machine that never asks has no update waiting, and every hole."""
        put(monkeypatch, tmp_path, "apt-get", f"echo '{SUMMARY}'")
        asked(ground.stamp, days)
        assert judged(look(ground)).result is result

    def test_are_not_known_where_nobody_ever_asked(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ground: Ground
    ) -> None:
        """There is nothing to tell by."""
        put(monkeypatch, tmp_path, "apt-get", f"echo '{SUMMARY}'")
        ground.stamp.unlink()
        with pytest.raises(Unseen, match="never asked"):
            look(ground)

    def test_are_not_known_without_apt(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ground: Ground) -> None:
        """Another kind of Linux: somebody else has to see to it."""
        none_at_all(monkeypatch, tmp_path)
        with pytest.raises(Unseen, match="apt-get is not there"):
            look(ground)
