"""The messages the node makes itself, read back by its own reader."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from edge_node.formats import making
from edge_node.formats.ids import message_root, stamp
from edge_node.model.identifiers import ApplicationId, Oid
from edge_node.model.message import Detail
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


class TestAnAcceptAcknowledgement:
    @pytest.mark.parametrize("type_code", ["CA", "CE", "CR"])
    def test_answers_the_message_to_its_sender(self, type_code: str) -> None:
        """A sender believes only an acknowledgement that names its message."""
        made = read(making.accept_acknowledgement(PUSH, STAMP, type_code)).wrapper
        assert made.acknowledgement is not None
        assert (made.acknowledgement.type_code, made.acknowledgement.target) == (type_code, PUSH.id)
        assert (made.sender, made.receiver, made.accept_ack_code) == (PUSH.receiver, PUSH.sender, "NE")
        assert made.id == STAMP.id

    def test_gives_the_reasons(self) -> None:
        """What went wrong decides whether the sender tries again."""
        made = read(making.accept_acknowledgement(PUSH, STAMP, "CE", [NO_STORE])).wrapper
        assert made.acknowledgement is not None
        assert made.acknowledgement.details == (NO_STORE,)


class TestANegativeAnswer:
    @pytest.mark.parametrize("row", REQUESTS, ids=lambda row: str(row.id))
    def test_comes_in_the_form_the_asker_waits_for(self, row) -> None:  # type: ignore[no-untyped-def]
        """An asker that cannot read the no shows a time-out to its user."""
        made = read(making.negative_answer(row, FORWARDED, STAMP, [NO_STORE])).wrapper
        assert made.interaction in row.answers
        assert made.acknowledgement is not None
        assert not made.acknowledgement.is_positive
        assert made.acknowledgement.details == (NO_STORE,)

    def test_to_a_query_never_looks_like_no_data(self) -> None:
        """An empty record and a failed question lead to different treatment."""
        made = read(making.negative_answer(CATALOGUE["QUPC_IN990001NL"], FORWARDED, STAMP, [NO_STORE])).wrapper
        assert (made.query_id, made.query_response_code) == (ASKED.query_id, "AE")
        assert made.issues == (NO_STORE,)
        assert made.author == "device"

    def test_to_a_query_that_waits_for_a_batch_is_a_batch(self) -> None:
        """A local system that asks the switchboard reads only batches."""
        made = read(making.negative_answer(CATALOGUE["QUPC_IN990001NL"], ASKED, STAMP, [NO_STORE]))
        assert (str(made.wrapper.interaction), made.enclosed) == ("MCCI_IN200101", ())

    def test_to_an_order_is_its_refusal(self) -> None:
        """The index answers with accepted or refused of its own."""
        made = read(making.negative_answer(CATALOGUE["MFMT_IN002303NL"], PUSH, STAMP, [NO_STORE])).wrapper
        assert (str(made.interaction), made.issues) == ("MFMT_IN002310NL", (NO_STORE,))


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
