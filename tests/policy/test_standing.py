"""What the standing verdicts stop, and what they never stop."""

from datetime import UTC, datetime

import pytest

from edge_node.model.check import Action, Maker, Origin, Outcome, Result, Verdict, Waiver
from edge_node.model.message import Direction
from edge_node.model.standing import Passing
from edge_node.policy import check_catalogue
from edge_node.policy.standing import Standing

CHECKS = check_catalogue.load()
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BOTH = (Action.BLOCK_OUT, Action.BLOCK_IN)
WRONG = Outcome(result=Result.VIOLATED)
WAIVER = Waiver(check="clock-offset", owner="A. Beheerder", reason="being mended", until=NOW, given_at=NOW)


def violated(name: str, actions: tuple[Action, ...] = BOTH, outcome: Outcome = WRONG) -> Verdict:
    return Verdict(
        check=CHECKS[name],
        outcome=outcome,
        since=NOW,
        looked_at=NOW,
        actions=actions,
        actions_origin=Origin(maker=Maker.SITE),
    )


def passing(
    *, is_query: bool = False, by_person: bool = False, is_removal: bool = False, is_emergency: bool = False
) -> Passing:
    return Passing(
        direction=Direction.OUT,
        identity="practice",
        is_query=is_query,
        by_person=by_person,
        is_removal=is_removal,
        is_emergency=is_emergency,
    )


QUERY_OF_A_PERSON = passing(is_query=True, by_person=True)


class TestStops:
    @pytest.mark.parametrize("exchange", [passing(), QUERY_OF_A_PERSON, passing(is_removal=True)])
    def test_everything_for_a_hard_check(self, exchange: Passing) -> None:
        """With a revoked certificate the switchboard refuses all: a clear reason at once is the best there is."""
        stopped_by = Standing.of([violated("cert-revoked")]).stops(exchange)
        assert stopped_by is not None
        assert stopped_by.check.name == "cert-revoked"

    def test_pushes_and_queries_of_systems_for_a_soft_one_that_the_site_made_block(self) -> None:
        """What a site sets to block blocks, or the setting would be a lie."""
        standing = Standing.of([violated("clock-offset")])
        assert standing.stops(passing()) is not None
        assert standing.stops(passing(is_query=True)) is not None

    def test_the_side_that_its_action_names_alone(self) -> None:
        """A rule on what goes out must not keep others from the data of a patient."""
        standing = Standing.of([violated("clock-offset", (Action.BLOCK_OUT,))])
        assert standing.is_blocking(Direction.OUT)
        assert not standing.is_blocking(Direction.IN)

    def test_only_the_organisation_that_it_is_about(self) -> None:
        """In a health centre the pharmacy goes on when the certificate of the practice ended."""
        of_pharmacy = Outcome(result=Result.VIOLATED, concerns=frozenset({"pharmacy"}))
        assert Standing.of([violated("cert-validity", BOTH, of_pharmacy)]).stops(passing()) is None

    def test_for_a_hard_check_before_a_soft_one(self) -> None:
        """The reason that is told is the one that must be mended first."""
        stopped_by = Standing.of([violated("clock-offset"), violated("cert-validity")]).stops(passing())
        assert stopped_by is not None
        assert stopped_by.check.name == "cert-validity"


class TestNeverStops:
    @pytest.mark.parametrize("name", ["peer-is-zim", "accesslog-writable"])
    def test_anything_that_is_stopped_at_once_where_it_happens(self, name: str) -> None:
        """Each handshake and each commit judge for themselves, and the next one may be good."""
        assert not Standing.of([violated(name)]).is_blocking(Direction.OUT)

    @pytest.mark.parametrize("name", [name for name, check in CHECKS.items() if check.is_soft])
    def test_a_query_of_a_person_for_a_soft_check(self, name: str) -> None:
        """A doctor with a patient in front of him does not wait for a clock or a form."""
        assert Standing.of([violated(name)]).stops(QUERY_OF_A_PERSON) is None

    @pytest.mark.parametrize("name", [name for name, check in CHECKS.items() if check.is_soft])
    def test_emergency_access_for_a_soft_check(self, name: str) -> None:
        """Emergency access goes through; the reason is asked afterwards."""
        assert Standing.of([violated(name)]).stops(passing(is_query=True, is_emergency=True)) is None

    @pytest.mark.parametrize("name", [name for name, check in CHECKS.items() if check.topic in {"D", "E"}])
    def test_a_withdrawal_for_a_rule_on_users_or_consent(self, name: str) -> None:
        """Who withdraws consent is removed from the index, whatever is wrong with the card of who does it."""
        assert Standing.of([violated(name)]).stops(passing(is_removal=True)) is None

    @pytest.mark.parametrize("result", [Result.GOOD, Result.WARNED, Result.UNKNOWN, Result.NOT_USED])
    def test_anything_for_what_is_not_violated(self, result: Result) -> None:
        """What could not be seen is never a reason to keep care from a patient."""
        standing = Standing.of([violated("cert-validity", BOTH, Outcome(result=result))])
        assert not standing.is_blocking(Direction.OUT)

    def test_anything_while_a_violation_is_not_grave(self) -> None:
        """A clock half a second off is wrong; only two seconds off spoil tokens."""
        slight = Outcome(result=Result.VIOLATED, is_grave=False)
        assert not Standing.of([violated("clock-offset", BOTH, slight)]).is_blocking(Direction.OUT)

    def test_anything_for_what_is_waived(self) -> None:
        """A named person answers for it until a date."""
        verdict = violated("clock-offset")
        waived = Verdict(
            check=verdict.check,
            outcome=verdict.outcome,
            since=NOW,
            looked_at=NOW,
            actions=BOTH,
            actions_origin=verdict.actions_origin,
            waiver=WAIVER,
        )
        assert not Standing.of([waived]).is_blocking(Direction.OUT)
