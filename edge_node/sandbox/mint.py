"""What a simulated stelselnode and authorisation server sign: addresses, metadata, access tokens.

Knows: the claims of each, how a JSON Web Token is signed.
Must not know: HTTP, who asks, which tokens were used.

The names of the stelseltoken's claims are those a node expects by default; the real ones are not public.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from edge_node.sandbox.pki_authority import rsa_key

ALGORITHM: Final = "RS256"
ACCESS_TOKEN_S: Final = 20
MAX_AGE_S: Final = 14_400
_YEAR_S: Final = 365 * 86_400
_KID: Final = "sandbox-1"


class _Registry(jws.JWSRegistry):
    max_header_length = 65_536


_REGISTRY: Final = _Registry(algorithms=(ALGORITHM,), strict_check_header=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the parties of the switchboard are."""

    issuer: str  # of the authorisation server
    broker: str  # before /fhir


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What an access token is given for."""

    patient: str | None = field(repr=False)
    application: str
    scope: str


class Mint:
    """Signs as stelselnode, with a certificate's key, and as authorisation server, with a key of its own."""

    def __init__(self, chain: Path, key: Path, *, now: Callable[[], datetime], chance: Callable[[int], str]) -> None:
        self._chain = x509.load_pem_x509_certificates(chain.read_bytes())
        self._stelsel = _jwk(load_pem_private_key(key.read_bytes(), password=None))
        self._server = _jwk(rsa_key())
        self._now = now
        self._chance = chance

    def stelseltoken(self, addresses: Addresses, **changes: Any) -> str:
        """Sign the list of addresses; `changes` replace claims."""
        header = {"typ": "aorta-st+JWT", "x5c": [_der(one) for one in self._chain]}
        claims = {
            "authorization_server_za": addresses.issuer,
            "resource_broker_za_in": addresses.broker,
            "ver": "1.0",
        }
        return self._signed(header, {**self._claims(_YEAR_S), **claims, **changes}, self._stelsel)

    def metadata(self, addresses: Addresses) -> dict[str, Any]:
        """Describe the authorisation server (RFC 8414)."""
        said = {
            "issuer": addresses.issuer,
            "token_endpoint": f"{addresses.issuer}/token",
            "jwks_uri": f"{addresses.issuer}/jwks",
            "response_types_supported": ["token"],
            "grant_types_supported": ["urn:ietf:params:oauth:grant-type:token-exchange"],
        }
        signed = {**self._claims(_YEAR_S), "iss": addresses.issuer, **said}
        return {**said, "signed_metadata": self._signed({"typ": "JWT", "kid": _KID}, signed, self._server)}

    def keys(self) -> dict[str, Any]:
        """The public key of the authorisation server."""
        return {"keys": [{**self._server.as_dict(private=False), "kid": _KID, "use": "sig", "alg": ALGORITHM}]}

    def access_token(self, issuer: str, grant: Grant) -> str:
        """Sign an access token that lives as long as a real one."""
        claims = {**self._claims(ACCESS_TOKEN_S), "iss": issuer, "ver": "4.0", "scope": grant.scope}
        claims |= {"client_id": grant.application} | ({"bsn": grant.patient} if grant.patient else {})
        return self._signed({"typ": "aorta-at+JWT", "kid": _KID}, claims, self._server)

    def read(self, token: str) -> Mapping[str, Any] | None:
        """Return the claims of an access token that this mint signed and that has not ended."""
        try:
            read = jws.deserialize_compact(token, self._server, algorithms=(ALGORITHM,), registry=_REGISTRY)
        except (JoseError, ValueError):
            return None
        claims: Mapping[str, Any] = json.loads(read.payload)
        return claims if claims["exp"] > self._now().timestamp() else None

    def _claims(self, lives_s: int) -> dict[str, Any]:
        now_s = int(self._now().timestamp())
        return {"jti": self._chance(16), "iat": now_s, "nbf": now_s, "exp": now_s + lives_s}

    def _signed(self, header: Mapping[str, Any], claims: Mapping[str, Any], key: RSAKey) -> str:
        return jws.serialize_compact(
            {"alg": ALGORITHM, **header}, json.dumps(claims), key, algorithms=(ALGORITHM,), registry=_REGISTRY
        )


def _jwk(key: object) -> RSAKey:
    assert isinstance(key, RSAPrivateKey)
    return RSAKey.import_key(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _der(certificate: x509.Certificate) -> str:
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
