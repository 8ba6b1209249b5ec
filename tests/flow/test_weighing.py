"""What a finding does to its message: the action of its check decides, and never against a patient."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from edge_node.model.check import Action, Maker, Origin, Outcome, Result, Verdict, Waiver
from edge_node.model.exchange import Beside
from edge_node.model.site import Environment, MessageChecks
from edge_node.model.supplied import Consent, Supplied
from edge_node.policy import check_catalogue
from edge_node.policy.standing import Standing
from tests import messages
from tests.doubles import GivenAnswer, ScriptedDoor
from tests.flow.bench import Bench, fault, read

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
QUERY, REPORT, REGISTRATION = messages.a_query(), messages.a_report(), messages.a_registration()
UNVERIFIED = Beside(supplied=Supplied(bsn_verified=False))
REFUSED = Beside(supplied=Supplied(consent=Consent.NO))


def chosen(check: str, action: Action, **more: Any) -> Standing:
    """What stands when the site chose an action for a check."""
    verdict = Verdict(
        check=check_catalogue.load()[check],
        outcome=Outcome(result=Result.GOOD),
        since=NOON,
        looked_at=NOON,
        actions=(action,),
        actions_origin=Origin(maker=Maker.SITE),
        **more,
    )
    return Standing.of([verdict])


def sending(message: bytes, beside: Beside, standing: Standing | None = None) -> tuple[Bench, str]:
    """Send a message; say with which code it was refused, empty where it went on."""
    answer = messages.a_summary() if message is QUERY else messages.an_ack_of(read(message).wrapper)
    bench = Bench(ScriptedDoor(GivenAnswer(answer)))
    bench.beside = beside
    bench.standing = standing or Standing()
    reply = bench.from_local(message)
    return bench, fault(reply.body).code if reply.status == 500 else ""


class TestByDefault:
    def test_what_is_only_odd_is_told_and_passes(self) -> None:
        """Patient safety argues against blocking on soft findings."""
        bench, code = sending(REPORT, UNVERIFIED)
        assert (code, len(bench.out.asked)) == ("", 1)
        assert "EN-BSN-UNVERIFIED" in bench.watch.warnings

    def test_a_known_refusal_stops_a_registration(self) -> None:
        """The one thing of patients that is stopped without anybody asking for it."""
        bench, code = sending(REGISTRATION, REFUSED)
        assert (code, bench.out.asked) == ("EN-CONSENT-REFUSED", [])

    def test_a_known_refusal_stops_nothing_else(self) -> None:
        """Sending to a colleague needs no consent in the index."""
        assert sending(REPORT, REFUSED)[1] == ""


class TestWhatASiteChose:
    @pytest.mark.parametrize("action", [Action.BLOCK_MSG, Action.BLOCK_USER])
    def test_stops_the_message(self, action: Action) -> None:
        """A setting that changes only the report would be a lie."""
        bench, code = sending(REPORT, UNVERIFIED, chosen("bsn-verified", action))
        assert (code, bench.out.asked) == ("EN-BSN-UNVERIFIED", [])
        assert bench.lines == [("refused", "refused", "EN-BSN-UNVERIFIED")]

    def test_stops_no_message_of_another(self) -> None:
        """Only the one that is wrong."""
        good = Beside(supplied=Supplied(bsn_verified=True))
        assert sending(REPORT, good, chosen("bsn-verified", Action.BLOCK_MSG))[1] == ""

    @pytest.mark.parametrize("action", [Action.WARN, Action.LOG, Action.BLOCK_OUT])
    def test_of_no_message_stops_none(self, action: Action) -> None:
        """What would stop all traffic is another question, asked elsewhere."""
        assert sending(REPORT, UNVERIFIED, chosen("bsn-verified", action))[1] == ""

    def test_gives_way_to_a_waiver(self) -> None:
        """A named person took it upon him until a date."""
        waiver = Waiver(check="bsn-verified", owner="A", reason="b", until=NOON + timedelta(1), given_at=NOON)
        assert sending(REPORT, UNVERIFIED, chosen("bsn-verified", Action.BLOCK_MSG, waiver=waiver))[1] == ""

    def test_never_stops_a_question_of_a_person(self) -> None:
        """No form stands between a doctor and a patient."""
        assert sending(QUERY, UNVERIFIED, chosen("bsn-verified", Action.BLOCK_MSG))[1] == ""

    def test_never_stops_emergency_access(self) -> None:
        """It goes through, marked, and is looked at afterwards."""
        urgent = Beside(is_emergency=True, supplied=Supplied(bsn_verified=False))
        assert sending(REPORT, urgent, chosen("bsn-verified", Action.BLOCK_MSG))[1] == ""

    def test_an_emergency_registers_nobody_who_refused(self) -> None:
        """A registration helps nobody in an emergency, and the patient said no."""
        urgent = Beside(is_emergency=True, supplied=Supplied(consent=Consent.WITHDRAWN))
        assert sending(REGISTRATION, urgent)[1] == "EN-CONSENT-REFUSED"


class TestOfTheSite:
    """What the settings name is held against what stands in the message itself."""

    def test_a_role_that_is_not_named_is_told_or_refused(self) -> None:
        """The switchboard decides; here somebody hears beforehand that it will say no."""
        roles = MessageChecks(roles={"PMMG_IN040010NL02": frozenset({"17"}), "QUPC_IN990001NL": frozenset({"17"})})
        bench = Bench(ScriptedDoor(GivenAnswer(messages.a_summary())), checks=roles)
        bench.from_local(QUERY)
        assert "EN-ROLE" in bench.watch.warnings

    def test_a_test_patient_in_production_is_told(self) -> None:
        """A demonstration on the wrong system puts a stranger in somebody's file."""
        site = {"environment": Environment.PRODUCTION, "checks": MessageChecks(test_bsns=("9000", "9999"))}
        bench = Bench(ScriptedDoor(GivenAnswer(messages.an_ack_of(read(REPORT).wrapper))), **site)
        assert (bench.from_local(REPORT).status, "EN-BSN-TEST" in bench.watch.warnings) == (200, True)


class TestShown:
    def test_is_counted_message_by_message(self) -> None:
        """Whether anybody tells the node anything decides between good and unknown."""
        bench, _ = sending(REPORT, Beside(supplied=Supplied(bsn_verified=True, card_out_s=0)))
        assert bench.shown == [{"bsn_verified", "card_out_s"}]
