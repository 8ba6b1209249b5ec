"""The exchange of a user's SAML tokens for an access token (RFC 8693), as a form and as an answer.

Knows: the names of the form's fields, what a good answer has, which errors are about the tokens.
Must not know: where the server is, what an access token says.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from edge_node.errors import Refused
from edge_node.model.fhir import Access, SamlTokens
from edge_node.wire.authorisation_fetch import Asked, Fetched, unreachable, unusable

#: RFC 7519: three parts of base64url.
_JWT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_MAX_TOKEN: Final = 16_384  # it travels in a header
#: What OAuth calls an error; never the description, which may hold anything.
_ERROR: Final = re.compile(r"[a-z][a-z_]{0,39}")
_SOON: Final = frozenset({"temporarily_unavailable", "server_error"})
#: What a scope or an audience may have in it.
_PLACES: Final = ("interaction", "context", "receiver")
#: What is wrong with the node or its settings (RFC 6749, section 5.2; RFC 8693): no new signature mends it.
_OF_THE_NODE: Final = frozenset({
    "invalid_client", "invalid_scope", "invalid_target", "unauthorized_client", "unsupported_grant_type",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeForm:
    """The names and values of the fields; a site may choose others, since versions of the exchange differ.

    Under a mandate the access token is of who gave it, and who signed now acts for him (RFC 8693, section 1.1).
    """

    grant_type: str = "urn:ietf:params:oauth:grant-type:token-exchange"
    token_type: str = "urn:ietf:params:oauth:token-type:saml2"  # noqa: S105
    requested_token_type: str | None = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105
    transaction_field: str = "subject_token"
    mandate_field: str = "subject_token"
    transaction_under_mandate_field: str = "actor_token"
    enrolment_field: str = "registration_token"
    scope: str | None = "{interaction}~aorta.contextcode.{context}~normaal"
    audience: str | None = "urn:oid:2.16.840.1.113883.2.4.6.6.{receiver}"
    more: Mapping[str, str] = field(default_factory=dict)


def asked(target: str, form: ExchangeForm, tokens: SamlTokens, access: Access) -> Asked:
    """Write the request."""
    for_what = (("scope", _filled(form.scope, access)), ("audience", _filled(form.audience, access)))
    fields = {"grant_type": form.grant_type} | {name: value for name, value in for_what if value} | {**form.more}
    if form.requested_token_type:
        fields["requested_token_type"] = form.requested_token_type
    is_mandated = tokens.mandate is not None
    for name, token in (
        (form.transaction_under_mandate_field if is_mandated else form.transaction_field, tokens.transaction),
        (form.mandate_field, tokens.mandate),
        (form.enrolment_field, tokens.enrolment),
    ):
        if token is not None:
            fields |= {name: token, f"{name}_type": form.token_type}
    return Asked(
        method="POST",
        target=target,
        headers=(("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")),
        body=urlencode(fields).encode(),
    )


def _filled(pattern: str | None, access: Access) -> str:
    """The same with what is known in its places; nothing where one stays open."""
    text = pattern or ""
    for name in _PLACES:
        value = getattr(access, name)
        if f"{{{name}}}" in text and not value:
            return ""
        text = text.replace(f"{{{name}}}", value)
    return text


def access_token(fetched: Fetched) -> str:
    """Return the access token of an answer.

    Raises `Refused` when the server refuses the tokens, `NotSent` when it has none to give now.
    """
    if fetched.status == 200:
        return _token(fetched.said)
    error = _error(fetched.said)
    if error in _OF_THE_NODE:
        raise unusable(f"the authorisation server says {error}")
    if fetched.status in {400, 401, 403} and error is not None and error not in _SOON:
        raise Refused(f"the authorisation server says {error}", code="EN-TOKEN-REFUSED")
    if 300 <= fetched.status < 500 and fetched.status not in {408, 429} and error is None:
        raise unusable(f"the authorisation server answered with HTTP status {fetched.status}")
    raise unreachable(f"the authorisation server answered with HTTP status {fetched.status}")


def _token(said: Mapping[str, Any] | None) -> str:
    if said is None:
        raise unusable("the authorisation server answered without JSON")
    token, kind, lives_s = said.get("access_token"), said.get("token_type"), said.get("expires_in", 1)
    if not isinstance(token, str) or len(token) > _MAX_TOKEN or not _JWT.fullmatch(token):
        raise unusable("the authorisation server gave no JSON Web Token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise unusable("the authorisation server gave another token than a bearer token")
    if isinstance(lives_s, bool) or not isinstance(lives_s, int | float) or lives_s <= 0:
        raise unusable("the authorisation server gave a token that has ended")
    return token


def _error(said: Mapping[str, Any] | None) -> str | None:
    error = said.get("error") if said is not None else None
    return error if isinstance(error, str) and _ERROR.fullmatch(error) else None
