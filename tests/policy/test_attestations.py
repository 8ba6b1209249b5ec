"""What no machine can see: declared by a named person, until a date."""

from datetime import UTC, datetime, timedelta

import pytest

from edge_node.model.check import Attestation, Check, Kind, Result
from edge_node.policy import check_catalogue
from edge_node.policy.check_engine import attested

from .check_limits import limits

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ATTESTED = tuple(check for check in check_catalogue.load().values() if check.kind is Kind.ATTESTED)


@pytest.mark.parametrize("check", ATTESTED, ids=lambda check: check.name)
class TestEachAttestation:
    def made(self, check: Check) -> Attestation:
        return Attestation(
            check=check.name, owner="B. Manager", statement="seen", made_at=NOON, until=NOON + 200 * DAY
        )

    @pytest.mark.parametrize(
        ("days", "result"), [(0, Result.GOOD), (169, Result.GOOD), (171, Result.WARNED), (200, Result.UNKNOWN)]
    )
    def test_is_told_of_before_its_end_and_worth_nothing_from_then_on(
        self, check: Check, days: int, result: Result
    ) -> None:
        """What was so last year may be so still: nobody knows."""
        assert attested(check, self.made(check), limits(), NOON + days * DAY).result is result

    def test_that_nobody_made_is_unknown(self, check: Check) -> None:
        """Silence is no pass."""
        assert attested(check, None, limits(), NOON).result is Result.UNKNOWN

    def test_has_thresholds_that_say_how_long_it_counts(self, check: Check) -> None:
        """The report shows from where the date comes."""
        assert "attestation_days" in check.thresholds
