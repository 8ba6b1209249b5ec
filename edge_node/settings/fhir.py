"""FHIR on the switchboard side: where addresses and access tokens come from.

Knows: the keys under `switchboard.fhir`.
Must not know: how a token is fetched or judged.

The public specification of AORTA on FHIR leaves some names open. Each of those is a setting, with the name that is
likeliest as its default.
"""

import re
from typing import Annotated, Final, Literal

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import AfterValidator

from edge_node.settings.values import Seconds, Section, Text, WebAddress, setting

STELSELNODE: Final = "AORTA on FHIR, Interfaces Stelselnode"
ASSUMED: Final = "assumed: no public page gives it"
EXCHANGED: Final = "domain reference GBZ 5.5"

_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_CLAIM = re.compile(r"[A-Za-z0-9_$:/.-]{1,256}")


def _path(text: str) -> str:
    if not _PATH.fullmatch(text):
        raise ValueError("is no path; write /some/path")
    return text


def _field(text: str) -> str:
    if not _FIELD.fullmatch(text):
        raise ValueError("is no name of a form field")
    return text


def _claim(text: str) -> str:
    if not _CLAIM.fullmatch(text):
        raise ValueError("is no name of a claim; what stands deeper is written with dots: broker.za-in")
    return text


def _pattern(text: str) -> str:
    if re.search(r"[{}]", re.sub(r"\{(interaction|context|receiver)\}", "", text)):
        raise ValueError("has a place that is none of {interaction}, {context}, {receiver}")
    return text


def _https(address: str) -> str:
    if not address.startswith("https://"):
        raise ValueError("goes over the care network without TLS; use https")
    return address


Path = Annotated[str, MaxLen(512), AfterValidator(_path)]
FieldName = Annotated[str, MinLen(1), AfterValidator(_field)]
Pattern = Annotated[Text, AfterValidator(_pattern)]
ClaimName = Annotated[str, MinLen(1), AfterValidator(_claim)]
HttpsAddress = Annotated[WebAddress, AfterValidator(_https)]


class StelseltokenSettings(Section):
    """The signed list of addresses, which the zim gives."""

    path: Path = setting("Path at the zim.", "/stelseltoken/metadata/v1", origin=STELSELNODE)
    type: Text = setting("Its `typ`.", "aorta-st+JWT", origin="AORTA on FHIR, Token specificaties 0.7")
    signer_issuers: tuple[Text, ...] = setting(
        "Authorities that may have issued the certificate it is signed with. Empty: those of the zim.", ()
    )
    signer_organisation: Text | None = setting(
        "Organisation in the certificate it is signed with; null: that of the zim, or where none is set, one of its "
        "server names.",
        None,
    )
    authorisation_server_claim: ClaimName = setting(
        "Claim with the issuer address of the authorisation server.", "authorization_server_za", origin=ASSUMED
    )
    broker_claim: ClaimName = setting(
        "Claim with the address of the broker for care providers, or with its addresses by FHIR version.",
        "resource_broker_za_in",
        origin=ASSUMED,
    )


class TokenExchangeSettings(Section):
    """The form with which tokens of a user are exchanged for an access token (RFC 8693)."""

    grant_type: Text = setting("Value of grant_type.", "urn:ietf:params:oauth:grant-type:token-exchange")
    token_type: Text = setting("Type of the tokens handed in.", "urn:ietf:params:oauth:token-type:saml2")
    requested_token_type: Text | None = setting(
        "Type of the token asked for; null: not sent.", "urn:ietf:params:oauth:token-type:access_token"
    )
    transaction_field: FieldName = setting(
        "Field of the transaction token where no mandate goes along.", "subject_token", origin=EXCHANGED
    )
    mandate_field: FieldName = setting("Field of the mandate token.", "subject_token", origin=EXCHANGED)
    transaction_under_mandate_field: FieldName = setting(
        "Field of the transaction token beside a mandate.", "actor_token", origin=EXCHANGED
    )
    enrolment_field: FieldName = setting("Field of the enrolment token.", "registration_token", origin=EXCHANGED)
    scope: Pattern | None = setting(
        "Scope of the token asked for, with the interaction and the context code of what was signed in the places "
        "{interaction} and {context}; not sent where that says neither. null: never sent.",
        "{interaction}~aorta.contextcode.{context}~normaal",
        origin=EXCHANGED,
    )
    audience: Pattern | None = setting(
        "Audience of the token asked for: an application id, {receiver} is that of the switchboard, or the id of a "
        "broker's role. null: not sent.",
        "urn:oid:2.16.840.1.113883.2.4.6.6.{receiver}",
        origin=EXCHANGED,
    )
    more_fields: dict[FieldName, Text] = setting(
        "Fields that are always sent, with their values; also in the place of scope or audience.", {}
    )


class AccessTokenSettings(Section):
    """What is asked of access tokens, beside the signature of the authorisation server (RS256), issuer and end."""

    types: Annotated[tuple[Text, ...], MinLen(1)] = setting(
        "Their `typ`.", ("aorta-at+JWT", "at+JWT"), origin=ASSUMED
    )
    audiences: tuple[Text, ...] = setting(
        "One of these must stand in `aud` of what comes in. Empty: it is not asked for.", (), origin=ASSUMED
    )
    clock_skew_s: Annotated[float, Ge(0), Le(600)] = setting(
        "Seconds by which the clocks of the server and of this machine may differ; for what it says of itself and "
        "for the stelseltoken as well.",
        5.0,
    )
    keys_timeout_s: Annotated[float, Ge(0.1), Le(10)] = setting(
        "Seconds that a request waits for the keys of the server; when they do not come the token is not judged.", 2.0
    )
    unknown: Literal["warn", "refuse"] = setting(
        "What becomes of a token of the switchboard's that cannot be judged, since the keys of its issuer do "
        "not come.",
        "warn",
    )


class FhirSettings(Section):
    """FHIR on the switchboard side. It acts where an application has fhir_bases, or sends FHIR itself."""

    stelseltoken: StelseltokenSettings = setting("The signed list of addresses.", StelseltokenSettings())
    authorisation_server: HttpsAddress | None = setting(
        "Issuer address of the authorisation server, instead of what the stelseltoken says.", None
    )
    broker: HttpsAddress | None = setting(
        "Address of the broker before /fhir, instead of what the stelseltoken says.", None
    )
    exchange: TokenExchangeSettings = setting("How tokens are exchanged.", TokenExchangeSettings())
    access_tokens: AccessTokenSettings = setting("What is asked of access tokens.", AccessTokenSettings())
    max_age_s: Annotated[float, Ge(0), Le(30 * 86400)] = setting(
        "Seconds for which stelseltoken and metadata are used where their answer does not say.",
        14_400.0,
        origin=STELSELNODE,
    )
    keep_for_s: Seconds = setting(
        "Seconds for which the last good copy is used when no new one comes; every use is told.", 7 * 86400.0
    )
    retry_s: Seconds = setting("Seconds between two tries while an old copy is in use.", 60.0)
    fetch_timeout_s: Seconds = setting("Seconds to wait for stelseltoken or metadata.", 10.0)
