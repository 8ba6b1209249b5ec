"""A request arrives: read, judged, and sent its way."""

import pytest
from twisted.internet.defer import CancelledError, Deferred

from tests import messages
from tests.doubles import GivenAnswer, ScriptedDoor
from tests.flow.bench import Bench, fault, read

QUERY = messages.a_query()


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"", "EN-XML-MALFORMED"),
            (b"not xml", "EN-XML-MALFORMED"),
            (QUERY[:-30], "EN-XML-MALFORMED"),
            (b"<!DOCTYPE x [<!ENTITY e 'x'>]>" + QUERY, "EN-XML-DOCTYPE"),
            (QUERY.decode().encode("utf-16"), "EN-XML-ENCODING"),
            (b"<a>" * 200 + b"</a>" * 200, "EN-SOAP-ENVELOPE"),
            (messages.a_query(bsn="123456789"), "EN-BSN-INVALID"),
            (QUERY.replace(b'<processingModeCode code="T"/>', b""), "EN-WRAPPER-FIELD"),
            (QUERY.replace(b"QUPC_IN990001NL", b"QUPC_IN999999NL"), "EN-INTERACTION-UNKNOWN"),
            (QUERY.replace(b"QUPC_IN990001NL", b"QUPC_IN990001NL02"), "EN-INTERACTION-INACTIVE"),
            (messages.a_summary(), "EN-INTERACTION-ROLE"),
            (messages.a_query(sender="900099"), "EN-SENDER-FOREIGN"),
            (messages.a_query(sender="900002"), "EN-SENDER-FOREIGN"),
        ],
    )  # fmt: skip
    def test_are_one_fault_and_nothing_else(self, body: bytes, code: str) -> None:
        """A clear code, nothing forwarded, nothing kept."""
        bench = Bench()
        reply = bench.from_local(body)
        assert (reply.status, fault(reply.body).code) == (500, code)
        assert (bench.out.asked, bench.keeper.kept) == ([], [])

    def test_are_in_the_access_log(self) -> None:
        """An attempt in another's name is what an auditor looks for."""
        bench = Bench()
        bench.from_local(messages.a_query(sender="900099"))
        assert bench.lines == [("refused", "refused", "EN-SENDER-FOREIGN")]

    def test_that_cannot_be_read_are_in_it_too(self) -> None:
        """Whoever feels his way with broken messages leaves a trace: from where, and as whom."""
        bench = Bench()
        bench.from_local(b"not xml")
        (line,) = bench.keeper.records
        assert bench.lines == [("refused", "refused", "EN-XML-MALFORMED")]
        assert (line.access_point.system, line.access_point.connection) == ("his", "bearer")

    def test_are_counted_by_code(self) -> None:
        """A local system that suddenly sends rubbish is seen."""
        bench = Bench()
        bench.from_local(messages.a_query(sender="900099"))
        assert bench.watch.handled_as == [("query", "EN-SENDER-FOREIGN")]

    def test_name_no_patient(self) -> None:
        """The number that fails may be somebody's."""
        assert b"123456789" not in Bench().from_local(messages.a_query(bsn="123456789")).body

    def test_of_the_switchboard_are_acknowledgements(self) -> None:
        """It asked in HL7 and is answered in HL7, with the code it knows."""
        body = messages.a_report(sender="900077", receiver="900001").replace(b'code="T"', b'code="A"')
        acknowledgement = read(Bench().from_switchboard(body).body).wrapper.acknowledgement
        assert acknowledgement is not None
        assert (acknowledgement.type_code, acknowledgement.details[0].code) == ("CE", "NS250")


class TestWays:
    def test_send_the_very_bytes(self) -> None:
        """What is forwarded is byte for byte what came."""
        bench = Bench(ScriptedDoor(GivenAnswer(messages.a_summary())))
        bench.from_local(QUERY)
        assert bench.out.asked[0].payload.body == QUERY

    def test_carry_the_correlation_id(self) -> None:
        """One id from the local system to the switchboard and back."""
        bench = Bench(ScriptedDoor(GivenAnswer(messages.a_summary())))
        bench.from_local(QUERY)
        assert bench.out.asked[0].correlation == bench.keeper.records[0].correlation.id == "c-0001-0001"


class TestTheLineOfARefusal:
    @pytest.mark.parametrize(
        "body", [b"<no message", messages.a_query(sender="900099")], ids=["unread", "in another's name"]
    )
    def test_is_durable_before_its_sender_hears_of_it(self, body: bytes) -> None:
        """After a crash the log tells of every refusal that somebody was told of."""
        bench = Bench()
        bench.keeper.recording = Deferred()
        answer = bench.start_from_local(body)
        assert (answer.called, bench.keeper.records) == (False, [])
        bench.keeper.recording.callback(None)
        assert (answer.called, [line.event.result for line in bench.keeper.records]) == (True, ["refused"])

    def test_that_cannot_be_written_keeps_nobody_from_being_refused(self) -> None:
        """Nothing was done: the sender must hear that, whatever the disk says."""
        bench = Bench()
        bench.keeper.is_full = True
        assert bench.from_local(b"<no message").status == 500

    def test_that_a_disk_holds_up_comes_after_the_refusal(self) -> None:
        """A local system that hears nothing for a minute is taken for one that hangs."""
        bench = Bench()
        bench.keeper.recording = Deferred()
        answer = bench.start_from_local(b"<no message")
        bench.clock.advance(1.0)
        assert (answer.called, bench.keeper.records) == (True, [])
        bench.keeper.recording.callback(None)
        assert len(bench.keeper.records) == 1

    def test_is_written_though_its_sender_hangs_up(self) -> None:
        """Who tries a door and runs is in the log all the same."""
        bench = Bench()
        bench.keeper.recording = Deferred()
        answer = bench.start_from_local(b"<no message")
        answer.addErrback(lambda failure: failure.trap(CancelledError))
        answer.cancel()
        bench.keeper.recording.callback(None)
        assert len(bench.keeper.records) == 1


class TestFullDisk:
    def test_logs_a_push_that_it_refuses(self) -> None:
        """The reserve of the log is there for that: intake that was tried is seen afterwards."""
        bench = Bench()
        bench.has_room = False
        bench.from_local(messages.a_report())
        assert bench.lines == [("refused", "error", "EN-STORE-FULL")]

    def test_refuses_pushes(self) -> None:
        """Nothing is accepted that could not be kept, and the sender knows."""
        bench = Bench()
        bench.has_room = False
        assert fault(bench.from_local(messages.a_report()).body).code == "EN-STORE-FULL"

    def test_lets_queries_go_on(self) -> None:
        """A full disk must not stand between a doctor and a patient."""
        bench = Bench(ScriptedDoor(GivenAnswer(messages.a_summary())))
        bench.has_room = False
        assert bench.from_local(QUERY).status == 200
