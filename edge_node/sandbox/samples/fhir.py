"""The kinds of FHIR request: one for each interaction of AORTA on FHIR, and the requests themselves.

Knows: the address, headers and body of each.
Must not know: who sends it, where to, with which token.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Final
from urllib.parse import quote

from edge_node.formats import interactions
from edge_node.formats.fhir_patients import BSN_SYSTEM
from edge_node.model.interaction import Inbound, Pattern
from edge_node.sandbox.samples.fhir_resources import Subject, make, parameters
from edge_node.sandbox.samples.fhir_xml import as_xml
from edge_node.sandbox.samples.making import nobody
from edge_node.sandbox.samples.people import Party, Patient
from edge_node.sandbox.samples.tokens import TokenMaker, application, signed
from edge_node.sandbox.signing import HandOf

DOMAIN: Final = "FHIR"
#: Its own id, to which tokens are addressed.
ZIM: Final = "1"
JSON: Final = "application/fhir+json"
XML: Final = "application/fhir+xml"
#: At the switchboard itself: index, freshness and access log are its own.
_ITS_OWN: Final = frozenset({"DocumentManifest", "AuditEvent"})
_METHODS: Final = {"create": "POST", "update": "PUT", "delete": "DELETE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirKind:
    """One kind of FHIR request."""

    name: str
    interaction: str
    title: str  # the resource, or the operation
    is_query: bool
    action: str  # search, read, create, update, delete, or the operation
    resource: str  # empty for an operation
    fhir_version: str
    content_version: str
    is_ours_to_answer: bool  # the switchboard keeps it itself; it comes in to nobody

    @property
    def base(self) -> str:
        """The base of its address."""
        return "/fhir" if self.fhir_version == "STU3" else f"/fhir/{self.fhir_version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirSample:
    """One request. Its target may hold a patient number."""

    kind: FhirKind
    method: str
    target: str = field(repr=False)
    initial_request: str
    request: str
    body: bytes = field(default=b"", repr=False)
    media_type: str = JSON
    patient: Patient = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """Those that belong to the request itself."""
        version = self.kind.content_version
        written = {
            "accept": self.media_type,
            "aorta-id": f"initialRequestID={self.initial_request}; requestID={self.request}",
            "aorta-version": f"contentVersion={version}; acceptVersion={version}",
        }
        return written | ({"content-type": self.media_type} if self.body else {})


@cache
def fhir_kinds() -> dict[str, FhirKind]:
    """Every kind, by its name."""
    rows = (row for row in interactions.load().values() if row.fhir and row.active)
    made = (_kind(str(row.id), row.pattern is Pattern.QUERY, row.inbound is Inbound.NEVER) for row in rows)
    return {kind.name: kind for kind in made}


def _kind(interaction: str, is_query: bool, is_never: bool) -> FhirKind:
    words, version = interaction.removesuffix(":request").rsplit(":", 1)
    action, _, resource = words.partition(":")
    is_capabilities = action == "capabilities"
    name = f"fhir-{action.strip('$')}" + (f"-{resource.lower()}" if resource else "")
    return FhirKind(
        name=f"{name}-2" if (resource, version) == ("DocumentManifest", "2.0") else name,  # version 1.0 is there too
        interaction=interaction,
        title=resource or action,
        is_query=is_query,
        action=action,
        resource=resource,
        fhir_version="STU3" if version == "1.0" and not is_capabilities and resource else "R4",
        content_version=f"{version}.0",
        is_ours_to_answer=is_never or resource in _ITS_OWN or action == "activate-tkid",
    )


class FhirMaker:
    """Makes requests and SAML tokens of one party."""

    def __init__(self, party: Party, *, now: Callable[[], datetime], chance: Callable[[int], str]) -> None:
        self.party = party
        self._now = now
        self._chance = chance
        self._hand_of: HandOf = nobody
        self.tokens = TokenMaker(party, zim=ZIM, now=now, chance=chance)

    def signing(self, hand_of: HandOf) -> "FhirMaker":
        """The same maker, whose tokens are signed by the people that have a card."""
        self._hand_of = hand_of
        return self

    def request(
        self, kind: FhirKind, patient: Patient, *, to: Party | None = None, is_xml: bool = False
    ) -> FhirSample:
        """Return a new request about a patient; a task is for the party `to`."""
        about = Subject(
            patient=patient, party=to or self.party, seed=self._chance(16), moment=f"{self._now():%Y-%m-%dT%H:%M:%SZ}"
        )
        method, path, resource = _asked(kind, about)
        body = b"" if resource is None else as_xml(resource) if is_xml else json.dumps(resource).encode()
        return FhirSample(
            kind=kind,
            method=method,
            target=f"{kind.base}/{path}",
            initial_request=self.uuid(),
            request=self.uuid(),
            body=body,
            media_type=XML if is_xml else JSON,
            patient=patient,
        )

    def again(self, sample: FhirSample) -> FhirSample:
        """Return the same request as a new hop: only requestID differs."""
        return replace(sample, request=self.uuid())

    def transaction_token(self, sample: FhirSample) -> str:
        """Return a transaction token for this request, base64url."""
        person = self.party.person
        hand = self._hand_of(person)
        said = self.tokens.transaction(self.attributes(sample), f"{person.uzi}:{person.role}", hand)
        return handed_in(signed(said, hand))

    def attributes(self, sample: FhirSample) -> list[tuple[str, str]]:
        """What a transaction token for this request is bound to."""
        return [
            ("interactionId", sample.kind.interaction),
            ("applicationID", application(self.party.application)),
            ("burgerServiceNummer", sample.patient.bsn),
        ]

    def uuid(self) -> str:
        """Return a new UUID, of the random kind."""
        digits = self._chance(16)
        variant = "89ab"[int(digits[16], 16) % 4]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


def handed_in(assertion: bytes) -> str:
    """An assertion as it stands in a header, base64url."""
    return base64.urlsafe_b64encode(assertion.strip()).decode().rstrip("=")


def _asked(kind: FhirKind, about: Subject) -> tuple[str, str, dict[str, object] | None]:
    """Return method, path behind the base, and body."""
    if kind.action == "capabilities":
        return "GET", "metadata", None
    if kind.action == "search":
        name = "identifier" if kind.resource == "Patient" else "patient.identifier"
        return "GET", f"{kind.resource}?{name}={quote(f'{BSN_SYSTEM}|{about.patient.bsn}', safe='')}", None
    if kind.action == "read":
        return "GET", f"{kind.resource}/{about.id}", None
    if kind.action not in _METHODS:
        return "POST", f"${kind.action.removeprefix('$')}", parameters(about)
    resource = make(kind.resource, about)
    if kind.action == "create":
        resource.pop("id")
        return "POST", kind.resource, resource
    is_update = kind.action == "update"
    return _METHODS[kind.action], f"{kind.resource}/{about.id}", resource if is_update else None
