"""Which row of the table a FHIR request is of."""

import pytest

from edge_node.formats.fhir_address import read_call
from edge_node.formats.fhir_rows import name_of, row_of, version_of
from edge_node.model.fhir import AortaVersion
from edge_node.model.identifiers import InteractionId
from edge_node.model.interaction import Catalogue
from tests.formats.samples import CATALOGUE
from tests.nouns import a_row


def rows(*ids: str, **changes: object) -> Catalogue:
    return {id_: a_row(id=InteractionId(id_), fhir=True, **changes) for id_ in ids}


class TestTheRow:
    @pytest.mark.parametrize(
        ("method", "path", "expected"),
        [
            ("GET", "fhir/metadata", "capabilities:1.0:request"),
            ("GET", "fhir/R4/Task/1", "read:Task:2.0:request"),
            ("GET", "fhir/R4/Binary/1", "read:Binary:1.0:request"),
            ("GET", "fhir/AllergyIntolerance?a=b", "search:AllergyIntolerance:1.0:request"),
            ("POST", "fhir/Observation/_search", "search:Observation:1.0:request"),
            ("POST", "fhir/R4/Task", "create:Task:2.0:request"),
            ("PUT", "fhir/R4/Task/1", "update:Task:1.0:request"),
            ("DELETE", "fhir/R4/DocumentManifest/1", "delete:DocumentManifest:2.0:request"),
            ("POST", "fhir/R4/$delete-dossier", "$delete-dossier:2.0:request"),
            ("GET", "fhir/R4/$is-allowed", "$is-allowed:0.6:request"),
            ("POST", "fhir/R4/Task/$notify-task", "notify-task:1.0:request"),
            ("POST", "fhir/R4/$activate-tkid", "activate-tkid:1.0:request"),
        ],
    )
    def test_follows_from_method_and_address(self, method: str, path: str, expected: str) -> None:
        """The same way in which the broker finds it."""
        row = row_of(CATALOGUE, read_call(method, path))
        assert row is not None
        assert str(row.id) == expected

    @pytest.mark.parametrize(
        ("method", "path", "name"),
        [
            ("POST", "fhir/R4/Patient", "create:Patient"),
            ("GET", "fhir/R4/Task/1/_history/2", "vread:Task"),
            ("POST", "fhir/R4/$process-message", "$process-message"),
            ("POST", "fhir/R4/_search", "search"),
            ("GET", "fhir/R4/_history", "history"),
        ],
    )
    def test_is_none_for_what_the_programme_does_not_have(self, method: str, path: str, name: str) -> None:
        """It is refused by name."""
        call = read_call(method, path)
        assert row_of(CATALOGUE, call) is None
        assert name_of(call) == name

    @pytest.mark.parametrize("id_", [id_ for id_, row in CATALOGUE.items() if row.fhir and id_.count(":") == 3])
    def test_is_every_one_of_the_table(self, id_: str) -> None:
        """A row that no request leads to could never be exchanged."""
        action, resource, version, _ = id_.split(":")
        method = {"create": "POST", "update": "PUT", "delete": "DELETE"}.get(action, "GET")
        path = f"fhir/R4/{resource}" + ("/1" if action == "read" else "")
        row = row_of(CATALOGUE, read_call(method, path), AortaVersion(content=version, accept=version))
        assert row is CATALOGUE[id_]


class TestVersion:
    def test_is_the_one_of_the_content(self) -> None:
        """Two versions of one interaction may be judged by different rules."""
        row = row_of(
            CATALOGUE, read_call("GET", "fhir/DocumentManifest"), AortaVersion(content="1.0.3", accept="1.0.3")
        )
        assert row is CATALOGUE["search:DocumentManifest:1.0:request"]

    def test_that_is_in_no_table_has_no_row(self) -> None:
        """A newer version than we know is not judged by the rules of an older one."""
        assert row_of(CATALOGUE, read_call("POST", "fhir/R4/Task"), AortaVersion(content="3.0.0", accept="")) is None

    def test_is_the_highest_where_none_is_given(self) -> None:
        """As a number, not as a text."""
        table = rows("search:Task:2.0:request", "search:Task:10.0:request", "search:Task:9.1:request")
        row = row_of(table, read_call("GET", "fhir/R4/Task"))
        assert row is table["search:Task:10.0:request"]

    def test_in_use_goes_before_one_that_is_not(self) -> None:
        """A retired version is chosen only to be refused by name."""
        table = {**rows("search:Task:1.0:request"), **rows("search:Task:2.0:request", active=False)}
        assert row_of(table, read_call("GET", "fhir/R4/Task")) is table["search:Task:1.0:request"]

    def test_of_a_row_can_be_written(self) -> None:
        """A sender that says nothing of versions speaks the one it was judged by."""
        assert version_of(CATALOGUE["create:Task:2.0:request"]) == AortaVersion(content="2.0.0", accept="2.0.0")


class TestBundle:
    @pytest.mark.parametrize("kind", ["transaction", "batch"])
    def test_posted_to_the_base_needs_a_row_of_the_site(self, kind: str) -> None:
        """The public table has none: what may go along in one is agreed between parties."""
        call = read_call("POST", "fhir/R4")
        table = rows(f"{kind}:Bundle:1.0:request")
        assert row_of(CATALOGUE, call, bundle=kind) is None
        assert row_of(table, call, bundle=kind) is table[f"{kind}:Bundle:1.0:request"]
        assert name_of(call, kind) == f"{kind}:Bundle"

    def test_of_another_type_is_named_without_it(self) -> None:
        """What the body says is not repeated in an error."""
        assert name_of(read_call("POST", "fhir/R4"), "x\ny") == "transaction:Bundle"


class TestTheName:
    @pytest.mark.parametrize(
        ("method", "path", "expected"),
        [
            ("GET", "fhir/R4/Zandwijk?a=b", "search:another"),
            ("GET", "fhir/R4/Zandwijk/Anna", "read:another"),
            ("POST", "fhir/R4/$zandwijk", "$another"),
            ("POST", "fhir/R4/Claim", "create:Claim"),
            ("POST", "fhir/R4/Patient/1/$everything", "$everything"),
        ],
    )
    def test_tells_what_is_asked_in_words_of_fhir_only(self, method: str, path: str, expected: str) -> None:
        """An address with a patient's name in the wrong place would put it into the log."""
        assert name_of(read_call(method, path)) == expected
