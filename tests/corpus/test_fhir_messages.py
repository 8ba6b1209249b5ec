"""Each published FHIR message is read, found in the table and judged as its row says."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge_node.errors import PAGES, Refused
from edge_node.formats.fhir_body import FhirBodyReader, read_body
from edge_node.formats.fhir_reading import read_fhir
from edge_node.formats.fhir_rows import name_of, row_of
from edge_node.model.fhir import FhirReading
from edge_node.model.message import Direction
from edge_node.policy.fhir_answer import FhirAnswer, FhirQuestion, check_whole
from edge_node.policy.fhir_judgement import judge_fhir
from tests.corpus.fhir_table import FhirRow, declared, load, patient_of
from tests.corpus.table import Role
from tests.corpus.table import load as load_table
from tests.formats.fhir_samples import a_request, a_token
from tests.formats.fhir_whole_tree import patients_in_json, patients_in_xml
from tests.policy.fhir_cases import CATALOGUE, WITH_FHIR, a_fhir_case, coming_in

ROWS = load()
REQUESTS = [row for row in ROWS if row.role is Role.REQUEST]
ANSWERS = [row for row in ROWS if row.role is Role.ANSWER]
SERVES_ALL = {"STU3": "http://127.0.0.1:1/fhir", "R4": "http://127.0.0.1:1/fhir/R4"}


def reading_of(row: FhirRow, body: bytes) -> FhirReading:
    """The request of a row, with a token for its patient."""
    patient = patient_of(body)
    sent = body if row.role is Role.REQUEST else b""
    token = a_token(bsn=patient) if patient else a_token()
    address = row.address(patient)
    return read_fhir(a_request(row.method, address, sent, content_type=row.content_type, authorization=token))


def verdict(row: FhirRow, body: bytes, direction: Direction) -> tuple[str, str]:
    """What is said of the request of a row, and which interaction it is."""
    catalogue = declared(CATALOGUE, row)
    try:
        reading = reading_of(row, body)
    except Refused as error:
        return error.code, row.interaction
    found = row_of(catalogue, reading.call, reading.aorta_version, reading.bundle)
    interaction = name_of(reading.call, reading.bundle) if found is None else str(found.id)
    parts = {"row": found, "interaction": interaction}
    case = a_fhir_case(reading, **parts)
    if direction is Direction.IN:
        case = coming_in(reading, **parts, application=replace(WITH_FHIR, fhir_bases=SERVES_ALL))
    findings = judge_fhir(case)
    return (findings[0].code if findings else "passes"), interaction


class TestTable:
    def test_names_every_fhir_message_and_no_other(self) -> None:
        """A message nobody tried is a message nobody knows to pass."""
        fhir = {row.file for row in load_table() if row.file.startswith("fhir-")}
        assert {row.file for row in ROWS} == fhir

    @pytest.mark.parametrize("row", [row for row in ROWS if not row.passes], ids=lambda row: row.file)
    def test_says_why_one_is_refused(self, row: FhirRow) -> None:
        """A refusal nobody can explain is a fault of the node."""
        assert row.why
        assert row.expect in PAGES

    def test_lets_every_dutch_message_pass_in_some_way(self) -> None:
        """Declared by the site, or put right where it breaks a written rule."""
        dutch = {row.file for row in ROWS if not row.is_json}
        assert {row.file for row in ROWS if row.passes} == dutch


class TestRequest:
    @pytest.mark.parametrize("direction", Direction)
    @pytest.mark.parametrize("row", REQUESTS, ids=lambda row: f"{row.file} {row.expect}")
    def test_is_judged_as_its_row_says(self, corpus: Path, row: FhirRow, direction: Direction) -> None:
        """What others published is what vendors send."""
        assert direction in row.directions
        assert verdict(row, row.sent(corpus), direction) == (row.expect, row.interaction)


class TestAnswer:
    @pytest.mark.parametrize("direction", Direction)
    @pytest.mark.parametrize("row", ANSWERS, ids=lambda row: row.file)
    def test_belongs_to_the_question_of_its_row(self, corpus: Path, row: FhirRow, direction: Direction) -> None:
        """The question passes, and so does its answer."""
        body = row.sent(corpus)
        assert verdict(row, body, direction) == ("passes", row.interaction)
        reading = reading_of(row, body)
        question = FhirQuestion(call=reading.call, patient=reading.patients.one)
        answer = FhirAnswer(status=200, is_fhir=True, is_empty=False, body=read_body(body, row.content_type))
        assert check_whole(question, answer) is None

    @pytest.mark.parametrize("row", ANSWERS, ids=lambda row: row.file)
    def test_that_breaks_off_is_not_taken_for_whole(self, corpus: Path, row: FhirRow) -> None:
        """Half a medication list is more dangerous than none."""
        reader = FhirBodyReader(is_json=row.is_json)
        reader.feed(row.sent(corpus)[:-20])
        with pytest.raises(Refused):
            reader.close()


class TestPatients:
    @pytest.mark.parametrize("row", [row for row in ROWS if row.expect != "EN-BSN-INVALID"], ids=lambda row: row.file)
    def test_are_those_of_the_whole_tree(self, corpus: Path, row: FhirRow) -> None:
        """What is judged is what the receiver will see."""
        body = row.sent(corpus)
        whole = patients_in_json(body) if row.is_json else patients_in_xml(body)
        found = read_body(body, row.content_type).patients.found
        assert {(place, bsn.value) for place, bsn in found} == whole
