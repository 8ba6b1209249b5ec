"""What only local systems know: what nobody tells is unknown, and of several systems the worst counts."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import pytest

from edge_node.looking_at_supplied import rules
from edge_node.model.check import Limits, Outcome, Result, Threshold
from edge_node.model.facts_supplied import SuppliedFacts
from edge_node.model.facts_time import MessageFacts
from edge_node.model.told import Told
from edge_node.policy import check_catalogue
from edge_node.policy.check_engine import judge
from edge_node.settings.checks import CheckLimits

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LIMITS: Limits = {
    name: Threshold(name=name, value=float(value)) for name, value in CheckLimits() if value is not None
}
SHOWN = MessageFacts(window_s=86_400, handled=10, shown={"bsn_verified": 4})


def told(system: str = "his", days_ago: int = 0, **figures: Any) -> Told:
    return Told(system=system, at=NOW - timedelta(days=days_ago), figures=figures)


def of(check: str, *said: Told, messages: MessageFacts | None = None, **more: Any) -> Outcome:
    facts = SuppliedFacts(at=NOW, messages=messages or MessageFacts(window_s=86_400, handled=10), told=said, **more)
    return judge(rules()[check], check_catalogue.load()[check], facts, LIMITS)


class TestUnknown:
    @pytest.mark.parametrize("check", sorted(set(rules()) - {"role-allowed", "test-bsn"}))
    def test_is_what_nobody_tells(self, check: str) -> None:
        """Silence is no pass, however many messages went by."""
        outcome = of(check)
        assert (outcome.result, outcome.reason is not None) == (Result.UNKNOWN, True)

    def test_is_what_was_told_too_long_ago(self) -> None:
        """A count of last year says nothing of this week."""
        assert of("bsn-verified", told(days_ago=36, bsn_unverified=0)).result is Result.UNKNOWN

    def test_gives_way_to_who_tells_now(self) -> None:
        """A system that was replaced tells nothing any more, and nobody has to remove it."""
        found = of("bsn-verified", told("old", 36, bsn_unverified=9), told("new", bsn_unverified=0))
        assert found.result is Result.GOOD

    def test_is_half_of_the_accounts(self) -> None:
        """No unused account says nothing of shared ones."""
        assert of("shared-account", told(unused_account_days=3)).result is Result.UNKNOWN


class TestFigures:
    @pytest.mark.parametrize(
        ("check", "figures", "result"),
        [
            ("session-idle", {"session_idle_s": 900}, Result.GOOD),
            ("session-idle", {"session_idle_s": 901}, Result.VIOLATED),
            ("session-age", {"session_age_s": 43_201}, Result.VIOLATED),
            ("card-removed", {"card_out_s": 61}, Result.VIOLATED),
            ("user-review", {"users_reviewed_on": date(2026, 1, 1)}, Result.GOOD),
            ("user-review", {"users_reviewed_on": date(2025, 1, 1)}, Result.VIOLATED),
            ("user-review", {"users_reviewed_on": date(2026, 11, 23)}, Result.VIOLATED),
            ("shared-account", {"shared_accounts": 1}, Result.VIOLATED),
            ("shared-account", {"shared_accounts": 0, "unused_account_days": 91}, Result.WARNED),
            ("shared-account", {"shared_accounts": 0, "unused_account_days": 90}, Result.GOOD),
            ("wid-checked", {"identity_unchecked": 2}, Result.VIOLATED),
            ("consent-before-register", {"registered_without_consent": 1}, Result.VIOLATED),
            ("consent-before-register", {"registered_without_consent": 0}, Result.GOOD),
            ("index-reconcile", {"index_compared_on": date(2026, 1, 1)}, Result.VIOLATED),
            ("index-reconcile", {"index_compared_on": date(2026, 11, 21)}, Result.UNKNOWN),
            ("consent-at-answer", {"answers_look_at_consent": False}, Result.VIOLATED),
            ("temporary-patient-end", {"temporary_overdue": 1}, Result.VIOLATED),
            ("index-coverage", {"consenting": 100, "consenting_registered": 94}, Result.WARNED),
            ("index-coverage", {"consenting": 100, "consenting_registered": 95}, Result.GOOD),
            ("index-coverage", {"consenting": 0, "consenting_registered": 0}, Result.NOT_USED),
        ],
    )
    def test_are_held_against_the_thresholds(self, check: str, figures: dict[str, Any], result: Result) -> None:
        """Each threshold is where the settings have it."""
        assert of(check, told(**figures)).result is result

    def test_of_several_systems_count_by_the_worst(self) -> None:
        """A hospital has more than one, and the one that is wrong is what somebody must look at."""
        found = of("bsn-verified", told("his", bsn_unverified=0), told("zis", bsn_unverified=3))
        assert (found.result, found.value, found.concerns) == (Result.VIOLATED, "3", frozenset())
        assert {name for name, _ in found.evidence} >= {"told by his", "told by zis"}


class TestMessages:
    def test_that_say_so_make_a_check_good(self) -> None:
        """Evidence of each message is worth more than a word once a year."""
        found = of("bsn-verified", messages=SHOWN)
        assert (found.result, found.value) == (Result.GOOD, "0 of 4 in 24 h")

    def test_that_say_otherwise_are_told(self) -> None:
        """And the figures of the system do not hide it."""
        odd = MessageFacts(window_s=86_400, handled=10, shown={"bsn_verified": 4}, warned={"EN-BSN-UNVERIFIED": 1})
        assert of("bsn-verified", told(bsn_unverified=0), messages=odd).result is Result.WARNED


class TestTokens:
    """Where nobody judges tokens, nobody knows how they are."""

    @pytest.mark.parametrize(
        ("check", "kind"),
        [
            ("authn-level", "transaction"), ("card-valid", "mandate"), ("mandate-valid", "aorta805"),
            ("mandate-expiry", "mandate"), ("enrolment-token", "enrolment"),
        ],
    )  # fmt: skip
    def test_of_its_kind_are_what_a_check_needs(self, check: str, kind: str) -> None:
        """A pharmacy whose messages bear no mandate has none that is good."""
        judged = MessageFacts(window_s=86_400, handled=9, shown={kind: 5})
        assert of(check, messages=judged).value == "0 of 5 in 24 h"
        assert of(check).result is Result.UNKNOWN

    def test_that_were_refused_count_though_none_was_proven(self) -> None:
        """What cannot be proven is refused before it says of which kind it is."""
        refused = MessageFacts(window_s=86_400, handled=9, refused={"EN-TOKEN-CARD-CHAIN": 2})
        found = of("card-valid", messages=refused)
        assert (found.result, found.value) == (Result.WARNED, "2 of 2 in 24 h")


class TestWhereItIsOfNoUse:
    def test_roles_are_not_judged_without_a_list(self) -> None:
        """A check that can never find anything would be good for ever."""
        assert of("role-allowed").result is Result.NOT_USED
        assert of("role-allowed", has_roles=True).result is Result.GOOD

    def test_test_patients_are_looked_for_in_production(self) -> None:
        """Elsewhere there are no others."""
        odd = MessageFacts(window_s=86_400, handled=10, warned={"EN-BSN-TEST": 1})
        assert of("test-bsn", messages=odd).result is Result.NOT_USED
        assert of("test-bsn", messages=odd, has_test_patients=True).result is Result.WARNED


class TestTheVersionThatRuns:
    QUALIFIED: ClassVar = {"his": frozenset({"24.11"})}

    @pytest.mark.parametrize(("runs", "result"), [("24.11", Result.GOOD), ("24.12", Result.VIOLATED)])
    def test_is_the_one_that_was_qualified(self, runs: str, result: Result) -> None:
        """Messages of another version were never tried with the others."""
        found = of("xis-version-qualified", told(product_version=runs), qualified=self.QUALIFIED)
        assert (found.result, found.value) == (result, runs)

    def test_is_not_judged_where_the_settings_say_none(self) -> None:
        """The reason says where to write it."""
        found = of("xis-version-qualified", told(product_version="24.12"))
        assert found.result is Result.UNKNOWN
        assert found.reason is not None
        assert "version" in found.reason.en

    def test_cannot_be_two_that_were_qualified(self) -> None:
        """One system runs one version: for one of the two applications it is another than was qualified."""
        both = {"his": frozenset({"24.11", "24.12"})}
        found = of("xis-version-qualified", told(product_version="24.12"), qualified=both)
        assert found.result is Result.VIOLATED
