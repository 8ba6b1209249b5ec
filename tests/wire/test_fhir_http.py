"""The binding of FHIR to HTTP."""

import pytest

from edge_node.model.exchange import Reply
from edge_node.model.message import Format, Payload
from edge_node.wire.fhir_http import FhirFront, Words, fhir_base, fhir_payload, fhir_request_headers, is_fhir
from edge_node.wire.http1 import Head, Headers, Request, TransportPeer
from edge_node.wire.soap_http import Refusals

JSON = ("content-type", "application/fhir+json; charset=utf-8")


def refuse(code: str, detail: str, payload: Payload) -> Reply:
    return Reply(status=400, body=b"fhir", headers=(("edge-node-error", code),))


FRONT = FhirFront(refuse)


def a_head(method: str = "GET", target: str = "/fhir/R4/Task/1", *headers: tuple[str, str]) -> Head:
    return Head(method, target, headers, TransportPeer(address="127.0.0.1"))


class TestAddress:
    @pytest.mark.parametrize("target", ["/fhir", "/fhir/", "/fhir/R4/Task?x=1", "/fhir?x", "/fhir/metadata"])
    def test_of_fhir(self, target: str) -> None:
        """Everything at and below the base."""
        assert is_fhir(target)

    @pytest.mark.parametrize("target", ["/", "/fhirs/x", "/FHIR/x", "/v1/messages/1", "/Dienst/fhir"])
    def test_of_something_else(self, target: str) -> None:
        """A SOAP service may have any other name."""
        assert not is_fhir(target)

    @pytest.mark.parametrize(
        ("path", "version", "rest"),
        [
            ("fhir", "STU3", ""),
            ("fhir?_id=1", "STU3", "?_id=1"),
            ("fhir/Task/1", "STU3", "/Task/1"),
            ("fhir/metadata", "STU3", "/metadata"),
            ("fhir/R4", "R4", ""),
            ("fhir/R4?x", "R4", "?x"),
            ("fhir/R4/Task/R4", "R4", "/Task/R4"),
            ("fhir/R4B/Task", "R4B", "/Task"),
        ],
    )
    def test_splits_at_its_base(self, path: str, version: str, rest: str) -> None:
        """What stands behind it is put behind the local system's own base."""
        assert fhir_base(path) == (version, rest)


class TestGate:
    @pytest.mark.parametrize(
        ("method", "headers"),
        [
            ("GET", ()),
            ("DELETE", (("accept", "*/*"),)),
            ("POST", (JSON, ("content-length", "2"))),
            ("PUT", (("content-type", "text/xml"), ("transfer-encoding", "chunked"))),
            ("POST", ()),  # an operation needs no body
            ("PATCH", (("content-type", "application/json-patch+json"), ("content-length", "2"))),
            ("GET", (("accept", "text/html, application/fhir+xml;q=0.5"),)),
        ],
    )
    def test_lets_fhir_pass(self, method: str, headers: Headers) -> None:
        """In all the forms in which clients write it."""
        assert FRONT.gate(a_head(method, "/fhir/R4/Task", *headers), "/fhir/R4/Task") is None

    @pytest.mark.parametrize(
        ("method", "headers", "code"),
        [
            ("TRACE", (), "EN-METHOD"),
            ("HEAD", (), "EN-METHOD"),
            ("OPTIONS", (), "EN-METHOD"),
            ("GET", (JSON, ("content-length", "2")), "EN-FHIR-BODY"),
            ("DELETE", (JSON, ("transfer-encoding", "chunked")), "EN-FHIR-BODY"),
            ("POST", (("content-length", "2"),), "EN-MEDIA-TYPE"),
            ("PUT", (("content-type", "application/json-patch+json"), ("content-length", "2")), "EN-MEDIA-TYPE"),
            ("POST", (("content-type", "text/plain"), ("content-length", "2")), "EN-MEDIA-TYPE"),
            ("POST", (JSON, ("content-length", "2"), ("content-encoding", "gzip")), "EN-MEDIA-TYPE"),
            ("GET", (("accept", "text/html"),), "EN-NOT-ACCEPTABLE"),
        ],
    )
    def test_refuses_what_is_none(self, method: str, headers: Headers, code: str) -> None:
        """Before its body is read."""
        refusal = FRONT.gate(a_head(method, "/fhir/R4/Task", *headers), "/fhir/R4/Task")
        assert refusal is not None
        assert ("edge-node-error", code) in refusal.headers

    def test_takes_a_form_where_one_is_posted(self) -> None:
        """A search may be, and nothing else."""
        form = (("content-type", "application/x-www-form-urlencoded"), ("content-length", "2"))
        targets = ("/fhir/R4/Task/_search", "/fhir/R4/Task/_search?_count=1", "/fhir/R4/Task")
        assert [FRONT.gate(a_head("POST", target, *form), target) is None for target in targets] == [
            True,
            True,
            False,
        ]

    def test_takes_a_document_in_what_it_is(self) -> None:
        """A letter is asked for as PDF; a parameter may say another form than Accept."""
        picky = ("accept", "application/pdf")
        targets = ("/fhir/R4/Binary/1", "/fhir/R4/Task/1?_format=json")
        assert [FRONT.gate(a_head("GET", target, picky), target) for target in targets] == [None, None]


class TestPayload:
    def test_has_the_headers_that_matter(self) -> None:
        """Neither cookies nor what a proxy added; those for the node itself, which end here."""
        said = (("aorta-id", "x"), ("cookie", "y"), ("x-forwarded-for", "z"), ("edge-node-application", "1"), JSON)
        payload = fhir_payload(Request(a_head("POST", "/k/key/fhir/R4/Task", *said), b"{}"), "/fhir/R4/Task")
        assert (payload.path, payload.method, payload.format) == ("fhir/R4/Task", "POST", Format.FHIR)
        assert payload.headers == (("aorta-id", "x"), ("edge-node-application", "1"))
        assert fhir_request_headers(payload) == (JSON, ("aorta-id", "x"))

    def test_without_a_body_has_no_content_type(self) -> None:
        """A server may refuse one of nothing."""
        payload = fhir_payload(Request(a_head("GET", "/fhir/R4/Task", JSON), b""), "/fhir/R4/Task")
        assert fhir_request_headers(payload) == ()


class TestWords:
    @pytest.mark.parametrize(
        ("head", "body"),
        [
            (None, b"soap"),
            (a_head("POST", "/Dienst"), b"soap"),
            (a_head("POST", "/k/short/fhir/R4/Task"), b"fhir"),
            (a_head("POST", "/k/x"), b"soap"),
        ],
    )
    def test_are_those_of_the_address(self, head: Head | None, body: bytes) -> None:
        """With a key in it, and without a request too."""
        words = Words(Refusals(lambda code, detail: Reply(status=500, body=b"soap")), FRONT)
        assert words.response("EN-HTTP", "", head).body == body
