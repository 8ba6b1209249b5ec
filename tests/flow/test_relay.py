"""Queries in both directions."""

from typing import Any

import pytest
from twisted.internet.defer import Deferred, fail

from edge_node.errors import NotSent, OutcomeUnknown, StoreUnavailable
from edge_node.formats.fault_making import FaultReport, soap_fault
from edge_node.model.exchange import Beside, Reply
from tests import messages
from tests.doubles import GivenAnswer, ScriptedDoor
from tests.flow.bench import Bench, fault, gathered, read, result
from tests.nouns import PATIENT

ANSWER = messages.a_summary()
FAULT = soap_fault(FaultReport(code="EN-INTERACTION-UNKNOWN", detail=""))


def pieces(body: bytes, size: int = 65536) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)]


class TestOut:
    def test_passes_the_answer_byte_for_byte(self) -> None:
        """A doctor sees what the source sent, not what we make of it."""
        reply = Bench(ScriptedDoor(GivenAnswer(ANSWER))).from_local(messages.a_query())
        assert (reply.status, reply.body) == (200, ANSWER)

    def test_records_who_asked_about_whom(self) -> None:
        """Every query is in the access log."""
        bench = Bench(ScriptedDoor(GivenAnswer(ANSWER)))
        bench.from_local(messages.a_query())
        assert bench.lines == [("query", "ok", "asked"), ("answer", "ok", "answered")]
        assert {line.object.patient for line in bench.keeper.records} == {PATIENT.value}

    @pytest.mark.parametrize(
        ("given", "line"),
        [
            (NotSent(), ("answer", "error", "EN-NOT-SENT")),
            (OutcomeUnknown(), ("answer", "unknown", "EN-OUTCOME-UNKNOWN")),
            (GivenAnswer(b"<html>"), ("answer", "error", "EN-ANSWER-BROKEN")),
            (GivenAnswer(FAULT, status=500), ("answer", "refused", "EN-INTERACTION-UNKNOWN")),
            (GivenAnswer(messages.a_summary(bsn="123456782")), ("answer", "error", "EN-ANSWER-MISMATCH")),
            (GivenAnswer(ANSWER.replace(b'"AA"', b'"AE"')), ("answer", "refused", "AE")),
        ],
    )
    def test_records_how_it_ended(self, given: Any, line: tuple[str, str, str]) -> None:
        """An auditor sees not only that somebody asked, but whether he got to see anything."""
        bench = Bench(ScriptedDoor(given))
        bench.from_local(messages.a_query())
        assert bench.lines == [("query", "ok", "asked"), line]

    def test_records_the_end_of_a_long_answer(self) -> None:
        """What broke off in the middle was seen in part: nobody knows how much."""
        long = messages.a_summary(filler=400_000)
        bench = Bench(ScriptedDoor(GivenAnswer(*pieces(long), OutcomeUnknown())))
        reply = bench.from_local(messages.a_query())
        with pytest.raises(OutcomeUnknown):
            result(Deferred.fromCoroutine(gathered(reply))).raiseException()
        assert bench.lines[-1] == ("answer", "unknown", "EN-OUTCOME-UNKNOWN")

    def test_records_what_an_answer_says(self) -> None:
        """With its id and its acknowledgement it is found in the log of the other side."""
        bench = Bench(ScriptedDoor(GivenAnswer(ANSWER)))
        bench.from_local(messages.a_query())
        said = bench.keeper.records[-1].correlation
        assert (said.ack, said.answer) == ("AA", f"{messages.ROOT}/a-q1")

    def test_passes_an_answer_while_the_disk_hangs(self) -> None:
        """Who asked for whom is durable: what was fetched for a doctor does not wait for how it ended."""
        bench = Bench(ScriptedDoor(GivenAnswer(ANSWER)))
        bench.keeper.ending = Deferred()
        reply = bench.start_from_local(messages.a_query())
        assert not reply.called
        bench.clock.advance(1.0)
        assert result(reply).body == ANSWER
        bench.keeper.ending.callback(None)
        assert bench.lines == [("query", "ok", "asked"), ("answer", "ok", "answered")]

    @pytest.mark.parametrize("error", [StoreUnavailable(), ValueError()], ids=["the store", "a fault of ours"])
    def test_passes_an_answer_of_which_the_end_cannot_be_written(self, error: Exception) -> None:
        """Whatever is wrong with the line, the doctor reads what was fetched for him."""
        bench = Bench(ScriptedDoor(GivenAnswer(ANSWER)))
        bench.keeper.ending = fail(error)
        assert bench.from_local(messages.a_query()).body == ANSWER

    def test_passes_nothing_that_could_not_be_recorded(self) -> None:
        """No byte of an answer leaves before its record is durable."""
        bench = Bench(ScriptedDoor(GivenAnswer(ANSWER)))
        bench.keeper.is_full = True
        reply = bench.from_local(messages.a_query())
        assert fault(reply.body).code == "EN-STORE-FULL"

    @pytest.mark.parametrize(
        "answer",
        [
            messages.a_summary(target="another"),
            messages.a_summary(query="another"),
            messages.a_summary(bsn="123456782"),
        ],
    )
    def test_passes_no_answer_to_another_question(self, answer: bytes) -> None:
        """Another patient's record under this patient's name is the worst a relay can do."""
        reply = Bench(ScriptedDoor(GivenAnswer(answer))).from_local(messages.a_query())
        assert fault(reply.body).code == "EN-ANSWER-MISMATCH"

    @pytest.mark.parametrize("answer", [b"", b"<html>", ANSWER[:-20], b"\x00\x01"])
    def test_passes_no_broken_answer(self, answer: bytes) -> None:
        """A truncated answer reads as a complete one with less in it."""
        reply = Bench(ScriptedDoor(GivenAnswer(answer))).from_local(messages.a_query())
        assert fault(reply.body).code == "EN-ANSWER-BROKEN"

    @pytest.mark.parametrize("size", [3, 50, 65536])
    def test_passes_a_fault_however_it_comes(self, size: int) -> None:
        """What the switchboard says of a question is not hidden by a slow line."""
        long = FAULT.replace(b"<detail>", b'<detail><at a="' + b"x" * 5000 + b'"/>')
        reply = Bench(ScriptedDoor(GivenAnswer(*pieces(long, size), status=500))).from_local(messages.a_query())
        assert reply.body == long

    @pytest.mark.parametrize(
        ("error", "code"),
        [(NotSent(), "EN-SWITCHBOARD-UNREACHABLE"), (OutcomeUnknown(), "EN-SWITCHBOARD-TIMEOUT")],
    )
    def test_says_what_is_wrong_when_nobody_answers(self, error: Exception, code: str) -> None:
        """One clear error, and a person may ask again."""
        said = fault(Bench(ScriptedDoor(error)).from_local(messages.a_query()).body)
        assert (said.code, said.retry) == (code, True)

    def test_fails_in_no_time_while_the_link_is_down(self) -> None:
        """A doctor whose colleague's question is trying the line hears at once: not a tick of the clock is waited."""
        held: Deferred[GivenAnswer] = Deferred()
        bench = Bench(ScriptedDoor(*[NotSent()] * 5, held))
        for number in range(5):
            bench.from_local(messages.a_query(f"q{number}"))
        bench.start_from_local(messages.a_query("trying"))
        assert fault(bench.from_local(messages.a_query("second")).body).code == "EN-LINK-OPEN"
        assert (bench.clock.seconds(), len(bench.out.asked)) == (0, 6)

    def test_tries_in_an_emergency_whoever_else_is_trying(self) -> None:
        """Nobody who stands beside a patient is told to come back later without a try."""
        held: Deferred[GivenAnswer] = Deferred()
        bench = Bench(ScriptedDoor(*[NotSent()] * 5, held, GivenAnswer(ANSWER)))
        for number in range(5):
            bench.from_local(messages.a_query(f"down-{number}"))
        bench.start_from_local(messages.a_query("trying"))
        bench.beside = Beside(is_emergency=True)
        assert bench.from_local(messages.a_query()).body == ANSWER

    def test_never_repeats_a_query(self) -> None:
        """A second one would be a second entry in the patient's log."""
        bench = Bench(ScriptedDoor(OutcomeUnknown()))
        bench.from_local(messages.a_query())
        assert len(bench.out.asked) == 1

    def test_passes_the_switchboards_own_fault(self) -> None:
        """It says more than we could."""
        bench = Bench()
        body = bench.answers.fault("EN-INTERNAL", "").body
        bench.out = ScriptedDoor()
        reply = Bench(ScriptedDoor(GivenAnswer(body, status=500))).from_local(messages.a_query())
        assert (reply.status, reply.body) == (500, body)

    def test_passes_no_fault_that_is_larger_than_a_fault_can_be(self) -> None:
        """Only its first part is held: passed on as it is, it would be half a fault called whole."""
        body = Bench().answers.fault("EN-INTERNAL", "").body.replace(b"</detail>", b"<x/>" * 90_000 + b"</detail>")
        answer = GivenAnswer(*pieces(body), status=500)
        reply = Bench(ScriptedDoor(answer)).from_local(messages.a_query())
        assert fault(reply.body).code == "EN-ANSWER-BROKEN"
        assert answer.is_aborted

    def test_lets_go_of_the_switchboard_when_the_asker_hangs_up(self) -> None:
        """A connection kept for an answer nobody reads is one fewer for the next question."""
        answer = SilentAnswer()
        bench = Bench(ScriptedDoor(answer))
        bench.start_from_local(messages.a_query()).addErrback(lambda _: None).cancel()
        assert answer.is_aborted


