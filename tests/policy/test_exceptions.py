"""The exceptions that keep patients safe, for every check, every action and every kind of traffic.

A site may set what a check does. Whatever it sets, three kinds of traffic go on: a question of a person and emergency
access past every check but those that stop all traffic by themselves, and a removal from the index past every check
on users and consent.
"""

from datetime import UTC, datetime
from itertools import product

import pytest

from edge_node.model.check import Action, Check, Outcome, Result, Topic
from edge_node.model.finding import Finding, Severity
from edge_node.model.message import Direction
from edge_node.model.standing import Passing
from edge_node.policy import check_catalogue, check_engine
from edge_node.policy.check_engine import Declared
from edge_node.policy.standing import Standing

CHECKS = tuple(check_catalogue.load().values())
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PEOPLE = {Topic.USERS, Topic.PATIENTS}
#: Without them nothing goes at all: the switchboard would refuse it, or a test patient would meet a real one.
UNSAFE = {"cert-validity", "cert-chain", "cert-revoked", "environment-mix"}
#: What proves a message to be of another patient; it stops a removal too, of the wrong one.
OTHER_PATIENT = {"EN-WRONG-PATIENT", "EN-BSN-INVALID", "EN-TOKEN-PATIENT"}


def of(direction: Direction, kind: str) -> Passing:
    return Passing(
        direction=direction,
        identity="practice",
        is_query=kind in {"question of a person", "question of a system", "emergency"},
        by_person=kind == "question of a person",
        is_removal=kind == "removal",
        is_emergency=kind == "emergency",
    )


def violated(check: Check, action: Action) -> Standing:
    """What stands when the site sets that action, and all that the check is about is wrong."""
    wrong = Outcome(result=Result.VIOLATED)
    return Standing.of([check_engine.verdict(check, wrong, Declared(actions=(action,)), NOW)])


def stopped(check: Check, kind: str) -> set[tuple[Action, Direction]]:
    """With which actions, on which way, traffic of that kind is stopped."""
    both = product(Action, Direction)
    return {(action, way) for action, way in both if violated(check, action).stops(of(way, kind)) is not None}


def weights(check: Check, kind: str) -> set[Severity]:
    """What the findings that follow its action can do to a message of that kind."""
    every = product(Action, Direction, check.follows)
    return {violated(check, action).weight(Finding(code, ""), of(way, kind)) for action, way, code in every}


each = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)


class TestWhateverASiteSets:
    @each
    @pytest.mark.parametrize("kind", ["question of a person", "emergency"])
    def test_who_treats_a_patient_goes_on(self, check: Check, kind: str) -> None:
        """Nobody stands between a doctor and a patient but what makes all traffic unsafe."""
        assert bool(stopped(check, kind)) == (check.name in UNSAFE)

    @each
    def test_who_withdraws_is_removed(self, check: Check) -> None:
        """No check on users or consent keeps somebody in the index against his will."""
        assert stopped(check, "removal") == set() or check.topic not in PEOPLE

    @each
    @pytest.mark.parametrize("kind", ["question of a person", "emergency"])
    def test_what_is_found_on_a_message_does_not_stop_him_either(self, check: Check, kind: str) -> None:
        """A finding that follows the action of its check has the same exceptions."""
        assert weights(check, kind) <= {Severity.WARN} or not check.is_soft

    @each
    def test_what_is_found_on_a_removal_is_only_told(self, check: Check) -> None:
        """Nor does what was found on that very message."""
        assert weights(check, "removal") <= {Severity.WARN} or check.topic not in PEOPLE


FOUND = [
    pytest.param(check, code, id=f"{check.name}-{code}")
    for check in CHECKS
    if check.topic in PEOPLE
    for code in sorted(check.codes - OTHER_PATIENT)
]


class TestFindingsOnAMessage:
    @pytest.mark.parametrize(("check", "code"), FOUND)
    def test_on_users_and_consent_never_stop_a_removal(self, check: Check, code: str) -> None:
        """Whose card ended may still take a patient out of the index, if the switchboard lets him."""
        assert Standing().weight(Finding(code, ""), of(Direction.OUT, "removal")) is Severity.WARN

    @pytest.mark.parametrize("code", sorted(OTHER_PATIENT))
    def test_that_it_is_of_another_patient_stops_a_removal_too(self, code: str) -> None:
        """The wrong patient would vanish from the index."""
        assert Standing().weight(Finding(code, ""), of(Direction.OUT, "removal")) is Severity.BLOCK

    @pytest.mark.parametrize(("check", "code"), FOUND)
    def test_keep_their_weight_on_what_is_no_removal(self, check: Check, code: str) -> None:
        """The exception is for those alone."""
        follows = code in check.follows
        weight = Standing().weight(Finding(code, ""), of(Direction.OUT, "push"))
        assert follows or weight is Severity.BLOCK

    def test_of_consent_that_was_told_as_figures_never_stop_a_question(self) -> None:
        """That three patients are registered wrongly is no reason to keep data from the others' doctors."""
        check = check_catalogue.load()["consent-before-register"]
        asked = of(Direction.OUT, "question of a person")
        assert violated(check, Action.BLOCK_OUT).stops(asked) is None
