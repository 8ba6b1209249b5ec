"""What a message must be before it leaves or enters."""

import re
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from edge_node.model.identifiers import Bsn, InteractionId
from edge_node.model.interaction import Inbound, Pattern, TrustLevel
from edge_node.model.message import Direction, Patients, QueryParameters
from edge_node.model.peer import LocalCaller, SwitchboardCaller
from edge_node.policy import answer_form
from edge_node.policy.case import Case
from edge_node.policy.judgement import RULES, judge, warnings
from tests.nouns import (
    ELSEWHERE,
    OTHER_PATIENT,
    PATIENT,
    PHARMACY,
    PRACTICE,
    ZIM,
    a_case,
    a_reading,
    a_row,
    a_site,
    a_wrapper,
    an_application,
)
from tests.peers import a_switchboard_caller


def codes(case: Case) -> list[str]:
    return [finding.code for finding in judge(case)]


def with_wrapper(**changes: Any) -> Case:
    """A question at level laag: no token that could be for another message."""
    return a_case(row=a_row(level=TrustLevel.LAAG), reading=a_reading(a_wrapper(**changes), tokens=()))


def inbound(**changes: Any) -> Case:
    wrapper = a_wrapper(sender=ZIM, receiver=PRACTICE)
    case = a_case(direction=Direction.IN, reading=a_reading(wrapper), caller=a_switchboard_caller("practice"))
    return replace(case, **changes)


class TestGoodMessages:
    def test_lets_a_good_query_leave(self) -> None:
        """A check that refuses good messages stands between a doctor and a patient."""
        assert codes(a_case()) == []

    def test_lets_a_good_query_enter(self) -> None:
        """The switchboard's own device may ask: its TLS identity is the authentication."""
        assert codes(inbound()) == []

    def test_lets_a_message_without_a_patient_pass(self) -> None:
        """Ping, tick and address book queries concern nobody."""
        assert codes(a_case(reading=a_reading(patients=Patients()))) == []


class TestInteraction:
    def test_refuses_what_no_table_names(self) -> None:
        """An unknown version would only be refused further on, with an obscure reason."""
        assert codes(a_case(row=None))[0] == "EN-INTERACTION-UNKNOWN"

    def test_refuses_an_inactive_version(self) -> None:
        """What is out of use must not be started with again."""
        assert codes(a_case(row=a_row(active=False))) == ["EN-INTERACTION-INACTIVE"]

    def test_refuses_an_answer_sent_as_a_request(self) -> None:
        """An answer without a question has nobody to go to."""
        assert codes(a_case(row=a_row(pattern=Pattern.ANSWER))) == ["EN-INTERACTION-ROLE"]

    def test_refuses_inbound_what_a_source_never_gets(self) -> None:
        """A register query is for the switchboard alone."""
        assert codes(inbound(row=a_row(inbound=Inbound.NEVER))) == ["EN-INTERACTION-ROLE"]

    def test_refuses_what_the_application_is_not_qualified_for(self) -> None:
        """Only registered message versions are exchanged (GBZ `interaction-registered`)."""
        narrow = an_application(interactions=frozenset({"COMT_IN118118"}))
        assert codes(a_case(site=a_site(applications={PRACTICE: narrow}))) == ["EN-INTERACTION-UNQUALIFIED"]

    def test_refuses_an_element_of_another_name(self) -> None:
        """The name of the element is what a receiver acts on, interactionId what was authorised."""
        assert codes(with_wrapper(root_name="REPC_IN990003NL")) == ["EN-INTERACTION-MISMATCH"]


class TestTransport:
    def test_refuses_a_message_without_its_envelope(self) -> None:
        """The switchboard takes SOAP: it would refuse it after the sender heard that it was kept."""
        assert codes(a_case(reading=a_reading(in_soap=False))) == ["EN-SOAP-ENVELOPE"]

    @pytest.mark.parametrize(
        "soap_action",
        ["", "Ping_PingPong", "urn:hl7-org:v3/Ping", "urn:hl7-org:v2/Ping_PingPong", 'urn:hl7-org:v3/"_x'],
    )
    def test_refuses_another_form_of_soapaction(self, soap_action: str) -> None:
        """The national services have one form."""
        assert codes(a_case(soap_action=soap_action))[0] == "EN-SOAPACTION-FORM"

    @pytest.mark.parametrize("path", ["", "Ping/x", "../Ping", "1Ping", "Ping?x"])
    def test_refuses_a_path_that_is_no_service(self, path: str) -> None:
        """The path is put behind an address of the other side: it must be a name and nothing else."""
        assert codes(a_case(path=path))[0] == "EN-SOAPACTION-FORM"

    def test_refuses_a_soapaction_of_another_service(self) -> None:
        """Path and SOAPAction say the same thing twice; when they differ one of them lies."""
        assert codes(a_case(path="Ping")) == ["EN-SOAPACTION-MISMATCH"]

    @pytest.mark.parametrize("path", ["VerstrekkingsLijstquery", "VerstrekkingsLijstqueryBatch"])
    def test_takes_both_forms_of_an_indirect_service(self, path: str) -> None:
        """A kind of data that is queried indirectly has two services."""
        row = a_row(service="VerstrekkingsLijstquery", batch_service="VerstrekkingsLijstqueryBatch")
        assert codes(a_case(row=row, path=path, soap_action=f"urn:hl7-org:v3/{path}_QueryResponse")) == []

    def test_refuses_another_service_than_the_table_has(self) -> None:
        """A dispense list query at Ping's address is a mistake of a setting."""
        row = a_row(service="VerstrekkingsLijstquery")
        assert codes(a_case(row=row)) == ["EN-SOAPACTION-MISMATCH"]


