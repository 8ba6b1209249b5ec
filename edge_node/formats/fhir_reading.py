"""All that is read from one FHIR request before it is judged.

Knows: which parts a request has: its address, its headers, its tokens, its body.
Must not know: what is judged of them, HTTP.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from edge_node.errors import Refused
from edge_node.formats import fhir_tokens
from edge_node.formats.fhir_address import read_call, read_parameters
from edge_node.formats.fhir_body import FhirBodyReader, is_json_body
from edge_node.formats.fhir_headers import (
    AORTA_ID,
    AORTA_VERSION,
    one_of_each,
    prefers_json,
    read_aorta_id,
    read_aorta_version,
)
from edge_node.formats.fhir_json import PIECE_BYTES
from edge_node.formats.fhir_patients import numbers_in_query, numbers_in_search, patient_number
from edge_node.formats.fhir_saml import patients_of
from edge_node.model.fhir import Action, Claims, FhirCall, FhirReading, SamlTokens
from edge_node.model.identifiers import Bsn
from edge_node.model.message import Patients, Payload

FORM: Final = "application/x-www-form-urlencoded"
#: What says what is to be done with a resource: it belongs to the content of a request, as its address does.
_CONDITIONS: Final = ("if-match", "if-none-match", "if-none-exist", "if-modified-since")


def read_fhir(payload: Payload) -> FhirReading:
    """Read a request at once. Raises `Refused`."""
    reader = FhirRequestReader(payload)
    for _ in reader.steps(PIECE_BYTES):
        pass
    return reader.close()


class FhirRequestReader:
    """Reads one request: what is small at once, the body in steps, so that others may go between them."""

    def __init__(self, payload: Payload) -> None:
        self._payload = payload
        self._headers = one_of_each(payload.headers)
        self._call = read_call(payload.method, payload.path)
        self._body = self._body_reader()
        if payload.body and self._body is None:
            form = read_parameters(_ascii(payload.body))
            self._call = replace(self._call, parameters=(*self._call.parameters, *form))

    def steps(self, step_bytes: int) -> Iterator[None]:
        """Read the body, that much at each step. Raises `Refused`."""
        if self._body is not None:
            view = memoryview(self._payload.body)
            for at in range(0, len(view), step_bytes):
                self._body.feed(view[at : at + step_bytes])
                yield

    def close(self) -> FhirReading:
        """Return all of it, after the last step. Raises `Refused`."""
        payload, headers = self._payload, self._headers
        body = self._body.close() if self._body is not None else None
        claims, tokens = _claims(headers), fhir_tokens.read_saml(headers)
        outside = _outside(self._call, headers, claims, tokens)
        return FhirReading(
            call=self._call,
            patients=Patients(found=(*outside, *(body.patients.found if body else ()))),
            digest=_digest(payload, headers),
            aorta_id=read_aorta_id(headers[AORTA_ID]) if AORTA_ID in headers else None,
            aorta_version=read_aorta_version(headers[AORTA_VERSION]) if AORTA_VERSION in headers else None,
            claims=claims,
            tokens=tokens,
            token=fhir_tokens.digest_of(headers.get(fhir_tokens.AUTHORIZATION), tokens),
            body=body,
            is_json=prefers_json(payload),
        )

    def _body_reader(self) -> FhirBodyReader | None:
        """What reads the body; None where there is none, or it is a form."""
        payload = self._payload
        if not payload.body:
            return None
        if payload.method not in {"POST", "PUT", "PATCH"}:
            raise Refused(f"{payload.method} has no body", code="EN-FHIR-BODY")
        if self._call.action is not Action.SEARCH:
            return FhirBodyReader(is_json=is_json_body(payload.content_type))
        if payload.content_type.partition(";")[0].strip().lower() != FORM:
            raise Refused(f"a search is posted as {FORM}", code="EN-MEDIA-TYPE")
        return None


def _ascii(form: bytes) -> str:
    try:
        return form.decode("ascii")
    except UnicodeDecodeError:
        raise Refused("a form is written in ASCII, the rest as %XX", code="EN-FHIR-BODY") from None


def _claims(headers: Mapping[str, str]) -> Claims | None:
    authorization = headers.get(fhir_tokens.AUTHORIZATION)
    return fhir_tokens.read_claims(authorization) if authorization is not None else None


def _outside(
    call: FhirCall, headers: Mapping[str, str], claims: Claims | None, tokens: SamlTokens | None
) -> Iterator[tuple[str, Bsn]]:
    """The patients named beside the body."""
    if claims is not None and claims.patient is not None:
        yield "token", claims.patient
    if tokens is not None:
        yield from patients_of(tokens)
    condition = headers.get("if-none-exist", "").rpartition("?")[2]
    yield from _named("query", numbers_in_search(call.parameters, call.resource))
    yield from _named("if-none-exist", numbers_in_query(condition, call.resource))


def _named(place: str, numbers: Iterable[str]) -> Iterator[tuple[str, Bsn]]:
    for number in dict.fromkeys(numbers):
        yield place, patient_number(place, number)


def _digest(payload: Payload, headers: Mapping[str, str]) -> bytes:
    conditions = "\n".join(f"{name}: {headers[name]}" for name in _CONDITIONS if name in headers)
    head = f"{payload.method} {payload.path}\n{conditions}\n\n".encode("utf-8", "surrogateescape")
    return hashlib.sha256(head + payload.body).digest()
