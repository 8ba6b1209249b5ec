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
from edge_node.formats.fhir_body import read_body
from edge_node.formats.fhir_headers import (
    AORTA_ID,
    AORTA_VERSION,
    one_of_each,
    prefers_json,
    read_aorta_id,
    read_aorta_version,
)
from edge_node.formats.fhir_patients import numbers_in_parameter, numbers_in_query, patient_number
from edge_node.formats.fhir_saml import patients_of
from edge_node.model.fhir import Action, Claims, FhirBody, FhirCall, FhirReading, SamlTokens
from edge_node.model.identifiers import Bsn
from edge_node.model.message import Patients, Payload

FORM: Final = "application/x-www-form-urlencoded"
#: What says what is to be done with a resource: it belongs to the content of a request, as its address does.
_CONDITIONS: Final = ("if-match", "if-none-match", "if-none-exist", "if-modified-since")


def read_fhir(payload: Payload) -> FhirReading:
    """Read a request. Raises `Refused`."""
    headers = one_of_each(payload.headers)
    call, body = _content(read_call(payload.method, payload.path), payload)
    claims = _claims(headers)
    tokens = fhir_tokens.read_saml(headers)
    return FhirReading(
        call=call,
        patients=Patients(found=(*_outside(call, headers, claims, tokens), *(body.patients.found if body else ()))),
        digest=_digest(payload, headers),
        aorta_id=read_aorta_id(headers[AORTA_ID]) if AORTA_ID in headers else None,
        aorta_version=read_aorta_version(headers[AORTA_VERSION]) if AORTA_VERSION in headers else None,
        claims=claims,
        tokens=tokens,
        token=fhir_tokens.digest_of(headers.get(fhir_tokens.AUTHORIZATION), tokens),
        body=body,
        is_json=prefers_json(payload),
    )


def _content(call: FhirCall, payload: Payload) -> tuple[FhirCall, FhirBody | None]:
    """The call with the parameters of a form, and the body where it is a resource."""
    if not payload.body:
        return call, None
    if payload.method not in {"POST", "PUT", "PATCH"}:
        raise Refused(f"{payload.method} has no body", code="EN-FHIR-BODY")
    if call.action is not Action.SEARCH:
        return call, read_body(payload.body, payload.content_type)
    if payload.content_type.partition(";")[0].strip().lower() != FORM:
        raise Refused(f"a search is posted as {FORM}", code="EN-MEDIA-TYPE")
    try:
        form = payload.body.decode("ascii")
    except UnicodeDecodeError:
        raise Refused("a form is written in ASCII, the rest as %XX", code="EN-FHIR-BODY") from None
    return replace(call, parameters=(*call.parameters, *read_parameters(form))), None


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
    yield from _named("query", (number for _, value in call.parameters for number in numbers_in_parameter(value)))
    yield from _named("if-none-exist", numbers_in_query(headers.get("if-none-exist", "").rpartition("?")[2]))


def _named(place: str, numbers: Iterable[str]) -> Iterator[tuple[str, Bsn]]:
    for number in dict.fromkeys(numbers):
        yield place, patient_number(place, number)


def _digest(payload: Payload, headers: Mapping[str, str]) -> bytes:
    conditions = "\n".join(f"{name}: {headers[name]}" for name in _CONDITIONS if name in headers)
    head = f"{payload.method} {payload.path}\n{conditions}\n\n".encode("utf-8", "surrogateescape")
    return hashlib.sha256(head + payload.body).digest()
