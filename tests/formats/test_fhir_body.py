"""A FHIR body says whose it is, in JSON as in XML, read whole or as it comes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_node.errors import Refused
from edge_node.formats.fhir_body import FhirBodyReader, is_json_body, read_body
from edge_node.formats.fhir_json import JsonLimits
from edge_node.model.fhir import FhirBody, OutcomeIssue
from tests.formats.fhir_samples import (
    BSN,
    FHIR_JSON,
    FHIR_XML,
    OTHER_PATIENT,
    PATIENT,
    TASK,
    a_bundle,
    a_patient,
    in_json,
    in_xml,
)
from tests.formats.fhir_whole_tree import patients_in_json, patients_in_xml

NUMBER = {"system": BSN, "value": PATIENT}
RELATIVE = {"system": BSN, "value": OTHER_PATIENT}

both = pytest.mark.parametrize("is_json", [True, False], ids=["json", "xml"])


def read(resource: dict[str, Any], *, is_json: bool) -> FhirBody:
    return read_body(*((in_json(resource), FHIR_JSON) if is_json else (in_xml(resource), FHIR_XML)))


def found(body: FhirBody) -> set[tuple[str, str]]:
    return {(place, bsn.value) for place, bsn in body.patients.found}


def in_pieces(reader: FhirBodyReader, body: bytes, piece_bytes: int) -> FhirBody:
    for at in range(0, len(body), piece_bytes):
        reader.feed(body[at : at + piece_bytes])
    return reader.close()


class TestPatients:
    @both
    @pytest.mark.parametrize(
        ("resource", "place"),
        [
            (a_patient(), "identifier"),
            (TASK, "for.identifier"),
            (a_bundle(a_patient()), "entry.resource.identifier"),
            ({"resourceType": "Observation", "contained": [a_patient()]}, "contained.identifier"),
            ({"resourceType": "Observation", "subject": {"identifier": NUMBER}}, "subject.identifier"),
            ({"resourceType": "Parameters", "parameter": [{"valueIdentifier": NUMBER}]}, "parameter.valueIdentifier"),
            ({"resourceType": "RelatedPerson", "patient": {"identifier": NUMBER}}, "patient.identifier"),
            ({"resourceType": "Task", "for": {"reference": f"Patient?identifier={BSN}|{PATIENT}"}}, "for.reference"),
            (
                {
                    "resourceType": "Bundle",
                    "entry": [{"request": {"url": f"Task?patient.identifier={BSN}%7C{PATIENT}"}}],
                },
                "entry.request.url",
            ),
            (
                {"resourceType": "Bundle", "entry": [{"request": {"ifNoneExist": f"identifier={BSN}|{PATIENT}"}}]},
                "entry.request.ifNoneExist",
            ),
            (
                a_patient(identifier=[{"system": f"urn:oid:{'2.16.840.1.113883.2.4.6.3'}", "value": PATIENT}]),
                "identifier",
            ),
        ],
    )
    def test_are_found_wherever_a_resource_names_them(
        self, resource: dict[str, Any], place: str, is_json: bool
    ) -> None:
        """A place that is not looked at is a place where the wrong patient can stand."""
        assert found(read(resource, is_json=is_json)) == {(f"body:{place}", PATIENT)}

    @both
    @pytest.mark.parametrize(
        "resource",
        [
            {"resourceType": "RelatedPerson", "identifier": [RELATIVE]},
            {"resourceType": "Practitioner", "identifier": [RELATIVE]},
            {"resourceType": "Patient", "contact": [{"identifier": [RELATIVE]}]},
            {"resourceType": "Patient", "link": [{"other": {"identifier": RELATIVE}}]},
            {"resourceType": "Observation", "performer": [{"identifier": RELATIVE}]},
            {"resourceType": "Consent", "consentingParty": [{"identifier": RELATIVE}]},
            a_bundle({"resourceType": "RelatedPerson", "identifier": [RELATIVE]}),
        ],
    )
    def test_are_not_their_relatives(self, resource: dict[str, Any], is_json: bool) -> None:
        """A mother who filled in a questionnaire about her child is not a second patient."""
        assert found(read(resource, is_json=is_json)) == set()

    @both
    def test_that_are_masked_are_none(self, is_json: bool) -> None:
        """A source may leave the number out on purpose, with an extension in its place."""
        masked = {"system": BSN, "_value": {"extension": [{"url": "x", "valueCode": "masked"}]}}
        assert found(read(a_patient(identifier=[masked]), is_json=is_json)) == set()

    def test_are_none_in_the_narrative(self) -> None:
        """The text for people may hold any number."""
        text = f'<div xmlns="http://www.w3.org/1999/xhtml"><system value="{BSN}"/><value value="{PATIENT}"/></div>'
        body = f'<Patient xmlns="http://hl7.org/fhir"><text>{text}</text></Patient>'.encode()
        assert found(read_body(body, FHIR_XML)) == set()

    def test_are_known_before_the_end(self) -> None:
        """A large answer goes on while it is read: another patient must be seen before the rest has left."""
        reader = FhirBodyReader(is_json=True)
        reader.feed(in_json(a_bundle(a_patient(), a_patient()))[:-40])
        assert reader.resource == "Bundle"
        assert {bsn.value for _, bsn in reader.patients.found} == {PATIENT}

    @both
    def test_with_a_number_that_is_none_are_refused(self, is_json: bool) -> None:
        """A slip of the keyboard would be looked up as somebody else."""
        with pytest.raises(Refused) as refusal:
            read(a_patient("999911121"), is_json=is_json)
        assert refusal.value.code == "EN-BSN-INVALID"
        assert "999911121" not in str(refusal.value)

    @pytest.mark.parametrize(
        "identifier",
        [
            {"system": BSN, "value": 999911120},
            {"system": BSN, "value": [PATIENT, OTHER_PATIENT]},
            {"system": [BSN, "urn:x"], "value": PATIENT},
        ],
    )
    def test_with_an_identifier_of_another_form_are_refused(self, identifier: dict[str, Any]) -> None:
        """A reader that is more lenient than we are might take a number that we did not see."""
        with pytest.raises(Refused) as refusal:
            read_body(in_json(a_patient(identifier=[identifier])), FHIR_JSON)
        assert refusal.value.code == "EN-FHIR-BODY"

    def test_with_two_numbers_in_one_element_are_refused(self) -> None:
        """The same in XML, where nothing forbids an element twice."""
        pair = f'<system value="{BSN}"/><value value="{PATIENT}"/><value value="{OTHER_PATIENT}"/>'
        body = f'<Patient xmlns="http://hl7.org/fhir"><identifier>{pair}</identifier></Patient>'.encode()
        with pytest.raises(Refused) as refusal:
            read_body(body, FHIR_XML)
        assert refusal.value.code == "EN-FHIR-BODY"

    @pytest.mark.parametrize("silent", ['<type vazue="searchset"/>', "<type/>", '<id/><id value="1"/>'])
    def test_of_two_elements_the_silent_one_counts_too(self, silent: str) -> None:
        """Others take the first, and see a Bundle without a type where we see a search."""
        body = f'<Bundle xmlns="http://hl7.org/fhir">{silent}<type value="searchset"/></Bundle>'.encode()
        with pytest.raises(Refused) as refusal:
            read_body(body, FHIR_XML)
        assert refusal.value.code == "EN-FHIR-BODY"

    @both
    def test_of_several_types_that_are_concepts_are_read(self, is_json: bool) -> None:
        """A contact with the practice can be of two kinds."""
        kinds = [{"coding": [{"system": "urn:kinds", "code": code}]} for code in ("visit", "call")]
        assert read({"resourceType": "Encounter", "type": kinds}, is_json=is_json).resource == "Encounter"


class TestResource:
    @both
    def test_has_its_type_and_id(self, is_json: bool) -> None:
        """By these a body that does not fit its address is known."""
        body = read(TASK, is_json=is_json)
        assert (body.resource, body.id, body.bundle) == ("Task", "t1", None)
        assert body.is_json is is_json

    def test_may_name_its_type_last(self) -> None:
        """JSON has no order: the relative is a relative all the same."""
        body = in_json({"identifier": [RELATIVE], "resourceType": "RelatedPerson"})
        assert found(read_body(body, FHIR_JSON)) == set()

    @both
    def test_that_is_an_outcome_has_its_issues(self, is_json: bool) -> None:
        """What the switchboard says there decides whether a push is tried again."""
        coding = [{"system": "urn:oid:2.16.840.1.113883.5.1100", "code": "RTEDEST"}]
        issue = {"severity": "error", "code": "timeout", "details": {"coding": coding}}
        body = read({"resourceType": "OperationOutcome", "issue": [issue]}, is_json=is_json)
        details = (("urn:oid:2.16.840.1.113883.5.1100", "RTEDEST"),)
        assert body.issues == (OutcomeIssue(severity="error", code="timeout", details=details),)

    @both
    def test_that_is_a_bundle_has_its_type_and_statuses(self, is_json: bool) -> None:
        """A batch may be done in part."""
        entries = [{"response": {"status": "201 Created"}}, {"response": {"status": "422"}}]
        body = read({"resourceType": "Bundle", "type": "batch-response", "entry": entries}, is_json=is_json)
        assert (body.bundle, body.statuses) == ("batch-response", ("201 Created", "422"))

    def test_that_is_refused_shows_no_name_its_sender_made_up(self) -> None:
        """The reason is logged: it holds the names of FHIR elements, never what somebody wrote in their place."""
        identifier = {"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": "1"}
        with pytest.raises(Refused) as refusal:
            read({"resourceType": "Task", "for": {"A. Jansen 999911120": {"identifier": identifier}}}, is_json=True)
        assert refusal.value.detail.startswith("body:for.?.identifier: ")

    @both
    def test_that_is_a_long_bundle_hides_no_refusal(self, is_json: bool) -> None:
        """The hundredth entry of a transfer was refused: that is not delivered."""
        entries = [{"response": {"status": status}} for status in ["201"] * 99 + ["422"]]
        body = read({"resourceType": "Bundle", "type": "batch-response", "entry": entries}, is_json=is_json)
        assert body.statuses == ("201", "422")

    @pytest.mark.parametrize("body", [b"[]", b'[{"op":"replace"}]', b"{}", b'"x"', b"1"])
    def test_is_none_where_the_root_names_none(self, body: bytes) -> None:
        """A JSON Patch is no resource; whether it may be one is judged elsewhere."""
        assert read_body(body, FHIR_JSON).resource is None


class TestRefuses:
    @pytest.mark.parametrize("piece_bytes", [1, 7, 65536])
    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"", "EN-JSON-MALFORMED"),
            (b"{", "EN-JSON-MALFORMED"),
            (b'{"a":1}x', "EN-JSON-MALFORMED"),
            (b'{"a":1}"', "EN-JSON-MALFORMED"),
            (b'{"a":1}"b}', "EN-JSON-MALFORMED"),
            (b'{"a":1}{"a":1}', "EN-JSON-MALFORMED"),
            (b'{"a":1,"a":2}', "EN-JSON-MALFORMED"),
            (b'{"a":1,"\\u0061":2}', "EN-JSON-MALFORMED"),
            (b'{"a":NaN}', "EN-JSON-MALFORMED"),
            (b'{"a":"\xff"}', "EN-JSON-MALFORMED"),
            (b'{"a":"\xed\xa0\x80"}', "EN-JSON-MALFORMED"),
            (b'{"a":"\n"}', "EN-JSON-MALFORMED"),
            (b'{"a":' + b"1" * 5000 + b"}", "EN-JSON-MALFORMED"),
            (b"/**/{}", "EN-JSON-MALFORMED"),
            (b"{}\x0c", "EN-JSON-MALFORMED"),
            (b'{"identifi\\ud800er":1}', "EN-JSON-MALFORMED"),
            (b'{"a":"\\uDFFF"}', "EN-JSON-MALFORMED"),
            (b'["\\uD83D\\uD83D\\uDE00"]', "EN-JSON-MALFORMED"),
            (b'["' + b"x" * 40 + b'\\\\\\ud83d"]', "EN-JSON-MALFORMED"),
            ('{"a":1}'.encode("utf-16"), "EN-JSON-MALFORMED"),
            (b"[" * 101, "EN-JSON-LIMIT"),
            (b'{"' + b"a" * 257 + b'":1}', "EN-JSON-LIMIT"),
            (b"{" + b",".join(b'"%d":1' % at for at in range(513)) + b"}", "EN-JSON-LIMIT"),
            (b"[" + b"{}," * 20 + b"{}]", "EN-JSON-LIMIT"),
            (b'{"resourceType":"no type"}', "EN-FHIR-BODY"),
            (b'{"resourceType":"Task\\u0000"}', "EN-FHIR-BODY"),
        ],
    )
    def test_what_could_hurt_or_mislead_in_json(self, body: bytes, code: str, piece_bytes: int) -> None:
        """One code each, however the bytes arrive."""
        reader = FhirBodyReader(is_json=True, json_limits=JsonLimits(branches=20 if b"{}," in body else 1000))
        with pytest.raises(Refused) as refusal:
            in_pieces(reader, body, piece_bytes)
        assert refusal.value.code == code

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"<Task", "EN-XML-MALFORMED"),
            (b'<!DOCTYPE Task><Task xmlns="http://hl7.org/fhir"/>', "EN-XML-DOCTYPE"),
            (b'<Task xmlns="http://hl7.org/fhir">' + b"<a>" * 100, "EN-XML-LIMIT"),
            (b'<task xmlns="http://hl7.org/fhir"/>', "EN-FHIR-BODY"),
            (b'<Task xmlns="http://hl7.org/fhir"><id value="1"/><id value="2"/></Task>', "EN-FHIR-BODY"),
            (b'<Ta.sk xmlns="http://hl7.org/fhir"/>', "EN-FHIR-BODY"),
        ],
    )
    def test_the_same_in_xml(self, body: bytes, code: str) -> None:
        """The hardened parser is the one that reads HL7v3."""
        with pytest.raises(Refused) as refusal:
            read_body(body, FHIR_XML)
        assert refusal.value.code == code

    @pytest.mark.parametrize(
        "content_type", ["", "text/html", "application/pdf", "application/fhir+json; charset=ISO-8859-1", "json"]
    )
    def test_a_media_type_that_is_not_fhir(self, content_type: str) -> None:
        """What cannot be read cannot be judged."""
        with pytest.raises(Refused) as refusal:
            is_json_body(content_type)
        assert refusal.value.code == "EN-MEDIA-TYPE"


class TestMediaType:
    @pytest.mark.parametrize(
        ("content_type", "expected"),
        [
            ("application/fhir+json; fhirVersion=4.0; charset=UTF-8", True),
            ("Application/JSON", True),
            ("application/json-patch+json", True),
            ("application/fhir+xml;charset=utf-8", False),
            ("text/xml", False),
        ],
    )
    def test_says_json_or_xml(self, content_type: str, expected: bool) -> None:
        """With the parameters that clients add."""
        assert is_json_body(content_type) is expected

    @pytest.mark.parametrize("piece_bytes", [1, 5, 12, 65536])
    def test_allows_whole_surrogate_pairs(self, piece_bytes: int) -> None:
        """A smile in a text, and a backslash before what only looks like half of one."""
        body = b'{"resourceType":"Task","a":["\\ud83d\\ude00","\\\\ud83d","\\uD7FF\\uE000 \\u0041"]}'
        assert in_pieces(FhirBodyReader(is_json=True), body, piece_bytes).resource == "Task"

    def test_allows_a_mark_before_json(self) -> None:
        """.NET writes one."""
        assert read_body(b"\xef\xbb\xbf" + in_json(TASK), FHIR_JSON).resource == "Task"


NAMES = st.sampled_from(
    ["identifier", "subject", "performer", "contained", "entry", "resource", "contact", "link", "value", "system"]
)
TEXTS = st.sampled_from([BSN, "urn:x", PATIENT, OTHER_PATIENT, f"Patient?identifier={BSN}|{PATIENT}", ""])
TYPES = st.sampled_from(["Patient", "RelatedPerson", "Observation", "Bundle"])
IDENTIFIERS = st.fixed_dictionaries({"system": st.just(BSN), "value": st.sampled_from([PATIENT, OTHER_PATIENT])})


def branches(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    members = st.dictionaries(NAMES.filter(lambda name: name not in {"system", "value"}), below, max_size=4)
    addresses = st.dictionaries(st.sampled_from(["url", "reference", "fullUrl"]), TEXTS, max_size=1)
    typed = st.builds(lambda type_, rest: {"resourceType": type_, **rest}, TYPES, members)
    return st.builds(lambda *parts: {k: v for part in parts for k, v in part.items()}, members, addresses) | typed


TREES = st.recursive(IDENTIFIERS, branches, max_leaves=12)
ROOTS = st.builds(lambda type_, tree: {**tree, "resourceType": type_}, TYPES, branches(TREES))


thoroughly = settings(deadline=None, derandomize=True, max_examples=300)


class TestTheTree:
    @thoroughly
    @given(ROOTS)
    def test_is_read_as_a_whole_tree_would_be_in_json(self, resource: dict[str, Any]) -> None:
        """What is judged is what the receiver will see."""
        body = in_json(resource)
        assert found(read_body(body, FHIR_JSON)) == patients_in_json(body)

    @thoroughly
    @given(ROOTS)
    def test_is_read_as_a_whole_tree_would_be_in_xml(self, resource: dict[str, Any]) -> None:
        """The same for the other format."""
        body = in_xml(resource)
        assert found(read_body(body, FHIR_XML)) == patients_in_xml(body)

    @thoroughly
    @given(ROOTS, st.integers(1, 60))
    def test_is_the_same_in_pieces(self, resource: dict[str, Any], piece_bytes: int) -> None:
        """A network cuts where it likes."""
        body = in_json(resource)
        reader = FhirBodyReader(is_json=True)
        assert in_pieces(reader, body, piece_bytes) == read_body(body, FHIR_JSON)
