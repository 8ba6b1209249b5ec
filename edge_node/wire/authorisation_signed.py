"""Signed metadata: a JSON Web Token whose signer is proven before a word of it counts.

Knows: RFC 7515 and 7519, the chain in `x5c`, a key set, which algorithms and keys are good enough.
Must not know: where a token came from, what its claims are for.
"""

import base64
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from edge_node.errors import NotSent, Refused
from edge_node.wire.revocation import Revocation
from edge_node.wire.trust_certificate import UNREADABLE, read_certificate
from edge_node.wire.trust_context import MAX_DEPTH
from edge_node.wire.trust_verify import path

Claims = Mapping[str, Any]

#: AORTA on FHIR, Token specificaties: the stelseltoken is signed with RS256; the same is asked of all metadata.
ALGORITHMS: Final = ("RS256",)
_RSA_BITS: Final = 2048
_MAX_TOKEN: Final = 65_536
_MAX_HEADER: Final = 49_152  # a chain of five certificates
_NO_MOMENT: Final = 1e15


class _Registry(jws.JWSRegistry):
    max_header_length = _MAX_HEADER
    max_payload_length = _MAX_TOKEN


_REGISTRY: Final = _Registry(algorithms=ALGORITHMS, strict_check_header=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who may sign: under these anchors, from one of these issuers, of this organisation.

    Where no organisation is named, it must have one of these names: everybody on the network has a certificate of the
    same issuers.
    """

    anchors: tuple[x509.Certificate, ...]
    issuers: tuple[str, ...]
    organisation: str | None
    revocation: Revocation
    names: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()  # whose signature it is: what is borne of its lists is borne here too
    skew_s: float = 5.0  # by which its clock and ours may differ


def untrusted(why: str) -> NotSent:
    """Nothing was sent, because what should say where to is not to be trusted."""
    return NotSent(why, code="EN-AUTHORISATION-UNTRUSTED")


def read_by_chain(token: str, signer: Signer, *, kind: str, at: datetime) -> Claims:
    """Return the claims of a token signed by the first certificate of its own chain. Raises `NotSent`."""
    read = _read(token)
    said = read.headers().get("typ")
    if not isinstance(said, str) or said.lower().removeprefix("application/") != kind.lower():
        raise untrusted(f"the token is not of type {kind}")
    key = _leaf_key(_chain(read.headers().get("x5c")), signer, at)
    _verify(read, key)
    return _claims(read, at, signer.skew_s)


def kind_of(token: str) -> str:
    """What kind of token its header says it is, without `application/`; empty where it does not say.

    Raises `NotSent`.
    """
    said = _read(token).headers().get("typ")
    return said.lower().removeprefix("application/") if isinstance(said, str) else ""


def said_by(token: str) -> Claims:
    """What it says, of which nothing is proven. Raises `NotSent`."""
    return _object(_read(token))


def has_key_of(token: str, keys: Claims) -> bool:
    """Whether the key that its header names is in the set, once. Raises `NotSent`."""
    return len(_named(_read(token), keys)) == 1


def read_by_keys(token: str, keys: Claims, *, at: datetime, skew_s: float) -> Claims:
    """Return the claims of a token signed with the key of a set that its header names. Raises `NotSent`."""
    read = _read(token)
    named = _named(read, keys)
    if len(named) != 1:
        raise untrusted("the key that the token names is not in the key set, or is there twice")
    if named[0].get("kty") != "RSA" or named[0].get("use", "sig") != "sig":
        raise untrusted("the key that the token names is not an RSA key for signatures")
    try:
        exponent, modulus = (_number(named[0][name]) for name in ("e", "n"))
        key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    except (ValueError, TypeError, KeyError) as error:
        raise untrusted("the key that the token names cannot be read") from error
    _verify(read, key)
    return _claims(read, at, skew_s)


def ends_in_s(claims: Claims, at: datetime) -> float:
    """How long claims that were read are still good; for ever where they do not say."""
    return float(claims.get("exp", math.inf)) - at.timestamp()


def _read(token: str) -> jws.CompactSignature:
    if len(token) > _MAX_TOKEN or not token.isascii():
        raise untrusted("the token is too long, or is no JSON Web Token")
    try:
        read = jws.extract_compact(token.encode(), registry=_REGISTRY)
        headers = read.headers()
        # RFC 7515, 4.1.11: what must be understood is not understood here; b64 would change what was signed.
        if not isinstance(headers, dict) or {"crit", "b64"} & set(headers):
            raise untrusted("the header of the token asks for what is not known here")
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise untrusted("no JSON Web Token in compact form") from error
    return read


def _verify(read: jws.CompactSignature, key: object) -> None:
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < _RSA_BITS:
        raise untrusted(f"the signing key is not RSA of at least {_RSA_BITS} bits")
    try:
        # The algorithm is ours to choose: one from the header alone would let `none` and HMAC in.
        is_right = jws.validate_compact(read, RSAKey.import_key(key), algorithms=ALGORITHMS, registry=_REGISTRY)
    except (JoseError, ValueError, TypeError) as error:
        raise untrusted("the token is not signed with RS256") from error
    if not is_right:
        raise untrusted("the signature of the token is wrong")


def _named(read: jws.CompactSignature, keys: Claims) -> list[Claims]:
    """The keys of a set under the name that a token gives."""
    kid, listed = read.headers().get("kid"), keys.get("keys")
    if not isinstance(kid, str) or not isinstance(listed, list):
        return []
    return [one for one in listed if isinstance(one, dict) and one.get("kid") == kid]


def _claims(read: jws.CompactSignature, at: datetime, skew_s: float) -> Claims:
    claims, now_s = _object(read), at.timestamp()
    if _moment(claims, "exp", now_s + 1) <= now_s - skew_s:
        raise untrusted("the token has ended")
    if max(_moment(claims, "nbf", now_s), _moment(claims, "iat", now_s)) > now_s + skew_s:
        raise untrusted("the token has not begun")
    return claims


def _object(read: jws.CompactSignature) -> Claims:
    try:
        claims = json.loads(read.payload)
    except (ValueError, RecursionError) as error:
        raise untrusted("the token holds no JSON") from error
    if not isinstance(claims, dict):
        raise untrusted("the token holds no claims")
    return claims


def _number(text: str) -> int:
    """Read a Base64urlUInt (RFC 7518)."""
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


def _moment(claims: Claims, name: str, absent_s: float) -> float:
    said = claims.get(name, absent_s)
    # JSON as Python reads it may hold NaN, which compares with nothing, and integers larger than any float.
    if isinstance(said, bool) or not isinstance(said, int | float) or not abs(said) < _NO_MOMENT:
        raise untrusted(f"{name} of the token is no moment")
    return float(said)


def _chain(written: object) -> tuple[x509.Certificate, ...]:
    if not isinstance(written, list) or not 0 < len(written) <= MAX_DEPTH + 1:
        raise untrusted("the token shows no chain of certificates in x5c")
    try:
        return tuple(x509.load_der_x509_certificate(base64.b64decode(one, validate=True)) for one in written)
    except UNREADABLE as error:
        raise untrusted("a certificate in x5c cannot be read") from error


def _leaf_key(shown: tuple[x509.Certificate, ...], signer: Signer, at: datetime) -> object:
    try:
        chain = path(shown, signer.anchors, at, None)
        _check_holder(chain[0], signer)
        # Only now it is sure whose it is, and what is borne for it.
        signer.revocation.check(chain, at, None, signer.roles)
    except Refused as refused:
        raise untrusted(f"the signer's certificate: {refused.detail}") from refused
    return chain[0].public_key()


def _check_holder(certificate: x509.Certificate, signer: Signer) -> None:
    leaf = read_certificate(certificate)
    if not {leaf.issuer, leaf.issuer_common_name} & set(signer.issuers):
        raise untrusted(f"the signer's certificate is from an issuer that is not allowed: {leaf.issuer}")
    if signer.organisation is not None and leaf.organisation != signer.organisation:
        raise untrusted(f"the signer is of another organisation: {leaf.organisation}")
    if signer.organisation is None and not signer.names & set(leaf.dns_names):
        raise untrusted(f"the signer has none of the names of the zim: {', '.join(leaf.dns_names)}")
    if not _may_sign(certificate):
        raise untrusted("the signer's certificate is not for signatures")


def _may_sign(leaf: x509.Certificate) -> bool:
    try:
        return leaf.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    except x509.ExtensionNotFound:
        return True
