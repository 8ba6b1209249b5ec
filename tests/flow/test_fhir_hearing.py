"""FHIR answers, read as they come and held against what was asked."""

import pytest
from twisted.internet.defer import Deferred

from edge_node.errors import NotSent, OutcomeUnknown, Refused
from edge_node.model.exchange import Reply
from edge_node.model.fhir import TokenMode
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction
from tests import fhir
from tests.doubles import GivenAnswer, ScriptedDoor
from tests.flow.bench import Bench, gathered, result
from tests.nouns import PRACTICE, an_application

BIG = fhir.bundle(count=4_000)


def pieces(body: bytes, size: int = 65536) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)]


def asked(answer: GivenAnswer | Exception) -> Reply:
    return Bench(ScriptedDoor(answer)).fhir(Direction.OUT, fhir.payload())


class TestWhole:
    def test_passes_byte_for_byte_with_the_headers_that_matter(self) -> None:
        """Where it is and which version it is, not what the other side's server is called."""
        reply = asked(fhir.answer(fhir.bundle(), etag='W/"1"', server="x", aorta_id=fhir.IDS))
        assert (reply.status, reply.body) == (200, fhir.bundle())
        assert reply.headers == (("etag", 'W/"1"'), ("aorta-id", fhir.IDS))

    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            (fhir.answer(fhir.bundle(fhir.OTHER)), "EN-ANSWER-MISMATCH"),
            (fhir.answer(fhir.task()), "EN-ANSWER-MISMATCH"),
            (fhir.answer(fhir.bundle()[:-1]), "EN-ANSWER-BROKEN"),
            (fhir.answer(b""), "EN-ANSWER-BROKEN"),
            (GivenAnswer(b"<html/>", content_type="text/html"), "EN-ANSWER-BROKEN"),
            (GivenAnswer(fhir.bundle(), content_type=f"{fhir.JSON}; charset=latin1"), "EN-ANSWER-BROKEN"),
            (fhir.answer(fhir.bundle(), status=302), "EN-ANSWER-BROKEN"),
            (GivenAnswer(b"<html/>", content_type="text/html", status=502), "EN-SWITCHBOARD-FAULT"),
            (fhir.answer(b"oops", status=500), "EN-SWITCHBOARD-FAULT"),
            (NotSent(), "EN-SWITCHBOARD-UNREACHABLE"),
            (OutcomeUnknown(), "EN-SWITCHBOARD-TIMEOUT"),
        ],
    )
    def test_what_is_no_answer_is_called_what_it_is(self, answer: GivenAnswer | Exception, code: str) -> None:
        """One clear error, in a form the asker can read."""
        reply = asked(answer)
        assert (fhir.code_of(reply.body), dict(reply.headers)["edge-node-error"]) == (code, code)

    def test_document_that_is_packed_is_said_to_be(self) -> None:
        """A letter that came compressed unasked would otherwise open as noise."""
        letter = GivenAnswer(b"\x1f\x8b", content_type="application/pdf", headers=(("content-encoding", "gzip"),))
        reply = Bench(ScriptedDoor(letter)).fhir(Direction.OUT, fhir.payload("fhir/R4/Binary/1"))
        assert ("content-encoding", "gzip") in reply.headers

    def test_error_of_the_other_side_in_fhir_is_its_own(self) -> None:
        """It says more than we could."""
        body = b'{"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}'
        reply = asked(fhir.answer(body, status=403))
        assert (reply.status, reply.body) == (403, body)


class TestLarge:
    def streamed(self, body: bytes) -> "Deferred[bytes]":
        return Deferred.fromCoroutine(gathered(asked(fhir.answer(*pieces(body)))))

    def test_begins_before_it_is_whole(self) -> None:
        """Not everything is held."""
        reply = asked(fhir.answer(*pieces(BIG)))
        assert (reply.stream is not None, reply.body) == (True, b"")

    def test_comes_to_its_end(self) -> None:
        """Byte for byte."""
        assert result(self.streamed(BIG)) == BIG

    def test_may_say_what_it_is_at_its_end(self) -> None:
        """In JSON the type of a resource may stand anywhere."""
        late = (
            b'{"entry": ' + BIG.partition(b'"entry": ')[2][:-1] + b', "type": "searchset", "resourceType": "Bundle"}'
        )
        assert result(self.streamed(late)) == late

    @pytest.mark.parametrize(
        "body", [BIG[:-1], BIG.replace(b"searchset", b"history  "), fhir.bundle(fhir.OTHER, 4_000)]
    )
    def test_never_looks_whole_when_it_is_not(self, body: bytes) -> None:
        """Cut short, another kind of Bundle, another patient: broken off, or refused before the first byte."""
        reply = asked(fhir.answer(*pieces(body)))
        if_streamed = Deferred.fromCoroutine(gathered(reply)) if reply.stream is not None else None
        failed = if_streamed is not None and isinstance(result(if_streamed).value, OutcomeUnknown)
        assert failed or reply.status == 500


