"""Samples: every kind the programme names, with the wrapper of the national rules, realistic in size."""

import pytest
from lxml import etree

from edge_node.model.identifiers import Bsn
from edge_node.sandbox.reading import HL7, read
from edge_node.sandbox.samples.kinds import (
    ANSWERS,
    BY_INTERACTION,
    CONTEXT_DATA,
    CONTEXT_LEGS,
    KINDS,
    LEGS,
    Kind,
    Role,
)
from edge_node.sandbox.samples.making import Maker, Verdict
from edge_node.sandbox.samples.people import PARTIES, PRACTICE, patient
from edge_node.sandbox.samples.table import table
from tests.sandbox.doubles import maker

EVERY = [*KINDS.values(), *LEGS, *ANSWERS]
NAMES = {"h": HL7}


@pytest.fixture(scope="module")
def gp() -> Maker:
    return maker(PRACTICE)


class TestKinds:
    @pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.name)
    def test_each_is_in_use_at_the_site_of_the_sandbox(self, kind: Kind) -> None:
        """A sample of what is refused everywhere would teach developers the wrong thing."""
        assert table()[kind.interaction].active

    def test_every_answer_has_a_sample(self) -> None:
        """A question whose answer nobody can make shows nothing."""
        assert {kind.answer for kind in EVERY if kind.answer} == {kind.interaction for kind in ANSWERS}

    @pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
    def test_each_has_a_dutch_name(self, kind: Kind) -> None:
        """People of a practice know a message by the name of the field."""
        assert kind.title

    def test_no_two_kinds_share_an_address(self) -> None:
        """Two messages under one SOAPAction could not be told apart in a list of requests."""
        addresses = {(kind.soap_action, kind.interaction) for kind in KINDS.values()}
        assert len({action for action, _ in addresses}) == len(addresses)

    @pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
    def test_service_and_operation_are_those_of_the_table_where_it_knows_them(self, kind: Kind) -> None:
        """The address and the SOAPAction of a public service are not ours to invent."""
        known = table()[kind.interaction].soap_action
        assert known is None or kind.soap_action.replace("Batch_", "_") == known


