"""Samples: every kind the programme names, with the wrapper of the national rules, realistic in size."""

import pytest
from lxml import etree

from edge_node.formats import interactions
from edge_node.model.identifiers import Bsn
from edge_node.sandbox.reading import HL7, read
from edge_node.sandbox.samples.kinds import ANSWERS, BY_INTERACTION, KINDS, LEGS, Kind, Role
from edge_node.sandbox.samples.making import Maker, Verdict
from edge_node.sandbox.samples.people import PARTIES, PRACTICE, patient
from edge_node.sandbox.samples.titles import TITLES
from tests.sandbox.doubles import maker

NAMED = (
    "professional summary", "medication", "intolerances", "laboratory", "chain care", "access log", "connectivity",
    "locum report", "prescription", "medication process 9", "referral", "acute care", "youth health", "perinatal",
    "index", "notification", "medication use", "record transfer", "vaccination", "signalling", "consent",
)  # fmt: skip


@pytest.fixture(scope="module")
def gp() -> Maker:
    return maker(PRACTICE)


class TestKinds:
    @pytest.mark.parametrize("domain", NAMED)
    def test_every_domain_of_the_programme_has_a_sample(self, domain: str) -> None:
        """What no sample shows is tried by nobody before it is live."""
        assert any(kind.domain == domain for kind in KINDS.values())

    @pytest.mark.parametrize("kind", [*KINDS.values(), *LEGS, *ANSWERS], ids=lambda kind: kind.interaction)
    def test_each_agrees_with_the_national_table(self, kind: Kind) -> None:
        """A sample that breaks the rules would teach developers the wrong thing."""
        row = interactions.load()[kind.interaction]
        assert row.active
        assert (kind.trigger_event, kind.accept_ack) == (row.trigger_event, row.accept_ack)
        assert kind.token == (row.level == "midden")
        assert kind.answer is None or kind.answer in {str(answer) for answer in row.answers}

    def test_each_has_a_dutch_name(self) -> None:
        """People of a practice know a message by the name of the field."""
        assert TITLES.keys() == KINDS.keys()

    @pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
    def test_service_and_operation_are_those_of_the_table_where_it_knows_them(self, kind: Kind) -> None:
        """The address and the SOAPAction of a public service are not ours to invent."""
        known = interactions.load()[kind.interaction].soap_action
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
        assert seen.element.find(f".//{{{HL7}}}overseer") is not None
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