class TestKept:
    @pytest.mark.parametrize(
        ("answer", "ended"),
        [
            (fhir.answer(fhir.task(), status=201), (Event.ACKNOWLEDGED, "201")),
            (fhir.answer(b"", status=422), (Event.REFUSED_FOR_GOOD, "EN-DELIVERY-REFUSED")),
            (fhir.answer(b"<html/>", status=404), (Event.CONFIGURATION_ERROR, "EN-SWITCHBOARD-FAULT")),
            (fhir.answer(b"", status=503), ("again", "503")),
            (fhir.answer(b"", status=401), (Event.TOKEN_SPENT, "401")),
            (fhir.answer(b"oops", status=500), (Event.TOKEN_SPENT, "EN-OUTCOME-UNKNOWN")),
            (Refused(code="EN-TOKEN-REFUSED"), (Event.TOKEN_SPENT, "EN-TOKEN-REFUSED")),
            (NotSent(code="EN-AUTHORISATION-UNREACHABLE"), ("again", "EN-AUTHORISATION-UNREACHABLE")),
        ],
    )
    def test_goes_on_as_the_answer_says(self, answer: GivenAnswer | Exception, ended: tuple[object, str]) -> None:
        """Delivered, refused, again, to be signed, or to be looked at: never one taken for another."""
        exchanges = an_application(fhir_tokens=TokenMode.EXCHANGE, renews_tokens=True)
        bench = Bench(ScriptedDoor(answer), applications={PRACTICE: exchanges})
        said = {"authorization": "", "edge_node_transaction_token": fhir.transaction_token()}
        bench.fhir(Direction.OUT, fhir.payload("fhir/R4/Task", "POST", fhir.task(), **said))
        assert [(event, code) for _, event, code in bench.keeper.ended] == [ended]


class TestNeedsToken:
    @pytest.mark.parametrize(
        ("answer", "status", "code"),
        [
            (Refused(code="EN-TOKEN-REFUSED"), 401, "EN-TOKEN-REFUSED"),
            (fhir.answer(b"", status=401), 401, "EN-TOKEN-SPENT"),
            (OutcomeUnknown(), 504, "EN-OUTCOME-UNKNOWN"),
        ],
    )
    def test_says_where_it_waits(self, answer: GivenAnswer | Exception, status: int, code: str) -> None:
        """The user signs again at that address; nothing else for the patient goes until then."""
        exchanges = an_application(fhir_tokens=TokenMode.EXCHANGE, renews_tokens=True)
        bench = Bench(ScriptedDoor(answer), applications={PRACTICE: exchanges})
        said = {"authorization": "", "edge_node_transaction_token": fhir.transaction_token()}
        reply = bench.fhir(Direction.OUT, fhir.payload("fhir/R4/Task", "POST", fhir.task(), **said))
        headers = dict(reply.headers)
        assert (reply.status, headers["edge-node-error"], headers["edge-node-state"]) == (status, code, "needs-token")
        assert headers["location"] == f"/v1/messages/{1:032x}"
        assert b"waits for a new signature" in reply.body


class TestPush:
    @pytest.mark.parametrize(
        ("answer", "status", "abandoned"),
        [
            (fhir.answer(fhir.task(), status=201), 201, []),
            (fhir.answer(b"", status=204), 204, []),
            (fhir.answer(b"", status=400), 400, [("EN-DELIVERY-REFUSED", False)]),
            (fhir.answer(b"oops", status=500), 504, [("EN-SWITCHBOARD-FAULT", True)]),
            (fhir.answer(b"", status=502), 504, [("EN-SWITCHBOARD-FAULT", True)]),
            (fhir.answer(fhir.outcome("RTEDEST"), status=500), 500, [("EN-DELIVERY-REFUSED", False)]),
            (fhir.answer(fhir.outcome("NEVERHEARD"), status=500), 504, [("EN-SWITCHBOARD-FAULT", True)]),
            (fhir.answer(fhir.bundle()), 504, [("EN-ANSWER-MISMATCH", True)]),
        ],
    )
    def test_outcome_is_what_the_answer_says(
        self, answer: GivenAnswer, status: int, abandoned: list[tuple[str, bool]]
    ) -> None:
        """Done, refused, or unknown: never one called another."""
        bench = Bench(ScriptedDoor(answer))
        reply = bench.fhir(Direction.OUT, fhir.payload("fhir/R4/Task", "POST", fhir.task()))
        assert (reply.status, bench.keeper.abandoned) == (status, abandoned)
