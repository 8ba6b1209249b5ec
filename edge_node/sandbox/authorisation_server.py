"""The simulated stelselnode and authorisation server: addresses, keys, and access tokens for SAML tokens used once.

Knows: which paths they have, what a request for a token must hold, which assertions were used.
Must not know: HTTP servers, TLS, how a token is signed.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from lxml import etree

from edge_node.sandbox.faults import Fault, Faults
from edge_node.sandbox.fhir_exchange import FhirAsked, FhirReply, json_reply
from edge_node.sandbox.mint import ACCESS_TOKEN_S, MAX_AGE_S, Addresses, Grant, Mint
from edge_node.sandbox.reading import SAML, Unreadable, parse
from edge_node.sandbox.registers import Registers

STELSELTOKEN: Final = "/stelseltoken/metadata/v1"
WELL_KNOWN: Final = "/.well-known/oauth-authorization-server"
EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
#: What faults are armed for, as if it were an interaction.
STELSELNODE_FAULTS: Final = "stelseltoken"
TOKEN_FAULTS: Final = "token"  # noqa: S105

_NS: Final = {"a": SAML}
_CACHE: Final = f"must-revalidate, max-age={MAX_AGE_S}"


class Stelselnode:
    """Gives the signed list of addresses."""

    def __init__(self, mint: Mint, addresses: Callable[[], Addresses], faults: Faults) -> None:
        self._mint = mint
        self._addresses = addresses
        self._faults = faults

    async def handle(self, asked: FhirAsked) -> FhirReply:
        """Answer one request."""
        if asked.method != "GET" or asked.path != STELSELTOKEN:
            return json_reply({"error": "not found"}, 404)
        fault = self._faults.pick(STELSELNODE_FAULTS, "")
        if fault is not None:
            return FhirReply(status=500, manner=fault)
        return json_reply({"signed_metadata": self._mint.stelseltoken(self._addresses())}, cache_control=_CACHE)


class AuthorisationServer:
    """Exchanges the tokens of a user for an access token."""

    def __init__(
        self,
        mint: Mint,
        addresses: Callable[[], Addresses],
        *,
        registers: Registers,
        faults: Faults,
        now: Callable[[], datetime],
    ) -> None:
        self._mint = mint
        self._addresses = addresses
        self._registers = registers
        self._faults = faults
        self._now = now

    async def handle(self, asked: FhirAsked) -> FhirReply:
        """Answer one request."""
        addresses = self._addresses()
        base = urlsplit(addresses.issuer).path
        match asked.method, asked.path:
            case "GET", path if path == WELL_KNOWN + base:
                return json_reply(self._mint.metadata(addresses), cache_control=_CACHE)
            case "GET", path if path == f"{base}/jwks":
                return json_reply(self._mint.keys(), cache_control=_CACHE)
            case "POST", path if path == f"{base}/token":
                return self._exchange(asked, addresses.issuer)
        return json_reply({"error": "not_found"}, 404)

    def own_token(self, grant: Grant) -> str:
        """Give a token to a local system that asks for itself."""
        return self._mint.access_token(self._addresses().issuer, grant)

    def _exchange(self, asked: FhirAsked, issuer: str) -> FhirReply:
        fault = self._faults.pick(TOKEN_FAULTS, "")
        if fault is Fault.TOKEN_USED:
            return _invalid("fault asked for")
        if fault is not None:
            return FhirReply(status=503, manner=fault)
        form = parse_qs(asked.body.decode("ascii", "replace"), keep_blank_values=True)
        if form.get("grant_type") != [EXCHANGE] or len(form.get("subject_token", ())) != 1:
            return _invalid("grant_type or subject_token")
        try:
            # Under a mandate that one is the subject's, and the transaction token its actor's.
            grant = self._granted(form.get("actor_token", form["subject_token"])[0])
            scope = form.get("scope", [grant.scope])[0]
            if scope.partition("~")[0] != grant.scope:
                return json_reply({"error": "invalid_scope"}, 400)
        except (Unreadable, ValueError) as error:
            return _invalid(str(error))
        return json_reply(
            {
                "access_token": self._mint.access_token(issuer, replace(grant, scope=scope)),
                "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
                "token_type": "Bearer",
                "expires_in": ACCESS_TOKEN_S,
            },
            cache_control="no-store",
        )

    def _granted(self, token: str) -> Grant:
        """Read a transaction token, and mark it as used; the signature of a card is not asked for here."""
        assertion = _assertion(token)
        ends = assertion.xpath("string(a:Conditions/@NotOnOrAfter)", namespaces=_NS)
        if datetime.fromisoformat(str(ends)) <= self._now():
            raise Unreadable("the transaction token has ended")
        if not self._registers.use_token(assertion.get("ID") or ""):
            raise Unreadable("the transaction token was used before")
        values = {
            str(one.get("Name")): str(one.xpath("string(a:AttributeValue)", namespaces=_NS))
            for one in assertion.iterfind(".//a:Attribute", _NS)
        }
        application = values.get("applicationID", "").rpartition(":")[2]
        return Grant(
            patient=values.get("burgerServiceNummer"), application=application, scope=values.get("interactionId", "")
        )


def _assertion(token: str) -> Any:
    try:
        decoded = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("the transaction token is not base64url") from None
    root = parse(decoded)
    if root.tag != etree.QName(SAML, "Assertion"):
        raise Unreadable("the transaction token is no assertion")
    return root


def _invalid(why: str) -> FhirReply:
    return json_reply({"error": "invalid_request", "error_description": why}, 400)
