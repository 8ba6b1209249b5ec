"""The page of FHIR requests names every rule with its code and its source, and every status."""

from docs._ext import fhir_rules_page
from edge_node.errors import PAGES
from edge_node.policy.fhir_judgement import RULES

PAGE = fhir_rules_page.make()
ROWS = [line for line in PAGE.partition("## Statuses")[0].splitlines() if line.startswith("| ")][1:]


class TestPage:
    def test_has_a_row_for_each_rule(self) -> None:
        """A rule nobody can look up refuses requests nobody can put right."""
        assert len(ROWS) == len(RULES)

    def test_names_a_code_in_each_row(self) -> None:
        """The developer comes here with a code in hand."""
        assert [row for row in ROWS if "`EN-" not in row] == []

    def test_names_no_document_that_nobody_has(self) -> None:
        """Our own notes are not published."""
        assert "domain reference" not in PAGE
        assert "design section" not in PAGE

    def test_gives_every_code_a_status(self) -> None:
        """Each can happen in FHIR."""
        statuses = PAGE.partition("## Statuses")[2]
        assert [code for code in PAGES if f"`{code}`" not in statuses] == []
