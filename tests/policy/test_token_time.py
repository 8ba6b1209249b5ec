"""A token counts within its window, and for no longer than its kind may."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from edge_node.model.finding import Severity
from edge_node.model.token import ProvenToken, TokenLimits
from edge_node.policy import token_time
from edge_node.policy.token_case import TokenCase
from tests.policy.token_cases import CARD, NOW, SUBJECT, enrolment, mandate, older, told, transaction, window

DAY = timedelta(days=1)


class TestAWindow:
    @pytest.mark.parametrize("token", [transaction, older])
    def test_of_a_token_for_one_message_is_short_or_it_is_told(self, token: type[ProvenToken]) -> None:
        """How short is not public: it is told and the switchboard judges."""
        long = token(**window(lasts=timedelta(seconds=301)))
        case = TokenCase(subject=SUBJECT, tokens=(long,), limits=TokenLimits(), at=NOW)
        (finding,) = token_time.check_window(case)
        assert (finding.code, finding.severity) == ("EN-TOKEN-WINDOW", Severity.WARN)
        assert told(token_time.check_window, token(**window(lasts=timedelta(seconds=300)))) == []

    def test_of_a_mandate_may_last(self) -> None:
        """It is given for months."""
        assert told(token_time.check_window, mandate(**window(lasts=100 * DAY))) == []

    @pytest.mark.parametrize("changes", [{"not_before": None}, {"not_after": "soon"}, window(lasts=timedelta(0))])
    def test_that_is_none_is_told_once(self, changes: dict[str, Any]) -> None:
        """The rules on now and on age have nothing to add."""
        assert told(token_time.check_window, enrolment(**changes)) == ["EN-TOKEN-WINDOW"]

    @pytest.mark.parametrize("changes", [{"not_before": None}, {"not_after": "soon"}])
    def test_that_cannot_be_read_stops_no_other_rule(self, changes: dict[str, Any]) -> None:
        """A rule that fell over would answer a doctor with a fault of the node."""
        assert told(token_time.check_now, enrolment(**changes)) == []
        assert told(token_time.check_enrolment_age, enrolment(**changes)) == []


class TestTheHourThatComesTwice:
    @pytest.mark.parametrize(
        ("begins", "ends", "at", "codes"),
        [
            ("20261025021000", "20261025021500", "00:12", []),
            ("20261025021000", "20261025021500", "01:12", []),
            ("20261025021000", "20261025021500", "00:16", ["EN-TOKEN-EXPIRED"]),
            ("20261025021000", "20261025021500", "01:16", ["EN-TOKEN-EXPIRED"]),
            ("20261025021000", "20261025021500", "01:09", ["EN-TOKEN-NOT-YET"]),
            ("20261025025800", "20261025020300", "01:01", []),
            ("20261025025800", "20261025030300", "02:01", []),
            ("20261025015800", "20261025020300", "00:01", []),
            ("20261025015800", "20261025020300", "01:01", ["EN-TOKEN-EXPIRED"]),
        ],
    )
    def test_is_the_hour_that_it_is(self, begins: str, ends: str, at: str, codes: list[str]) -> None:
        """A doctor on duty in that night signs what counts now; whatever hour the other one is."""
        now = datetime.fromisoformat(f"2026-10-25T{at}:00+00:00")
        token = older(not_before=begins, not_after=ends)
        case = TokenCase(subject=SUBJECT, tokens=(token,), limits=TokenLimits(), at=now)
        found = [*token_time.check_window(case), *token_time.check_now(case)]
        assert [finding.code for finding in found] == codes


class TestAMandate:
    @pytest.mark.parametrize(("days", "codes"), [(1096, []), (1097, ["EN-TOKEN-MANDATE-AGE"])])
    def test_lasts_three_years(self, days: int, codes: list[str]) -> None:
        """Who has let somebody act for him says so again before long (domain reference GBZ 1.2)."""
        assert told(token_time.check_mandate_age, mandate(**window(lasts=days * DAY))) == codes

    def test_without_a_window_is_told_by_another_rule(self) -> None:
        """One mistake, one finding."""
        assert told(token_time.check_mandate_age, mandate(not_after="soon")) == []


class TestAnEnrolment:
    @pytest.mark.parametrize(
        ("changes", "codes"),
        [
            (window(lasts=549 * DAY), []),
            (window(lasts=550 * DAY), ["EN-TOKEN-ENROLMENT-AGE"]),
            (window(begins=CARD.not_before - NOW, lasts=400 * DAY), []),
            (window(begins=CARD.not_before - NOW - DAY, lasts=400 * DAY), ["EN-TOKEN-ENROLMENT-AGE"]),
        ],
    )
    def test_lasts_a_year_and_a_half_and_begins_with_its_card(
        self, changes: dict[str, Any], codes: list[str]
    ) -> None:
        """An older card is another card (domain reference GBZ 5.4)."""
        assert told(token_time.check_enrolment_age, enrolment(**changes)) == codes

    def test_of_a_card_that_is_not_known_is_held_to_its_length(self) -> None:
        """When that card began, nobody here has seen."""
        begun = {"card": None, **window(begins=-500 * DAY, lasts=540 * DAY)}
        assert told(token_time.check_enrolment_age, enrolment(**begun)) == []


class TestAClockInDoubt:
    def test_ends_nothing(self) -> None:
        """Nobody can say what time it is."""
        assert told(token_time.check_now, transaction(**window(begins=-DAY)), at=None) == []
        assert told(token_time.check_now, transaction(**window(begins=-DAY))) == ["EN-TOKEN-EXPIRED"]
