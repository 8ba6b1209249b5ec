"""The table of interactions: the rules its header states."""

from dataclasses import asdict

import pytest

from edge_node.formats.interactions import parse
from edge_node.model.interaction import Inbound, Pattern
from tests.formats.samples import CATALOGUE

ROWS = list(CATALOGUE.values())


class TestTheTable:
    def test_holds_every_interaction_of_the_vocabulary(self) -> None:
        """A missing row would refuse a message that the programme allows."""
        assert len(CATALOGUE) == 329

    def test_names_each_row_by_its_id(self) -> None:
        """A row found under another name would be judged by the wrong rules."""
        assert all(name == str(row.id) for name, row in CATALOGUE.items())

    def test_is_read_only(self) -> None:
        """The table is shared by every message in hand."""
        with pytest.raises(TypeError):
            CATALOGUE["X"] = ROWS[0]  # type: ignore[index]

    def test_refuses_a_value_that_is_no_choice(self) -> None:
        """A slip of the pen in the table must show at start, not at a message."""
        row = 'X = {meaning="", group="A", pattern="shout", level="laag", inbound="relay", order="x", '
        rest = 'attention="free", trigger_event="", lifetime_s=0, priority=1, active=true, fhir=false, keep=false, '
        with pytest.raises(ValueError, match="shout"):
            parse(f"[default]\n[patient_at]\n[interaction]\n{row}{rest}duplicates=true, consent=false}}")


class TestEveryRow:
    @pytest.mark.parametrize("row", [row for row in ROWS if row.keep and not row.fhir], ids=lambda row: str(row.id))
    def test_that_is_kept_is_acknowledged_on_receipt(self, row) -> None:  # type: ignore[no-untyped-def]
        """Only an accept acknowledgement may mean "we have it"."""
        assert row.accept_ack == "AL"
        assert [str(answer) for answer in row.answers] == ["MCCI_IN000002"]
        assert row.lifetime_s > 0

    def test_has_answers_that_are_in_the_table(self) -> None:
        """An answer the table does not know could never be passed on."""
        named = {str(answer) for row in ROWS for answer in (*row.answers, *filter(None, [row.refusal]))}
        assert named <= set(CATALOGUE)

    def test_says_how_to_refuse_every_hl7_request(self) -> None:
        """A sender without a well-formed no would see a time-out instead of a reason."""
        requests = [row for row in ROWS if row.is_request and not row.fhir]
        assert [row for row in requests if row.refusal is None or row.refusal not in row.answers] == []

    def test_of_an_indirect_query_expects_a_batch(self) -> None:
        """The switchboard bundles the answers of all sources."""
        indirect = [row for row in ROWS if row.pattern is Pattern.QUERY and row.direct is False]
        assert all("MCCI_IN200101" in {str(answer) for answer in row.answers} for row in indirect)

    def test_never_takes_an_answer_in_as_a_request(self) -> None:
        """An answer that arrives by itself belongs to no question."""
        passive = {Pattern.ANSWER, Pattern.APPLICATION_ACK, Pattern.ACCEPT_ACK, Pattern.BATCH_ANSWER}
        assert {row.inbound for row in ROWS if row.pattern in passive} == {Inbound.NEVER}


class TestTheRowOf:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("PORX_IN932000NL", {"keep": True, "lifetime_s": 86400, "order": "medication", "priority": 1}),
            ("ZTAZ_IN000001NL01", {"keep": True, "lifetime_s": 900, "order": "acute"}),
            ("REPC_IN990003NL", {"keep": True, "lifetime_s": 604800, "inbound": Inbound.KEEP}),
            ("MFMT_IN002101", {"accept_ack": "AL", "keep": True, "priority": 2, "order": "index", "consent": True}),
            (
                "MFMT_IN002303NL",
                {"accept_ack": "NE", "keep": False, "priority": 0, "order": "index", "consent": False},
            ),
            ("QUMT_IN900011NL", {"duplicates": False, "keep": True, "order": "signal"}),
            ("COMT_IN113113NL", {"accept_ack": "AL", "keep": False, "service": "Ping"}),
            ("GQZG_IN000001NL", {"inbound": Inbound.NEVER, "direct": False}),
            ("QUPC_IN990001NL02", {"active": False}),
            ("search:Patient:1.0:request", {"fhir": True, "accept_ack": None, "keep": False, "repeatable": False}),
            ("create:Task:2.0:request", {"keep": True, "inbound": Inbound.RELAY, "repeatable": False}),
            ("update:Task:1.0:request", {"keep": True, "order": "task", "repeatable": True}),
            ("delete:DocumentManifest:2.0:request", {"keep": False, "priority": 0, "repeatable": True}),
            ("notify-task:1.0:request", {"keep": True, "inbound": Inbound.KEEP}),
            ("$is-allowed:0.6:request", {"keep": False, "inbound": Inbound.RELAY}),
        ],
    )
    def test_says_how_it_is_treated(self, name: str, expected: dict[str, object]) -> None:
        """One row of each kind the programme names, so that a rule in the table cannot slip unseen."""
        row = asdict(CATALOGUE[name])
        assert {column: row[column] for column in expected} == expected

    def test_a_query_that_has_two_services_names_both(self) -> None:
        """The question to a source and the one to the switchboard go to different addresses."""
        row = CATALOGUE["QURX_IN990111NL"]
        assert (row.service, row.batch_service) == ("VerstrekkingsLijstquery", "VerstrekkingsLijstqueryBatch")
        assert row.batch_soap_action == "urn:hl7-org:v3/VerstrekkingsLijstqueryBatch_QueryResponse"
