"""The table names every published message, and says why of each that is refused."""

from pathlib import Path

import pytest

from edge_node.errors import PAGES
from tests.corpus.table import PASSES, Kind, Row, load

ROWS = load()
REFUSED = [row for row in ROWS if row.expect != PASSES]


class TestTable:
    def test_names_every_file_and_no_other(self, corpus: Path) -> None:
        """A message nobody tried is a message nobody knows to pass."""
        messages = corpus / "messages"
        files = {str(path.relative_to(messages)) for path in messages.rglob("*") if path.is_file()}
        assert {row.file for row in ROWS} == files

    def test_names_every_line_of_the_index(self, corpus: Path) -> None:
        """The publisher's own list and the folder are the same."""
        lines = (corpus / "INDEX.tsv").read_text(encoding="utf-8").splitlines()[1:]
        assert {f"messages/{row.file}" for row in ROWS} == {line.partition("\t")[0] for line in lines}

    @pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.file)
    def test_says_why_one_is_refused(self, row: Row) -> None:
        """A refusal nobody can explain is a fault of the node."""
        assert row.why
        assert row.expect in PAGES

    def test_refuses_no_dutch_message_but_by_a_written_rule(self) -> None:
        """Each such row names its rule, and what put right lets the message pass."""
        dutch = [row for row in REFUSED if row.kind is Kind.DUTCH]
        assert all("domain reference" in row.why and row.mend for row in dutch)

    def test_lets_no_foreign_message_pass(self) -> None:
        """What only looks like a Dutch message must not be taken for one."""
        foreign = [row for row in ROWS if row.kind not in {Kind.DUTCH, Kind.TOKEN}]
        assert all(row.expect != PASSES for row in foreign)

    @pytest.mark.parametrize("row", [r for r in REFUSED if r.kind in {Kind.NHS, Kind.IHE}], ids=lambda r: r.file)
    def test_calls_foreign_messages_by_name(self, row: Row) -> None:
        """The reader of a refusal sees at once which message went astray."""
        assert (row.expect, bool(row.names)) == ("EN-INTERACTION-UNKNOWN", True)
