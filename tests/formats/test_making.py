"""The messages the node makes itself, read back by its own reader."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from edge_node.formats import making
from edge_node.formats.ids import message_root, stamp
from edge_node.model.identifiers import ApplicationId, InteractionId, Oid
from edge_node.model.interaction import Interaction, Pattern
from edge_node.model.message import Detail
from edge_node.policy.answer import Question, check_whole
from edge_node.policy.answer_form import warnings
from tests.formats.samples import CATALOGUE, PRESCRIPTION, QUERY, read

STAMP = stamp(
    message_root(Oid("2.16.840.1.113883.2.4.6.6.700001.1"), ApplicationId("700001")),
    datetime(2026, 7, 1, 10, tzinfo=UTC),
    "0" * 16,
)
NO_STORE = Detail("E", "NOSTORE", "2.16.840.1.113883.5.1100")
PUSH = read(PRESCRIPTION).wrapper
ASKED = read(QUERY).wrapper
FORWARDED = replace(ASKED, response_modality_code="R")
REQUESTS = [row for row in CATALOGUE.values() if row.is_request and not row.fhir]
ACCEPT = making.ACCEPT_ACKNOWLEDGEMENT
WITH_ACT = [row for row in REQUESTS if row.refusal not in {ACCEPT, making.BATCH_ANSWER}]
#: But for those that are answered with a batch only, or have no query in them.
BARE = {"MCCI_IN200101", "COMT_IN229229", "COMT_IN229229NL"}
QUERIES = [row for row in REQUESTS if row.pattern is Pattern.QUERY and str(row.refusal) not in BARE]


class TestAnAcceptAcknowledgement:
    @pytest.mark.parametrize("type_code", ["CA", "CE", "CR"])
    def test_answers_the_message_to_its_sender(self, type_code: str) -> None:
        """A sender believes only an acknowledgement that names its message."""
        made = read(making.accept_acknowledgement(PUSH, STAMP, type_code)).wrapper
        assert made.acknowledgement is not None
        assert (made.acknowledgement.type_code, made.acknowledgement.target) == (type_code, PUSH.id)
        assert (made.sender, made.receiver, made.accept_ack_code) == (PUSH.receiver, PUSH.sender, "NE")
        assert made.id == STAMP.id

    @pytest.mark.parametrize("processing", ["P", "T", "D"])
    def test_is_of_the_same_kind_of_processing(self, processing: str) -> None:
        """An answer for production to a message of a training would be taken for care."""
        made = read(making.accept_acknowledgement(replace(PUSH, processing_code=processing), STAMP, "CA")).wrapper
        assert made.processing_code == processing

    def test_gives_the_reasons(self) -> None:
        """What went wrong decides whether the sender tries again."""
        made = read(making.accept_acknowledgement(PUSH, STAMP, "CE", [NO_STORE])).wrapper
        assert made.acknowledgement is not None
        assert [detail.code for detail in made.acknowledgement.details] == ["NOSTORE"]


class TestANegativeAnswer:
    @pytest.mark.parametrize("row", REQUESTS, ids=lambda row: str(row.id))
    def test_comes_in_the_form_the_asker_waits_for(self, row: Interaction) -> None:
        """An asker that cannot read the no shows a time-out to its user."""
        made = read(making.negative_answer(row, FORWARDED, STAMP, [NO_STORE])).wrapper
        assert made.interaction == (row.refusal or making.ACCEPT_ACKNOWLEDGEMENT)
        assert made.acknowledgement is not None
        assert made.acknowledgement.type_code == ("CE" if made.interaction == making.ACCEPT_ACKNOWLEDGEMENT else "AE")
        assert [detail.code for detail in made.acknowledgement.details] == ["NOSTORE"]

    @pytest.mark.parametrize("row", REQUESTS, ids=lambda row: str(row.id))
    def test_belongs_to_its_question(self, row: Interaction) -> None:
        """The asker passes on nothing that does not: a no it throws away is a time-out again."""
        asked = replace(FORWARDED, interaction=row.id, root_name=str(row.id))
        made = read(making.negative_answer(row, asked, STAMP, [NO_STORE]))
        question = Question(row=row, wrapper=asked, zim=ApplicationId("1"), patient=None)
        assert (check_whole(question, made), warnings(question, made)) == (None, ())

    @pytest.mark.parametrize("row", QUERIES, ids=lambda row: str(row.id))
    def test_to_a_query_never_looks_like_no_data(self, row: Interaction) -> None:
        """An empty record and a failed question lead to different treatment."""
        body = making.negative_answer(row, FORWARDED, STAMP, [NO_STORE])
        made = read(body).wrapper
        assert (made.query_id, made.query_response_code) == (ASKED.query_id, "AE")
        assert body.count(b'Quantity value="0"') == 3
        assert [issue.code for issue in made.issues] == ["NOSTORE"]
        assert made.author == "device"

    @pytest.mark.parametrize("row", WITH_ACT, ids=lambda row: str(row.id))
    def test_names_the_trigger_event_of_the_answer(self, row: Interaction) -> None:
        """Receivers choose how they read a control act by it."""
        made = read(making.negative_answer(row, FORWARDED, STAMP, [NO_STORE])).wrapper
        assert row.refusal is not None
        assert made.trigger_event == CATALOGUE[str(row.refusal)].trigger_event

    def test_goes_from_the_one_asked_to_the_asker(self) -> None:
        """The switchboard sends an answer back by its receiver."""
        made = read(making.negative_answer(CATALOGUE["QUPC_IN990001NL"], FORWARDED, STAMP, [NO_STORE])).wrapper
        assert (made.sender, made.receiver) == (ASKED.receiver, ASKED.sender)

    def test_to_a_query_that_waits_for_a_batch_is_a_batch(self) -> None:
        """A local system that asks the switchboard reads only batches."""
        made = read(making.negative_answer(CATALOGUE["QUPC_IN990001NL"], ASKED, STAMP, [NO_STORE]))
        assert (str(made.wrapper.interaction), made.enclosed) == ("MCCI_IN200101", ())

    def test_to_an_order_is_its_refusal(self) -> None:
        """The index answers with accepted or refused of its own."""
        made = read(making.negative_answer(CATALOGUE["MFMT_IN002303NL"], PUSH, STAMP, [NO_STORE])).wrapper
        assert (str(made.interaction), made.query_id) == ("MFMT_IN002310NL", None)
        assert [issue.code for issue in made.issues] == ["NOSTORE"]

    def test_says_in_words_what_its_code_means(self) -> None:
        """Some systems show their users the words, and a code of few systems needs them by the rules."""
        made = making.negative_answer(CATALOGUE["QUPC_IN990001NL"], FORWARDED, STAMP, [NO_STORE])
        assert made.count(b'displayName="De ontvanger kon het bericht niet opslaan') == 2

    def test_of_a_site_has_the_trigger_event_named_after_it(self) -> None:
        """An interaction that a site declares is in no table of ours."""
        own = replace(CATALOGUE["QUPC_IN990001NL"], refusal=InteractionId("QUPC_IN999999NL"))
        made = read(making.negative_answer(own, FORWARDED, STAMP, [NO_STORE])).wrapper
        assert made.trigger_event == "QUPC_TE999999NL"

    def test_cannot_be_made_for_a_query_without_its_id(self) -> None:
        """An answer without queryId breaks its schema: a fault is what is left."""
        nameless = replace(FORWARDED, query_id=None)
        assert not making.can_refuse(CATALOGUE["QUPC_IN990001NL"], nameless)

    @pytest.mark.parametrize("name", ["COMT_IN118118", "QUMT_IN900008NL", "MFMT_IN002303NL", "REPC_IN990003NL"])
    def test_needs_no_query_id_where_the_answer_has_none(self, name: str) -> None:
        """A ping, an order and a notification are refused in their own form."""
        assert making.can_refuse(CATALOGUE[name], replace(FORWARDED, query_id=None))


class TestPingAndTick:
    def test_a_pong_answers_a_ping(self) -> None:
        """The switchboard asks whether the application is there."""
        ping = read(making.ping(ApplicationId("1"), ApplicationId("700001"), STAMP)).wrapper
        pong = read(making.pong(ping, STAMP)).wrapper
        assert str(pong.interaction) == "COMT_IN229229"
        assert pong.acknowledgement is not None
        assert pong.acknowledgement.target == ping.id

    def test_a_tick_wants_an_accept_acknowledgement(self) -> None:
        """Its answer is the proof that the transport works."""
        tick = read(making.tick(ApplicationId("700001"), ApplicationId("1"), STAMP)).wrapper
        assert (str(tick.interaction), tick.accept_ack_code) == ("COMT_IN113113NL", "AL")
