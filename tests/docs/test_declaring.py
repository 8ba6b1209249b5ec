"""The FHIR interactions that the how-to on declaring shows are taken into use as they stand.

Knows: the example file, settings that name nothing else.
Must not know: a running node.
"""

from pathlib import Path
from textwrap import indent

import pytest

from edge_node.formats import interactions
from edge_node.formats.fhir_rows import row_of
from edge_node.model.fhir import Action, FhirCall
from edge_node.model.interaction import Catalogue
from edge_node.settings.load import load
from edge_node.settings.site import catalogue, unknown_interactions
from tests.settings.written import SMALL, write

EXAMPLE = Path(__file__).parents[2] / "docs" / "how-to" / "examples" / "declared-fhir.yaml"


@pytest.fixture
def table(tmp_path: Path) -> Catalogue:
    settings = load([write(tmp_path, SMALL + indent(EXAMPLE.read_text(), "  "))])
    assert unknown_interactions(settings, interactions.load()) == ()
    return catalogue(settings, interactions.load())


class TestFhirExample:
    @pytest.mark.parametrize("action", [Action.SEARCH, Action.CREATE])
    def test_declares_the_row_of_a_request_the_table_does_not_have(self, table: Catalogue, action: Action) -> None:
        """An operator copies it; an id with one part too few would leave every request unknown."""
        call = FhirCall(version="R4", action=action, resource="ServiceRequest")
        row = row_of(table, call)
        assert row_of(interactions.load(), call) is None
        assert row is not None
        assert row.active

    def test_reads_the_patient_where_the_rows_of_the_table_do(self, table: Catalogue) -> None:
        """One request is about one patient; a row that looks nowhere checks nothing."""
        places = {table[f"{action}:ServiceRequest:1.0:request"].patient_at for action in ("search", "create")}
        assert places == {interactions.load()["search:Task:1.0:request"].patient_at}
