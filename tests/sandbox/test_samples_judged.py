"""Samples keep every rule that the node judges by: developers copy them."""

from dataclasses import replace

import pytest

from edge_node.formats.hardened import XmlLimits
from edge_node.formats.reader import read_message
from edge_node.model.identifiers import ApplicationId, Ura
from edge_node.model.message import Direction, Reading
from edge_node.model.peer import LocalCaller
from edge_node.policy import answer_form
from edge_node.policy.answer import Question, check_whole
from edge_node.policy.case import Case
from edge_node.policy.judgement import judge, warnings
from edge_node.sandbox import reading as sandbox_reading
from edge_node.sandbox.batch import leg_kinds, make_leg
from edge_node.sandbox.samples.kinds import BY_INTERACTION, KINDS, LEGS, Kind, Role
from edge_node.sandbox.samples.making import Maker, Verdict
from edge_node.sandbox.samples.people import PHARMACY, PRACTICE, party_of, patient
from edge_node.sandbox.samples.table import table
from tests.nouns import ZIM, a_site, an_application
from tests.sandbox.doubles import maker

HERE = ApplicationId(PRACTICE.application)
OUTGOING = [kind for kind in KINDS.values() if kind.role is not Role.SIGNAL]
SIGNALS = [kind for kind in KINDS.values() if kind.role is Role.SIGNAL]
ANSWERED = [
    kind
    for kind in KINDS.values()
    if kind.role is Role.QUERY and kind.answer and BY_INTERACTION[kind.answer].template != "bare"
]
SITE = a_site(
    applications={HERE: an_application(id=HERE)},
    identities={"practice": replace(a_site().identities["practice"], ura=Ura(PRACTICE.ura))},
)


def read(body: bytes) -> Reading:
    return read_message(body, limits=XmlLimits(), patient_at=lambda name: table()[name].patient_at)


def case_of(kind: Kind, body: bytes, direction: Direction) -> Case:
    return Case(
        direction=direction,
        reading=read(body),
        path=kind.service,
        soap_action=kind.soap_action,
        row=table()[kind.interaction],
        caller=LocalCaller(name="his", method="bearer"),
        site=SITE,
    )


@pytest.fixture(scope="module")
def gp() -> Maker:
    return maker(PRACTICE)


@pytest.fixture(scope="module")
def switchboard() -> Maker:
    return maker(party_of("1"))


class TestSamples:
    @pytest.mark.parametrize("kind", OUTGOING, ids=lambda kind: kind.name)
    def test_that_go_out_keep_every_rule(self, gp: Maker, kind: Kind) -> None:
        """What a developer starts from must not teach him a mistake."""
        receiver = PHARMACY.application if kind.direct else "1"
        case = case_of(kind, gp.request(kind.name, receiver=receiver, patient=patient(1)).body, Direction.OUT)
        assert (judge(case), warnings(case)) == ((), ())

    @pytest.mark.parametrize("kind", SIGNALS, ids=lambda kind: kind.name)
    def test_that_the_switchboard_sends_keep_every_rule(self, switchboard: Maker, kind: Kind) -> None:
        """A local system is tested against them."""
        body = switchboard.request(kind.name, receiver=str(HERE), patient=patient(1)).body
        case = case_of(kind, body, Direction.IN)
        assert (judge(case), warnings(case)) == ((), ())

    @pytest.mark.parametrize("kind", ANSWERED, ids=lambda kind: kind.name)
    @pytest.mark.parametrize(
        "verdict",
        [
            Verdict(type_code="AA", quantity=1),
            Verdict(type_code="AA"),
            Verdict(type_code="AE", code="RTEDEST", text="x"),
        ],
        ids=["found", "nothing", "error"],
    )
    def test_that_answer_keep_every_rule(self, gp: Maker, kind: Kind, verdict: Verdict) -> None:
        """Whoever asks the sandbox learns what an answer looks like."""
        asked = gp.request(kind.name, receiver=PHARMACY.application, patient=patient(1)).body
        body = maker(PHARMACY).answer(str(kind.answer), sandbox_reading.read(asked), patient(1), verdict)
        reading = read(asked)
        row = replace(table()[kind.interaction], answers=(read(body).wrapper.interaction,))
        question = Question(row=row, wrapper=reading.wrapper, zim=ZIM, patient=reading.patients.one)
        assert check_whole(question, read(body)) is None
        assert [finding.detail for finding in answer_form.warnings(question, read(body))] == []


class TestLegs:
    @pytest.mark.parametrize("kind", LEGS, ids=lambda kind: kind.name)
    def test_have_the_context_their_row_demands(self, switchboard: Maker, kind: Kind) -> None:
        """A source refuses a leg that does not say in which context is asked."""
        body = switchboard.leg(kind, receiver=str(HERE), context="KZDI").body
        findings = judge(case_of(kind, body, Direction.IN))
        assert [finding for finding in findings if finding.code == "EN-ATTENTION-LINE"] == []

    @pytest.mark.parametrize("name", ["lab-sampling-query", "lab-order-query"])
    def test_have_the_patient_line_their_row_demands(self, switchboard: Maker, gp: Maker, name: str) -> None:
        """A demo in which the source refuses every leg shows nothing of the exchange."""
        asked = sandbox_reading.read(gp.request(name, receiver="1", patient=patient(1)).body)
        (kind,) = leg_kinds(asked, "Dienst")
        leg = make_leg(switchboard, asked, kind, str(HERE))
        assert [finding.code for finding in judge(case_of(kind, leg.body, Direction.IN))] == []
