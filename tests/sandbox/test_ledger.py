"""The ledger: what is written is on disk and can be read back."""

from pathlib import Path

from edge_node.sandbox.ledger import Ledger, Line, lane_of, read_ledger, role_of
from edge_node.sandbox.reading import read
from edge_node.sandbox.samples.people import PRACTICE, patient
from tests.sandbox.doubles import maker


class TestLedger:
    def test_what_was_written_is_read_back(self, tmp_path: Path) -> None:
        """The proof that nothing was lost rests on this file."""
        body = maker(PRACTICE).request("prescription", receiver="80000002", patient=patient(1)).body
        with Ledger(tmp_path / "ledger", lambda: 7.0) as ledger:
            ledger.message("received", "in", read(body), body, outcome="CA")
            ledger.note("cut")
        first, second = read_ledger(tmp_path / "ledger")
        assert (first.event, first.outcome, first.time, second.event) == ("received", "CA", 7.0, "cut")
        assert first.id == str(read(body).id)

    def test_a_line_half_written_is_left_out(self, tmp_path: Path) -> None:
        """A ledger is read while its party still writes."""
        (tmp_path / "ledger").write_text('{"time": 1.0, "event": "cut"}\n{"time": 2', encoding="utf-8")
        assert read_ledger(tmp_path / "ledger") == (Line(time=1.0, event="cut"),)

    def test_it_holds_no_patient_number(self, tmp_path: Path) -> None:
        """A ledger lies on a developer's disk; test numbers today, somebody's habit tomorrow."""
        who = patient(1)
        body = maker(PRACTICE).request("prescription", receiver="80000002", patient=who).body
        with Ledger(tmp_path / "ledger", lambda: 7.0) as ledger:
            ledger.message("received", "in", read(body), body)
        assert who.bsn not in (tmp_path / "ledger").read_text(encoding="utf-8")

    def test_a_lane_is_receiver_patient_and_interaction(self) -> None:
        """Two patients never wait for each other."""
        one, other = (
            read(maker(PRACTICE).request("prescription", receiver="80000002", patient=patient(index)).body)
            for index in (1, 2)
        )
        assert lane_of(one) != lane_of(other)

    def test_tick_ping_and_push_have_roles_of_their_own(self) -> None:
        """Only pushes must arrive exactly once."""
        kinds = ("tick", "ping", "prescription", "summary-query")
        seen = [read(maker(PRACTICE).request(kind, receiver="1", patient=patient(1)).body) for kind in kinds]
        assert [role_of(one) for one in seen] == ["line", "query", "push", "query"]
