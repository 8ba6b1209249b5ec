"""Removals, emergency accesses and tokens on the disk: when each is late, unlooked at, or found."""

from datetime import UTC, datetime, timedelta

import pytest

from edge_node.model.check import Limits, Result, Threshold
from edge_node.model.emergency import EmergencyState
from edge_node.model.facts_users import EmergencyFacts, Removals, TokenScan
from edge_node.policy import check_users
from edge_node.settings.checks import CheckLimits

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LIMITS: Limits = {
    name: Threshold(name=name, value=float(value)) for name, value in CheckLimits() if value is not None
}


class TestARemoval:
    @pytest.mark.parametrize(
        ("facts", "result"),
        [
            (Removals(), Result.NOT_USED),
            (Removals(done=3, slowest_s=3600), Result.GOOD),
            (Removals(done=3, slowest_s=3601), Result.WARNED),
            (Removals(done=3, slowest_s=90_000), Result.WARNED),
            (Removals(waiting=1, oldest_s=3601), Result.WARNED),
            (Removals(waiting=1, oldest_s=86_401), Result.VIOLATED),
            (Removals(done=1, failed=1), Result.VIOLATED),
        ],
    )
    def test_is_late_in_two_steps(self, facts: Removals, result: Result) -> None:
        """One that was late and came through is told; one that is late is wrong."""
        assert check_users.withdrawal_latency(facts, LIMITS).result is result


class TestEmergencyAccess:
    @pytest.mark.parametrize(("days", "result"), [(7, Result.WARNED), (8, Result.VIOLATED)])
    def test_is_reviewed_within_a_week(self, days: int, result: Result) -> None:
        """After a month nobody knows any more why it was needed."""
        state = EmergencyState(open=2, unexplained=1, oldest_at=NOW - timedelta(days=days))
        assert check_users.emergencies(EmergencyFacts(at=NOW, state=state), LIMITS).result is result

    def test_that_was_reviewed_is_good(self) -> None:
        """An empty list is what it is for."""
        assert check_users.emergencies(EmergencyFacts(at=NOW, state=EmergencyState()), LIMITS).result is Result.GOOD


class TestATokenOnTheDisk:
    @pytest.mark.parametrize(
        ("found", "passes", "result"),
        [((), 0, Result.UNKNOWN), ((), 1, Result.GOOD), (("store.db",), 0, Result.VIOLATED)],
    )
    def test_is_absent_only_after_all_was_read(self, found: tuple[str, ...], passes: int, result: Result) -> None:
        """Half a search finds half."""
        scan = TokenScan(found=found, read_bytes=1, whole_passes=passes, files=1)
        assert check_users.token_at_rest(scan, LIMITS).result is result

    def test_is_told_with_the_age_of_what_was_seen(self) -> None:
        """A large store is searched a part at a time: what stands of it may be a day old."""
        scan = TokenScan(
            found=(), read_bytes=1, whole_passes=1, files=1, whole_bytes=512_000_000, whole_looks=4, whole_at=NOW
        )
        evidence = dict(check_users.token_at_rest(scan, LIMITS).evidence)
        assert evidence["last whole search"] == f"{NOW:%Y-%m-%dT%H:%M:%SZ}, 512.0 MB in 4 looks"
