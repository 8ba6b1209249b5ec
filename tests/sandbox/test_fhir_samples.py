"""The FHIR samples, as the node reads them."""

import pytest

from edge_node.formats import interactions
from edge_node.formats.fhir_address import read_call
from edge_node.formats.fhir_headers import read_aorta_id, read_aorta_version
from edge_node.formats.fhir_reading import read_fhir
from edge_node.formats.fhir_rows import row_of
from edge_node.model.message import Format, Payload
from edge_node.sandbox.fhir_exchange import FhirAsked
from edge_node.sandbox.fhir_reading import read_fhir_request
from edge_node.sandbox.samples.fhir import FhirSample, fhir_kinds
from tests.sandbox.fhir_doubles import maker, sample

KINDS = sorted(fhir_kinds())
TABLE = interactions.load()


def payload(one: FhirSample) -> Payload:
    return Payload(
        path=one.target.removeprefix("/"), soap_action="", body=one.body, content_type=one.media_type,
        format=Format.FHIR, method=one.method, headers=tuple(one.headers.items()),
    )  # fmt: skip


class TestKinds:
    def test_are_all_of_the_table(self) -> None:
        """An interaction without a sample would never be tried."""
        active = {str(row.id) for row in TABLE.values() if row.fhir and row.active}
        assert {kind.interaction for kind in fhir_kinds().values()} == active

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("is_xml", [False, True])
    def test_are_what_the_node_takes_them_for(self, kind: str, is_xml: bool) -> None:
        """Address and version lead to the very row."""
        one = sample(kind, is_xml=is_xml)
        call = read_call(one.method, one.target.removeprefix("/"))
        row = row_of(TABLE, call, read_aorta_version(one.headers["aorta-version"]))
        assert row is not None
        assert str(row.id) == one.kind.interaction

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("is_xml", [False, True])
    def test_name_one_patient_to_both_readers(self, kind: str, is_xml: bool) -> None:
        """Two readers that see two patients would be the gravest mistake."""
        one = sample(kind, is_xml=is_xml)
        asked = FhirAsked(method=one.method, target=one.target, headers=one.headers, body=one.body)
        ours = {bsn.value for _, bsn in read_fhir(payload(one)).patients.found}
        assert ours == set(read_fhir_request(asked).patients) <= {one.patient.bsn}

    def test_say_the_same_in_json_and_in_xml(self) -> None:
        """The type, which an address is held against."""
        both = [read_fhir(payload(sample("fhir-create-task", is_xml=is_xml))).body for is_xml in (False, True)]
        assert [body and body.resource for body in both] == ["Task"] * 2


class TestAttempts:
    def test_have_a_new_id_in_the_same_chain(self) -> None:
        """AORTA-ID: initialRequestID stays, requestID is of one request only."""
        one = sample("fhir-create-task")
        first, second = (read_aorta_id(each.headers["aorta-id"]) for each in (one, maker().again(one)))
        assert (first.initial_request, first.request != second.request) == (second.initial_request, True)
