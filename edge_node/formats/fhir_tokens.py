"""The tokens that go along with a FHIR request, as far as they can be read without being trusted.

Knows: the outer form of a JWT, the claims of an AORTA access token, the headers for SAML assertions.
Must not know: whether a token is genuine or still good: that is the broker's and the authorisation server's part.

The names of the claims that hold the patient are not public. So a claim counts when its value says itself that it is
a BSN (by its system or its OID), or when its name says so and its value is nine digits.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from edge_node.errors import Refused
from edge_node.formats.fhir_claims import read_said
from edge_node.formats.fhir_patients import bsn_in, is_bsn, patient_number
from edge_node.model.fhir import Claims, SamlTokens

AUTHORIZATION: Final = "authorization"
TRANSACTION: Final = "edge-node-transaction-token"
MANDATE: Final = "edge-node-mandate-token"
ENROLMENT: Final = "edge-node-enrolment-token"

_CODE: Final = "EN-FHIR-TOKEN"
#: Mandate and enrolment.
_BESIDE: Final = 2
_MAX_CHARS: Final = 65536
_BEARER: Final = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]+={0,2}")
_BSN_CLAIM: Final = re.compile(r"bsn|burgerservicenummer", re.IGNORECASE)
_PATIENT_CLAIM: Final = re.compile(r"patient", re.IGNORECASE)
_NINE_DIGITS: Final = re.compile(r"[0-9]{9}")
_DEPTH: Final = 16


def read_claims(authorization: str) -> Claims:
    """Read the claims of `Authorization: Bearer <JWT>`. Raises `Refused`."""
    found = _BEARER.fullmatch(authorization.strip()) if len(authorization) <= _MAX_CHARS else None
    if found is None:
        raise Refused("Authorization is not Bearer with a signed JWT", code=_CODE)
    header, claims = _object(found[1]), _object(found[2])
    if not isinstance(header.get("alg"), str) or header["alg"].lower() == "none":
        raise Refused("the JWT is not signed", code=_CODE)
    numbers = set(_numbers(claims, "", _DEPTH))
    if len(numbers) > 1:
        raise Refused("the claims of the token", code="EN-WRONG-PATIENT")
    said = read_said(claims)
    return Claims(
        patient=patient_number("token", numbers.pop()) if numbers else None,
        is_emergency=said.is_emergency,
        contexts=said.contexts,
        uzi=said.uzi,
        role=said.role,
        ura=said.ura,
    )


def read_saml(headers: Mapping[str, str]) -> SamlTokens | None:
    """Read the assertions a local system hands in for an exchange; None without any. Raises `Refused`.

    Without a transaction token there are both others: then the node may make it.
    """
    given = {name: headers[name].strip() for name in (TRANSACTION, MANDATE, ENROLMENT) if name in headers}
    if not given:
        return None
    if TRANSACTION not in given and len(given) < _BESIDE:
        raise Refused(f"{TRANSACTION} is missing", code=_CODE)
    for name in given:
        assertion(name, given[name])
    return SamlTokens(transaction=given.get(TRANSACTION), mandate=given.get(MANDATE), enrolment=given.get(ENROLMENT))


def assertion(name: str, token: str) -> bytes:
    """The bytes of one assertion; `name` is of its header. Raises `Refused`."""
    if len(token) > _MAX_CHARS or not _BASE64URL.fullmatch(token):
        raise Refused(f"{name} is not base64url", code=_CODE)
    decoded = _decoded(token)
    if not decoded.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise Refused(f"{name} holds no SAML assertion", code=_CODE)
    return decoded


def written(token: bytes) -> str:
    """An assertion as it is handed in."""
    return base64.urlsafe_b64encode(token).decode().rstrip("=")


def digest_of(authorization: str | None, tokens: SamlTokens | None) -> bytes:
    """What tells the tokens of one request from others; empty without any."""
    given = [authorization, *((tokens.transaction, tokens.mandate, tokens.enrolment) if tokens else ())]
    if not any(given):
        return b""
    return hashlib.sha256("\0".join(text or "" for text in given).encode()).digest()


def _object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(_decoded(part), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused("the JWT cannot be read", code=_CODE) from None
    if not isinstance(found, dict):
        raise Refused("the JWT cannot be read", code=_CODE)
    return found


def _decoded(part: str) -> bytes:
    bare = part.rstrip("=")
    try:
        return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except (binascii.Error, ValueError):
        raise Refused("a token is not base64url", code=_CODE) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _no_number(_: str) -> None:
    raise ValueError("no number of JSON")


def _numbers(value: Any, name: str, depth: int) -> Iterator[str]:
    """The patient numbers in a claim and below it."""
    if depth == 0:
        raise Refused("the claims of the token are nested too deep", code=_CODE)
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _numbers(below, key, depth - 1)
    elif isinstance(value, list):
        for below in value:
            yield from _numbers(below, name, depth - 1)
    elif isinstance(value, str):
        number = bsn_in(value)
        if number is not None:
            yield number
        elif _NINE_DIGITS.fullmatch(value.strip()) and _is_number(name, value.strip()):
            yield value.strip()


def _is_number(name: str, digits: str) -> bool:
    """Whether nine digits are a BSN by the name of their claim. What is only called patient may be any id of one."""
    return bool(_BSN_CLAIM.search(name)) or (bool(_PATIENT_CLAIM.search(name)) and is_bsn(digits))