class TestWrapper:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"version_code": "2005"}, "EN-WRAPPER-VERSION"),
            ({"profile_id": "811"}, "EN-WRAPPER-VERSION"),
            ({"processing_code": "T"}, "EN-WRAPPER-PROCESSING-CODE"),
            ({"processing_mode_code": "A"}, "EN-WRAPPER-PROCESSING-MODE"),
            ({"accept_ack_code": "ER"}, "EN-WRAPPER-ACCEPT-ACK"),
            ({"creation_time": "20261121"}, "EN-WRAPPER-FIELD"),
        ],
    )
    def test_refuses_other_values(self, changes: dict[str, Any], code: str) -> None:
        """The values are fixed nationally; another one is refused by name."""
        assert codes(with_wrapper(**changes)) == [code]

    def test_lets_a_test_site_send_training_messages(self) -> None:
        """T is for training; production takes only P."""
        case = with_wrapper(processing_code="T")
        assert codes(replace(case, site=a_site(processing_codes=frozenset({"P", "T"})))) == []

    @pytest.mark.parametrize(
        "moment", ["20261121120000", "20261121120000.1234567", "20261121120000+0100", "20261121120000-01"]
    )
    def test_takes_moments_to_the_second_and_finer(self, moment: str) -> None:
        """At least second precision; .NET writes seven digits, the schemas take a zone of whole hours."""
        assert codes(with_wrapper(creation_time=moment)) == []


class TestWhoSpeaksForWhom:
    def test_refuses_a_sender_of_another_local_system(self) -> None:
        """The pharmacy's system must never speak as the practice."""
        assert codes(a_case(caller=LocalCaller(name="ais", method="bearer"))) == ["EN-SENDER-FOREIGN"]

    def test_refuses_a_sender_that_is_nobody_here(self) -> None:
        """An id that is not ours is not ours to use."""
        assert codes(with_wrapper(sender=ELSEWHERE)) == ["EN-SENDER-FOREIGN"]

    def test_lets_a_push_go_to_any_application(self) -> None:
        """A report goes to the patient's own practice, wherever that is."""
        assert codes(with_wrapper(receiver=ELSEWHERE, response_modality_code="R")) == []

    def test_refuses_a_message_to_oneself(self) -> None:
        """It would come back through the switchboard as somebody else's."""
        assert codes(with_wrapper(receiver=PRACTICE, response_modality_code="R")) == ["EN-RECEIVER-WRONG"]

    def test_refuses_inbound_for_an_id_that_is_not_ours(self) -> None:
        """Never forwarded, never processed."""
        wrapper = a_wrapper(sender=ZIM, receiver=ELSEWHERE)
        assert codes(inbound(reading=a_reading(wrapper))) == ["EN-RECEIVER-WRONG"]

    def test_refuses_inbound_at_the_other_organisations_name(self) -> None:
        """Two organisations behind one node stay two."""
        caller: SwitchboardCaller = a_switchboard_caller("practice")
        wrapper = a_wrapper(sender=ZIM, receiver=PHARMACY)
        assert codes(inbound(reading=a_reading(wrapper), caller=caller)) == ["EN-RECEIVER-WRONG"]


class TestPatient:
    def test_refuses_two_patients(self) -> None:
        """The attention line and the query name different people: one of them would see the other's record."""
        found = (("attention-line", PATIENT), ("query", OTHER_PATIENT))
        assert codes(a_case(reading=a_reading(patients=Patients(found=found)))) == ["EN-WRONG-PATIENT"]

    def test_takes_one_patient_at_many_places(self) -> None:
        """Saying it twice is no fault."""
        found: tuple[tuple[str, Bsn], ...] = (("attention-line", PATIENT), ("query", PATIENT))
        assert codes(a_case(reading=a_reading(patients=Patients(found=found)))) == []


