"""The messages the node makes, and those of the sandbox, against the published schemas."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge_node.formats import error_codes, making
from edge_node.formats.ids import message_root, stamp
from edge_node.model.identifiers import ApplicationId, Oid
from edge_node.model.interaction import Interaction, Pattern
from edge_node.model.message import Detail
from edge_node.sandbox.reading import read as read_sample
from edge_node.sandbox.samples.kinds import KINDS, Kind
from edge_node.sandbox.samples.making import Sample, Verdict
from edge_node.sandbox.samples.people import HOSPITAL, PRACTICE, party_of, patient
from tests.corpus.schemas import JGZ, PERINATAL, Form, Judge, joined, message_in, published
from tests.formats.samples import CATALOGUE, PRESCRIPTION, QUERY, read
from tests.sandbox.doubles import maker

ROOT = message_root(Oid("2.16.840.1.113883.2.4.6.6.700001.1"), ApplicationId("700001"))
STAMP = stamp(ROOT, datetime(2026, 7, 1, 10, tzinfo=UTC), "0" * 16)
NO_STORE = error_codes.detail("NOSTORE")
TOO_LATE = error_codes.detail("QABRTITI")
PUSH = read(PRESCRIPTION).wrapper
ASKED = read(QUERY).wrapper
FORWARDED = replace(ASKED, response_modality_code="R")
NOTHING_ASKED = replace(PUSH, query_id=None)

ROWS = [row for row in CATALOGUE.values() if row.is_request and not row.fhir]
ACCEPTING = [row for row in ROWS if row.refusal == making.ACCEPT_ACKNOWLEDGEMENT]
ACTS = [row for row in ROWS if row.refusal not in {making.ACCEPT_ACKNOWLEDGEMENT, making.BATCH_ANSWER}]
#: Questions that name no queryId, so their answers have no queryAck.
UNNUMBERED = {"COMT_IN118118", "COMT_IN118118NL"}
#: A continuation of a delivery is a push in the table, and answered as a query.
NUMBERED = {"QUQI_IN000003", "QUQI_IN000003UV"}
ANSWERED = [
    row for row in ACTS if str(row.id) in NUMBERED or (row.pattern is Pattern.QUERY and str(row.id) not in UNNUMBERED)
]
#: A subscription is asked for with a queryId or without.
REFUSED = [row for row in ACTS if row not in ANSWERED or str(row.id) == "QUMT_IN900008NL"]
#: All that such an answer may be.
ORDERED = {str(row.refusal) for row in REFUSED}
BATCHED = [row for row in ROWS if making.BATCH_ANSWER in row.answers]


@pytest.fixture(scope="module")
def accept_ack(corpus: Path) -> Judge:
    return published(corpus, f"{JGZ}/MCCI_IN000002.xsd")


@pytest.fixture(scope="module")
def batch(corpus: Path) -> Judge:
    return published(corpus, f"{JGZ}/MCCI_IN200101.xsd")


@pytest.fixture(scope="module")
def query_answer(corpus: Path) -> Judge:
    sandbox = {kind.answer for kind in KINDS.values() if kind.answer}
    return joined(corpus, Form.QUERY_ANSWER, {*(str(row.refusal) for row in ANSWERED), *sandbox})


@pytest.fixture(scope="module")
def act_answer(corpus: Path) -> Judge:
    return joined(corpus, Form.ACT_ANSWER, {str(answer) for row in REFUSED for answer in row.answers})


@pytest.fixture(scope="module")
def act(corpus: Path) -> Judge:
    return joined(corpus, Form.ACT, {"COMT_IN118118", "COMT_IN113113NL"})


class TestAnAcceptAcknowledgement:
    @pytest.mark.parametrize("folder", [JGZ, PERINATAL])
    @pytest.mark.parametrize(("type_code", "details"), [("CA", []), ("CE", [NO_STORE]), ("CR", [NO_STORE, TOO_LATE])])
    def test_is_valid(self, corpus: Path, folder: str, type_code: str, details: list[Detail]) -> None:
        """Local systems read it with code made from this schema."""
        made = making.accept_acknowledgement(PUSH, STAMP, type_code, details)
        assert published(corpus, f"{folder}/MCCI_IN000002.xsd").complaints(message_in(made)) == []

    @pytest.mark.parametrize("row", ACCEPTING, ids=lambda row: str(row.id))
    def test_that_refuses_a_push_is_valid(self, accept_ack: Judge, row: Interaction) -> None:
        """A sender strikes from its list what it cannot read, or sends it for ever."""
        made = making.negative_answer(row, NOTHING_ASKED, STAMP, [NO_STORE])
        assert accept_ack.complaints(message_in(made)) == []

    def test_that_is_spoilt_is_not(self, accept_ack: Judge) -> None:
        """The schemas do judge."""
        made = making.accept_acknowledgement(PUSH, STAMP, "CA").replace(b"targetMessage", b"targetMassage")
        assert accept_ack.complaints(message_in(made)) != []


class TestANegativeAnswer:
    def test_is_valid_by_its_own_schema(self, corpus: Path) -> None:
        """The one answer to a query whose whole schema was published."""
        made = making.negative_answer(CATALOGUE["REPC_IN002170NL"], FORWARDED, STAMP, [NO_STORE])
        assert published(corpus, f"{JGZ}/REPC_IN002171NL.xsd").complaints(message_in(made)) == []

    @pytest.mark.parametrize("row", ANSWERED, ids=lambda row: str(row.id))
    def test_to_a_query_is_valid(self, query_answer: Judge, row: Interaction) -> None:
        """The asker must be able to read why there is no answer."""
        made = making.negative_answer(row, FORWARDED, STAMP, [NO_STORE, TOO_LATE])
        assert query_answer.complaints(message_in(made)) == []

    @pytest.mark.parametrize("row", REFUSED, ids=lambda row: str(row.id))
    def test_to_an_order_is_valid(self, act_answer: Judge, row: Interaction) -> None:
        """A refused registration must be told from an accepted one."""
        made = making.negative_answer(row, NOTHING_ASKED, STAMP, [NO_STORE, TOO_LATE])
        assert act_answer.complaints(message_in(made)) == []

    @pytest.mark.parametrize("row", BATCHED, ids=lambda row: str(row.id))
    def test_in_place_of_a_batch_is_valid(self, batch: Judge, row: Interaction) -> None:
        """A local system that asked the switchboard reads only batches."""
        made = making.negative_answer(row, ASKED, STAMP, [NO_STORE])
        assert batch.complaints(message_in(made)) == []

    @pytest.mark.parametrize(
        ("old", "new"),
        [(b"reasonOf", b"reason"), (b"<queryAck>", b"<queryAck><x/>"), (b'typeCode="AUT"', b""), (b"EVN", b"DIS")],
    )
    def test_that_is_spoilt_is_not(self, query_answer: Judge, old: bytes, new: bytes) -> None:
        """The joined schemas judge the control act too."""
        made = making.negative_answer(CATALOGUE["QUPC_IN990001NL"], FORWARDED, STAMP, [NO_STORE])
        assert old in made
        assert query_answer.complaints(message_in(made.replace(old, new))) != []


class TestPingAndTick:
    def test_are_valid(self, act: Judge) -> None:
        """The switchboard checks what it handles itself against the schemas."""
        ends = ApplicationId("700001"), ApplicationId("1")
        assert act.complaints(message_in(making.ping(*ends, STAMP))) == []
        assert act.complaints(message_in(making.tick(*ends, STAMP))) == []

    def test_pong_is_valid(self, act_answer: Judge) -> None:
        """The answer of a node to a ping of the switchboard."""
        assert act_answer.complaints(message_in(making.pong(PUSH, STAMP))) == []


NO = Verdict(type_code="AE", code="RTEDEST", text="nobody there")
NO_IN_WRAPPER = replace(NO, in_act=False)
NO_DATA = Verdict(type_code="AA")
QUESTIONS = [kind for kind in KINDS.values() if kind.answer and kind.template == "query"]
#: What is answered by content accepted or refused, and a ping.
KNOWN = [kind for kind in KINDS.values() if kind.answer and kind.interaction in CATALOGUE]
ORDERS = [kind for kind in KNOWN if str(CATALOGUE[kind.interaction].refusal) in ORDERED and kind not in QUESTIONS]
ELSEWHERE = str(HOSPITAL.application)


def asked_of(kind_name: str) -> Sample:
    return maker(PRACTICE).request(kind_name, receiver=ELSEWHERE, patient=patient(1))


class TestTheSandbox:
    @pytest.mark.parametrize("verdict", [Verdict(type_code="CA"), replace(NO_IN_WRAPPER, type_code="CE")])
    def test_accepts_validly(self, accept_ack: Judge, verdict: Verdict) -> None:
        """Developers of local systems try their readers on it."""
        made = maker(HOSPITAL).accept(read_sample(asked_of("prescription").body), verdict)
        assert accept_ack.complaints(message_in(made)) == []

    @pytest.mark.parametrize("name", ["ping", "tick"])
    def test_asks_whether_one_is_there_validly(self, act: Judge, name: str) -> None:
        """The first thing two systems say to each other."""
        assert act.complaints(message_in(asked_of(name).body)) == []

    @pytest.mark.parametrize("verdict", [NO, NO_IN_WRAPPER, NO_DATA], ids=["no", "no in the wrapper", "no data"])
    @pytest.mark.parametrize("kind", QUESTIONS, ids=lambda kind: kind.name)
    def test_answers_without_data_validly(self, query_answer: Judge, kind: Kind, verdict: Verdict) -> None:
        """A local system must know a failed question from an empty record."""
        made = maker(HOSPITAL).answer(kind.answer or "", read_sample(asked_of(kind.name).body), None, verdict)
        assert query_answer.complaints(message_in(made)) == []

    @pytest.mark.parametrize("verdict", [NO, NO_IN_WRAPPER, NO_DATA], ids=["no", "no in the wrapper", "yes"])
    @pytest.mark.parametrize("kind", ORDERS, ids=lambda kind: kind.name)
    def test_answers_orders_validly(self, act_answer: Judge, kind: Kind, verdict: Verdict) -> None:
        """A local system must know a refused registration from an accepted one."""
        refusal = CATALOGUE[kind.interaction].refusal
        answer = str(kind.answer if verdict.type_code == "AA" else refusal)
        made = maker(HOSPITAL).answer(answer, read_sample(asked_of(kind.name).body), None, verdict)
        assert act_answer.complaints(message_in(made)) == []

    @pytest.mark.parametrize("verdict", [NO, NO_DATA], ids=["no", "yes"])
    def test_bundles_validly(self, batch: Judge, verdict: Verdict) -> None:
        """The form of every answer of the switchboard to an indirect question."""
        made = maker(party_of("1")).batch(read_sample(asked_of("summary-query").body), verdict, 0)
        assert batch.complaints(message_in(made)) == []