class SilentAnswer(GivenAnswer):
    """An answer of which these pieces came, and nothing after them."""

    async def read(self) -> bytes:
        return await super().read() or await Deferred()


class TestLargeAnswers:
    def _ask(self, body: bytes) -> tuple[Reply, GivenAnswer]:
        answer = GivenAnswer(*pieces(body))
        return Bench(ScriptedDoor(answer)).from_local(messages.a_query()), answer

    def test_stream_once_their_wrapper_fits(self) -> None:
        """A megabyte of record must not wait in memory."""
        body = messages.a_summary(filler=1_000_000)
        reply, _ = self._ask(body)
        assert result(Deferred.fromCoroutine(gathered(reply))) == body

    def test_break_off_when_their_end_does_not_fit(self) -> None:
        """The last piece never leaves: what came cannot be read as complete."""
        reply, _ = self._ask(messages.a_summary(filler=1_000_000, query="another"))
        ended = result(Deferred.fromCoroutine(gathered(reply)))
        assert ended.value.code == "EN-ANSWER-MISMATCH"

    def test_break_off_when_they_are_truncated(self) -> None:
        """The same for an answer that ends in the middle."""
        reply, _ = self._ask(messages.a_summary(filler=1_000_000)[:-9])
        assert result(Deferred.fromCoroutine(gathered(reply))).value.code == "EN-ANSWER-BROKEN"

    def test_are_refused_at_another_patient(self) -> None:
        """The wrapper names the patient: not a byte of another one's megabyte leaves."""
        reply, answer = self._ask(messages.a_summary(filler=1_000_000, bsn="123456782"))
        assert fault(reply.body).code == "EN-ANSWER-MISMATCH"
        assert answer.is_aborted

    def test_are_let_go_when_the_asker_hangs_up(self) -> None:
        """Also while the next piece is waited for."""
        answer = SilentAnswer(*pieces(messages.a_summary(filler=1_000_000))[:-1])
        reply = Bench(ScriptedDoor(answer)).from_local(messages.a_query())
        Deferred.fromCoroutine(gathered(reply)).addErrback(lambda _: None).cancel()
        assert answer.is_aborted

    def test_are_let_go_when_they_could_not_be_recorded(self) -> None:
        """The rest of an answer that nobody gets is not kept waiting."""
        answer = GivenAnswer(*pieces(messages.a_summary(filler=1_000_000)))
        bench = Bench(ScriptedDoor(answer))
        bench.keeper.is_full = True
        assert fault(bench.from_local(messages.a_query()).body).code == "EN-STORE-FULL"
        assert answer.is_aborted

    def test_are_refused_at_their_wrapper(self) -> None:
        """Not a byte of another question's megabyte leaves."""
        reply, answer = self._ask(messages.a_summary(filler=1_000_000, target="another"))
        assert fault(reply.body).code == "EN-ANSWER-MISMATCH"
        assert answer.is_aborted


class TestIn:
    QUERY = messages.a_query(sender="1", receiver="900001")

    @pytest.mark.parametrize("error", [NotSent(), OutcomeUnknown(), OutcomeUnknown("x", code="EN-ANSWER-MISMATCH")])
    def test_answers_for_a_local_system_that_does_not(self, error: Exception) -> None:
        """The switchboard gets a well-formed negative answer in time, not a fault or silence."""
        reply = Bench(inward=ScriptedDoor(error)).from_switchboard(self.QUERY)
        wrapper = read(reply.body).wrapper
        acknowledgement = wrapper.acknowledgement
        assert acknowledgement is not None
        assert (str(wrapper.interaction), acknowledgement.type_code) == ("QUPC_IN990002NL", "AE")
        assert wrapper.query_response_code == "AE"

    def test_refuses_for_an_application_that_is_not_ours(self) -> None:
        """RTUDEST: never forwarded, never processed."""
        reply = Bench().from_switchboard(messages.a_query(sender="1", receiver="900099"))
        acknowledgement = read(reply.body).wrapper.acknowledgement
        assert acknowledgement is not None
        assert [detail.code for detail in acknowledgement.details] == ["RTUDEST"]
