"""All of one FHIR request: the patient in each of its places, the content that makes it the same request."""

from dataclasses import replace
from typing import Any

import pytest

from edge_node.errors import Refused
from edge_node.formats.fhir_reading import FORM, read_fhir
from edge_node.model.identifiers import Bsn
from edge_node.model.message import Payload
from tests.formats.fhir_samples import (
    BSN,
    CHAIN,
    FHIR_XML,
    OTHER_PATIENT,
    PATIENT,
    TASK,
    a_request,
    a_token,
    an_assertion,
    in_json,
    in_xml,
)

BODY = "body:for.identifier"


def a_create(**headers: str) -> Payload:
    return a_request("POST", "fhir/R4/Task", in_json(TASK), **headers)


class TestReads:
    def test_a_create(self) -> None:
        """Everything the line and its judges ask about, in one value."""
        request = a_create(aorta_version="contentVersion=2.0.0")
        reading = read_fhir(request)
        assert (reading.call.resource, reading.resource, reading.bundle) == ("Task", "Task", None)
        assert reading.aorta_id is not None
        assert reading.aorta_id.initial_request == CHAIN
        assert reading.aorta_version is not None
        assert reading.aorta_version.content == "2.0.0"
        assert reading.patients.one == Bsn(PATIENT)

    def test_a_search_that_is_posted(self) -> None:
        """Its parameters stand in the body, so that no log on the way holds a number."""
        form = f"patient.identifier={BSN}%7C{OTHER_PATIENT}&status=a".encode()
        reading = read_fhir(
            a_request("POST", "fhir/R4/Task/_search", form, content_type=FORM, authorization=a_token())
        )
        assert reading.patients.one == Bsn(OTHER_PATIENT)
        assert ("status", "a") in reading.call.parameters
        assert reading.body is None

    def test_metadata_without_any_header(self) -> None:
        """The headers of AORTA do not apply there."""
        reading = read_fhir(replace(a_request(path="fhir/metadata"), headers=()))
        assert (reading.aorta_id, reading.claims, reading.tokens, reading.token) == (None, None, None, b"")

    def test_an_error_to_be_written_as_its_sender_writes(self) -> None:
        """Who sends XML reads XML."""
        assert read_fhir(a_request("POST", "fhir/Task", in_xml(TASK), content_type=FHIR_XML)).is_json is False