class TestMessages:
    @pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
    def test_the_wrapper_is_as_the_rules_say(self, kind: Kind, gp: Maker) -> None:
        """Version, profile, codes and ids are what the switchboard checks first."""
        element = read(gp.request(kind.name, receiver="1", patient=patient(1)).body).element
        values = {etree.QName(child).localname: dict(child.attrib) for child in element}
        assert values["versionCode"] == {"code": "NICTIZEd2005-Okt"}
        assert values["profileId"] == {"extension": "810", "root": "2.16.840.1.113883.2.4.3.11.1"}
        assert values["interactionId"]["extension"] == etree.QName(element).localname == kind.interaction
        assert (values["processingCode"], values["processingModeCode"]) == ({"code": "P"}, {"code": "T"})
        assert values["creationTime"] == {"value": "20260301130000"}  # Dutch local time, to the second

    @pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
    def test_the_control_act_is_that_of_the_table(self, kind: Kind, gp: Maker) -> None:
        """The switchboard authorises by trigger event, and waits for the receipt that acceptAckCode promises."""
        element = read(gp.request(kind.name, receiver="1", patient=patient(1)).body).element
        row = table()[kind.interaction]
        assert element.xpath("string(//h:ControlActProcess/h:code/@code)", namespaces=NAMES) == row.trigger_event
        assert element.xpath("string(h:acceptAckCode/@code)", namespaces=NAMES) == (row.accept_ack or "AL")

    @pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
    def test_the_patient_stands_in_the_attention_line_where_the_table_says_so(self, kind: Kind, gp: Maker) -> None:
        """The switchboard authorises by that line; a number where none may be is a leak."""
        element = read(gp.request(kind.name, receiver="1", patient=patient(1)).body).element
        line = element.xpath("string(h:attentionLine/h:value/@extension)", namespaces=NAMES)
        allowed = {"BSN": {patient(1).bsn}, "noBSN": {""}}
        assert line in allowed.get(table()[kind.interaction].attention, {"", patient(1).bsn})

    @pytest.mark.parametrize("kind", [k for k in KINDS.values() if not k.token], ids=lambda kind: kind.name)
    def test_level_laag_has_a_device_as_author(self, kind: Kind, gp: Maker) -> None:
        """No person signed: nobody may be named as if he had."""
        element = read(gp.request(kind.name, receiver="1", patient=patient(1)).body).element
        act = element.find("h:ControlActProcess", NAMES)
        assert act is not None
        assert act.find("h:authorOrPerformer//h:AssignedDevice", NAMES) is not None
        assert act.find("h:overseer", NAMES) is None

    @pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
    def test_all_places_name_one_patient(self, kind: Kind, gp: Maker) -> None:
        """A sample that named two would be refused, and rightly."""
        body = gp.request(kind.name, receiver="1", patient=patient(4)).body
        numbers = read(body).element.xpath(".//@extension[../@root='2.16.840.1.113883.2.4.6.3']")
        assert set(numbers) <= {patient(4).bsn}

    @pytest.mark.parametrize("kind", [k for k in KINDS.values() if k.token], ids=lambda kind: kind.name)
    def test_level_midden_has_an_author_who_signed_for_this_message(self, kind: Kind, gp: Maker) -> None:
        """At this level a person answers for the message."""
        sample = gp.request(kind.name, receiver="1", patient=patient(1))
        seen = read(sample.body)
        attributes = dict(sample.token.attributes) if sample.token else {}
        assert seen.element.find(f".//{{{HL7}}}authorOrPerformer//{{{HL7}}}AssignedPerson") is not None
        assert (seen.element.find(f".//{{{HL7}}}overseer") is None) == kind.by_patient
        assert (attributes["messageIdExt"], attributes["interactionId"]) == (seen.id.extension, kind.interaction)

    @pytest.mark.parametrize(
        "kind", [k for k in (*KINDS.values(), *ANSWERS) if k.entries > 1], ids=lambda kind: kind.interaction
    )
    def test_messages_with_content_have_a_realistic_size(self, kind: Kind, gp: Maker) -> None:
        """Limits, threads and streams are only tried by messages of the size that occurs."""
        if kind.role is Role.ANSWER:
            question = read(gp.request("dispense-query", receiver="1", patient=patient(1)).body)
            log = [{"moment": "2026", "interaction": "X", "sender": "1", "outcome": "AA"}] * kind.entries
            body = gp.answer(kind.interaction, question, patient(1), Verdict(type_code="AA", quantity=1), log=log)
        else:
            body = gp.request(kind.name, receiver="1", patient=patient(1)).body
        assert 4_500 <= len(body) <= 200_000

    def test_an_indirect_query_asks_for_a_batch_and_a_direct_one_for_an_answer(self, gp: Maker) -> None:
        """Which of the two it is, the switchboard reads from one letter."""
        asked = [read(gp.request("dispense-query", receiver=to, patient=patient(1)).body) for to in ("1", "80000002")]
        assert [one.modality for one in asked] == ["B", "R"]

    def test_a_renewed_message_differs_in_its_token_only(self, gp: Maker) -> None:
        """The same message id must keep the same content for ever."""
        sample = gp.request("locum-report", receiver="80000003", patient=patient(1))
        renewed = gp.renewed(sample)
        assert read(renewed.body).token != read(sample.body).token
        assert renewed.body.split(b"<soap:Body>")[1] == sample.body.split(b"<soap:Body>")[1]

    def test_a_message_without_a_token_is_not_renewed(self, gp: Maker) -> None:
        """There is nothing to sign again."""
        sample = gp.request("prescription", receiver="80000002", patient=patient(1))
        assert gp.renewed(sample) is sample


class TestPeople:
    @pytest.mark.parametrize("index", [0, 1, 57, 399])
    def test_patients_have_test_numbers_that_pass_the_eleven_test(self, index: int) -> None:
        """A real citizen's number must never be in a sample."""
        assert Bsn(patient(index).bsn).value.startswith("9999")

    def test_no_two_parties_share_an_application(self) -> None:
        """Routing goes by application id."""
        assert len({party.ura for party in PARTIES.values()}) == len(PARTIES)

    def test_every_leg_of_the_context_query_has_an_answer(self) -> None:
        """A leg without one would leave a hole in every batch."""
        assert all(leg.answer in BY_INTERACTION for leg in LEGS)
        assert CONTEXT_LEGS.keys() == CONTEXT_DATA.keys()
