"""What is odd about a message that passes is told, and nothing of what it says."""

import structlog

from edge_node.errors import NotSent
from tests import messages
from tests.doubles import GivenAnswer, ScriptedDoor
from tests.flow.bench import Bench, read

REPORT = messages.a_report()
ACK = messages.an_ack_of(read(REPORT).wrapper)
ODD = REPORT.replace(b'code="PATID"', b'code="PATIENT"')


def told(line: dict[str, object]) -> tuple[object, ...]:
    return (line["part"], line["message_id"], line["codes"])


class TestAnOddRequest:
    def test_passes_and_is_told_once(self) -> None:
        """The developer reads it in the log; the doctor notices nothing."""
        bench = Bench(ScriptedDoor(GivenAnswer(ACK)))
        with structlog.testing.capture_logs() as lines:
            reply = bench.from_local(ODD)
        assert b'typeCode="CA"' in reply.body
        odd = [line for line in lines if line["event"] == "message.odd"]
        assert [told(line) for line in odd] == [("request", f"{messages.ROOT}/r1", ["EN-ATTENTION-LINE"])]
        assert bench.watch.warnings == ["EN-ATTENTION-LINE"]

    def test_shows_no_patient(self) -> None:
        """A line of the log is read by many."""
        with structlog.testing.capture_logs() as lines:
            Bench(ScriptedDoor(NotSent())).from_local(ODD)
        assert "999911120" not in str(lines)


class TestAnOddAnswer:
    def test_passes_and_is_told_under_the_question(self) -> None:
        """One source counts wrongly; its record is shown all the same."""
        answer = messages.a_summary().replace(b'code="OK"', b'code="AE"')
        bench = Bench(ScriptedDoor(GivenAnswer(answer)))
        with structlog.testing.capture_logs() as lines:
            reply = bench.from_local(messages.a_query())
        assert reply.body == answer
        odd = [line for line in lines if line["event"] == "message.odd"]
        assert [told(line) for line in odd] == [("answer", f"{messages.ROOT}/q1", ["EN-ANSWER-FIELD"])]


class TestAGoodMessage:
    def test_is_not_told_of(self) -> None:
        """A line for every message would hide the odd ones."""
        bench = Bench(ScriptedDoor(GivenAnswer(ACK)))
        bench.from_local(REPORT)
        assert bench.watch.warnings == []
