"""The simulated FHIR server of a care application."""

import json
from dataclasses import replace

import pytest

from edge_node.sandbox.fhir_exchange import FhirAsked, FhirReply
from edge_node.sandbox.fhir_reading import read_fhir_request
from edge_node.sandbox.samples.people import PHARMACY
from tests.sandbox.fhir_doubles import sample, server


def asked(kind: str, *leave_out: str) -> FhirAsked:
    one = sample(kind)
    body = {key: value for key, value in json.loads(one.body).items() if key not in leave_out}
    return FhirAsked(method=one.method, target=one.target, headers=one.headers, body=json.dumps(body).encode())


def answer(question: FhirAsked, patient_number: str | None = None) -> FhirReply:
    return server(PHARMACY).answer(question, read_fhir_request(question), patient_number)


class TestStoring:
    @pytest.mark.parametrize(("kind", "status"), [("fhir-create-task", 201), ("fhir-update-task", 200)])
    def test_names_no_patient_where_none_was_named(self, kind: str, status: int) -> None:
        """A Task without `for` is lawful; an answer about somebody else would be refused as wrong patient."""
        reply = answer(asked(kind, "for"))
        assert (reply.status, reply.body, "etag" in reply.headers) == (status, b"", True)

    def test_answers_with_the_patient_that_was_named(self) -> None:
        """The node holds the answer against its question by this."""
        question = asked("fhir-create-task")
        given = json.loads(question.body)["for"]
        assert json.loads(answer(question).body)["for"] == given

    def test_takes_the_patient_of_the_token_where_the_body_has_none(self) -> None:
        """The switchboard tells its own register whose token it was."""
        (number,) = read_fhir_request(asked("fhir-create-task")).patients
        reply = answer(replace(asked("fhir-create-task", "for")), number)
        assert number in reply.body.decode()