class TestDirections:
    """The same message may be refused where it is made, and pass where it has come from far."""

    ODD: ClassVar = {
        "author": None,
        "trigger_event": "QUPC_TE990002NL",
        "trigger_system": "2.16.840.1.113883.1.18",
        "accept_ack_code": "AL",
        "unused": ("dataEnterer",),
    }

    def test_what_we_send_is_judged_as_the_switchboard_does(self) -> None:
        """A developer hears at once what the switchboard would say with an obscure code."""
        assert codes(with_wrapper(**self.ODD)) == ["EN-WRAPPER-ACCEPT-ACK", *["EN-CONTROL-ACT"] * 3]
        assert warnings(with_wrapper(**self.ODD)) == ()

    def test_what_comes_in_passes_with_a_warning(self) -> None:
        """A question from an emergency department is not sent back for a wrong code."""
        case = inbound(reading=a_reading(a_wrapper(sender=ZIM, receiver=PRACTICE, **self.ODD)))
        assert codes(case) == []
        found = {finding.code for finding in warnings(case)}
        assert found == {"EN-WRAPPER-ACCEPT-ACK", "EN-CONTROL-ACT", "EN-QUERY-FIELD"}

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"respond_to": "900077"}, "EN-WRAPPER-FIELD"),
            ({"author": "patient", "attention_lines": ()}, "EN-ATTENTION-LINE"),
            ({"query": QueryParameters(has_id=True, status_code="executing", modify_code="X")}, "EN-QUERY-FIELD"),
        ],
    )
    def test_what_no_source_forbids_is_only_told(self, changes: dict[str, Any], code: str) -> None:
        """What is only customary stops nobody's question, in neither direction."""
        coming = {"sender": ZIM, "receiver": PRACTICE, "response_modality_code": "R", **changes}
        for case in (with_wrapper(**changes), inbound(reading=a_reading(a_wrapper(**coming)))):
            assert codes(case) == []
            assert [finding.code for finding in warnings(case)] == [code]

    def test_a_rule_has_a_weight_in_one_direction_at_least(self) -> None:
        """A rule that binds nowhere is not one."""
        assert [rule for rule in RULES if rule.on_send is None and rule.on_receipt is None] == []

    def test_no_rule_is_run_twice(self) -> None:
        """One mistake, one finding."""
        checks = [rule.check for rule in RULES]
        assert len(checks) == len(set(checks))

    @pytest.mark.parametrize("check", [rule.check for rule in RULES] + list(answer_form.RULES))
    def test_each_rule_names_its_source(self, check: Any) -> None:
        """Whoever is refused may ask where that is written."""
        assert re.search(r"\((domain reference|design|GBZ|SOAP)", check.__doc__)


class TestAllAtOnce:
    def test_tells_everything_that_is_wrong(self) -> None:
        """A developer puts right five things at once, not one a day."""
        case = with_wrapper(version_code="x", processing_mode_code="x", interaction=InteractionId("REPC_IN990003NL"))
        assert codes(case) == ["EN-INTERACTION-MISMATCH", "EN-WRAPPER-VERSION", "EN-WRAPPER-PROCESSING-MODE"]


class TestRemovals:
    """Who withdraws his consent is taken out of the index, whoever sends it (design 6)."""

    REMOVAL: ClassVar = a_row(pattern=Pattern.PUSH, priority=0)

    @pytest.mark.parametrize("author", ["device", None])
    def test_are_not_stopped_for_their_author(self, author: str | None) -> None:
        """A rule on users never keeps somebody in the index against his will; the switchboard may still say no."""
        reading = a_reading(a_wrapper(author=author))
        case = a_case(row=self.REMOVAL, reading=reading)
        assert "EN-AUTHOR" not in codes(case)
        assert "EN-AUTHOR" in {finding.code for finding in warnings(case)}

    def test_are_not_stopped_for_a_token_that_is_not_there(self) -> None:
        """It is told, so that somebody mends it."""
        case = a_case(row=self.REMOVAL, reading=a_reading(tokens=()))
        assert "EN-TOKEN-MISSING" not in codes(case)
        assert "EN-TOKEN-MISSING" in {finding.code for finding in warnings(case)}

    def test_are_stopped_for_another_patient(self) -> None:
        """Whoever did not ask would vanish from the index."""
        patients = Patients(found=(("query", PATIENT), ("payload", OTHER_PATIENT)))
        assert "EN-WRONG-PATIENT" in codes(a_case(row=self.REMOVAL, reading=a_reading(patients=patients)))

    def test_alone_are_spared(self) -> None:
        """Everything else of ours is answered for by a person."""
        case = a_case(row=replace(self.REMOVAL, priority=1), reading=a_reading(tokens=()))
        assert "EN-TOKEN-MISSING" in codes(case)