class TestPatient:
    @pytest.mark.parametrize(
        ("request_", "places"),
        [
            (a_request(path=f"fhir/R4/Task?subject.identifier={BSN}%7C{OTHER_PATIENT}"), {"token", "query"}),
            (a_request(path=f"fhir/R4/Task?identifier={BSN}|{PATIENT},{BSN}|{OTHER_PATIENT}"), {"token", "query"}),
            (a_create(authorization=a_token(bsn=OTHER_PATIENT)), {"token", BODY}),
            (a_create(if_none_exist=f"patient.identifier={BSN}|{OTHER_PATIENT}"), {"token", "if-none-exist", BODY}),
            (
                a_create(edge_node_transaction_token=an_assertion(OTHER_PATIENT)),
                {"token", "edge-node-transaction-token", BODY},
            ),
        ],
    )
    def test_is_seen_wherever_another_one_stands(self, request_: Any, places: set[str]) -> None:
        """Of all that may go wrong, a record under another patient's name is the worst."""
        patients = read_fhir(request_).patients
        assert patients.disagree
        assert {place for place, _ in patients.found} == places

    @pytest.mark.parametrize(
        "search",
        [
            f"Task?patient.identifier={OTHER_PATIENT}",
            f"Task?patient.identifier=%7C{OTHER_PATIENT}",
            f"Task?subject:identifier=a,{OTHER_PATIENT}",
            f"Task?subject:Patient.identifier:exact={OTHER_PATIENT}",
            f"Task?encounter.patient.identifier={OTHER_PATIENT}",
            f"Patient?identifier={OTHER_PATIENT}",
            f"Patient?identifier=|{OTHER_PATIENT}%20",
        ],
    )
    def test_is_seen_without_a_system_where_a_patient_is_named(self, search: str) -> None:
        """Whoever answers looks the number up all the same: a token for another one must not open the record."""
        patients = read_fhir(a_request(path=f"fhir/R4/{search}")).patients
        assert patients.disagree
        assert {place for place, _ in patients.found} == {"token", "query"}

    def test_is_seen_without_a_system_in_a_condition(self) -> None:
        """A record made unless there is one is made for whom the condition names."""
        patients = read_fhir(a_create(if_none_exist=f"patient.identifier={OTHER_PATIENT}")).patients
        assert patients.disagree

    @pytest.mark.parametrize(
        "value", [OTHER_PATIENT, f"Patient/{PATIENT}", f"{PATIENT}0", "ext-1", f"urn:a|{PATIENT}"]
    )
    def test_is_none_where_a_patient_has_another_id(self, value: str) -> None:
        """A server's own id of a patient is no number, and no reason to refuse."""
        assert (
            read_fhir(a_request(path=f"fhir/R4/Task?patient={value}", authorization=a_token())).patients.found == ()
        )

    @pytest.mark.parametrize(
        "value", ["", PATIENT, f"urn:other|{PATIENT}", f"{BSN}|", f"{BSN}", f"{BSN}\\|{PATIENT}", "a|b,c"]
    )
    def test_is_none_where_a_parameter_names_no_bsn(self, value: str) -> None:
        """Nine digits of another system are somebody's order number."""
        reading = read_fhir(a_request(path=f"fhir/R4/Task?identifier={value}", authorization=a_token()))
        assert reading.patients.found == ()

    def test_with_a_number_that_is_none_is_refused(self) -> None:
        """The eleven-test catches a slip of the keyboard; the error does not repeat it."""
        with pytest.raises(Refused) as refusal:
            read_fhir(a_request(path=f"fhir/R4/Task?identifier={BSN}|999911121"))
        assert refusal.value.code == "EN-BSN-INVALID"
        assert "999911121" not in str(refusal.value)

    def test_is_in_nothing_that_is_shown(self) -> None:
        """A reading may be written to a log by accident."""
        request = a_request("POST", f"fhir/R4/Task?identifier={BSN}|{PATIENT}", in_json(TASK))
        assert PATIENT not in repr(read_fhir(request)) + repr(request)


class TestContent:
    def test_is_the_same_with_other_tokens_and_ids(self) -> None:
        """A message handed in again with a new signature is a renewal, not another message."""
        one = read_fhir(a_create())
        two = read_fhir(a_create(authorization=a_token(jti="2")))
        assert one.digest == two.digest
        assert one.token != two.token

    @pytest.mark.parametrize(
        "other",
        [
            a_request("POST", "fhir/R4/Task?x=1", in_json(TASK)),
            a_request("PUT", "fhir/R4/Task", in_json(TASK)),
            a_request("POST", "fhir/R4/Task", in_json({**TASK, "status": "draft"})),
            a_create(if_none_exist="identifier=1"),
        ],
    )
    def test_is_another_with_another_address_body_or_condition(self, other: Any) -> None:
        """Under the id of an earlier one it would be taken for a copy and lost."""
        assert read_fhir(other).digest != read_fhir(a_create()).digest


class TestRefuses:
    @pytest.mark.parametrize(
        ("request_", "code"),
        [
            (a_request("GET", body=b"{}"), "EN-FHIR-BODY"),
            (a_request("DELETE", body=b"{}"), "EN-FHIR-BODY"),
            (a_request("POST", "fhir/R4/Task", b"{}", content_type="text/plain"), "EN-MEDIA-TYPE"),
            (a_request("POST", "fhir/R4/Task/_search", b"{}"), "EN-MEDIA-TYPE"),
            (a_request("POST", "fhir/R4/Task/_search", b"a=\xff", content_type=FORM), "EN-FHIR-BODY"),
            (a_request(aorta_id="x"), "EN-FHIR-HEADER"),
            (a_request(aorta_version="x"), "EN-FHIR-HEADER"),
            (a_request(authorization="Basic YTpi"), "EN-FHIR-TOKEN"),
            (a_request(edge_node_mandate_token=an_assertion()), "EN-FHIR-TOKEN"),
            (a_request(path="fhir/R4/x/y/z"), "EN-FHIR-ADDRESS"),
        ],
    )
    def test_what_cannot_be_read(self, request_: Any, code: str) -> None:
        """Each part has its own code, so that a developer knows where to look."""
        with pytest.raises(Refused) as refusal:
            read_fhir(request_)
        assert refusal.value.code == code
