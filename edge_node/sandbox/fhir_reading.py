"""What the sandbox reads of a FHIR request: an outside opinion, with other code than the node's.

Knows: where the ids, the patient and the kind of request stand.
Must not know: how the node reads it, or what to do with it.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from lxml import etree

from edge_node.sandbox.fhir_exchange import FhirAsked
from edge_node.sandbox.ledger import FhirNote
from edge_node.sandbox.reading import Unreadable, parse
from edge_node.sandbox.samples.fhir import FhirKind, fhir_kinds
from edge_node.sandbox.samples.fhir_resources import URA_SYSTEM
from edge_node.sandbox.samples.fhir_xml import FHIR

_BSN: Final = "http://fhir.nl/fhir/NamingSystem/bsn"
_IDS: Final = re.compile(r"initialRequestID=([0-9a-f-]{36}); *requestID=([0-9a-f-]{36})")
_TARGET: Final = re.compile(r"/fhir(?:/(R[45]))?/([^?]*)(?:\?(.*))?")
_ACTIONS: Final = {"GET": "read", "POST": "create", "PUT": "update", "DELETE": "delete"}
_NS: Final = {"f": FHIR}
#: Any patient number of the test range.
BSN: Final = re.compile(rb"(?<![0-9])9999[0-9]{5}(?![0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirSeen:
    """One FHIR request as the sandbox sees it."""

    kind: FhirKind
    initial_request: str
    request: str
    patients: frozenset[str] = field(repr=False)
    owner: str | None  # URA that a resource is for
    id: str  # of the resource in the address; empty without one
    parameters: Mapping[str, str] = field(repr=False)
    content: str  # digest of the body

    @property
    def ledger_id(self) -> str:
        """The id of a push for the ledgers: every attempt has the same."""
        return f"{self.initial_request}/{self.kind.interaction}"

    @property
    def lane(self) -> str:
        """The lane for the ledgers."""
        patient = hashlib.sha256(f"sandbox/{sorted(self.patients)}".encode()).hexdigest()[:12]
        return f"fhir/{patient}/{self.kind.interaction}"

    def note(self, **more: object) -> FhirNote:
        """What a ledger holds of it."""
        return FhirNote(
            id=self.ledger_id,
            interaction=self.kind.interaction,
            lane=self.lane,
            content=self.content,
            is_query=self.kind.is_query,
            more=more,
        )


def read_fhir_request(asked: FhirAsked) -> FhirSeen:
    """Read a request; raises `Unreadable`."""
    found = _TARGET.fullmatch(asked.target)
    ids = _IDS.fullmatch(asked.headers.get("aorta-id", ""))
    if found is None:
        raise Unreadable("no FHIR address")
    parameters = dict(parse_qsl(found[3] or ""))
    patients, owner = _in_body(asked.body)
    return FhirSeen(
        kind=_kind(asked, found[1] or "STU3", found[2]),
        initial_request=ids[1] if ids else "",
        request=ids[2] if ids else "",
        patients=frozenset((*patients, *(text.rpartition("|")[2] for text in parameters.values() if _BSN in text))),
        owner=owner,
        id=found[2].partition("/")[2],
        parameters=parameters,
        content=hashlib.sha256(asked.body).hexdigest(),
    )


def _kind(asked: FhirAsked, version: str, path: str) -> FhirKind:
    resource, _, id_ = path.partition("/")
    action = "search" if asked.method == "GET" and not id_ else _ACTIONS.get(asked.method, "")
    wanted = ("capabilities", "") if path == "metadata" else (action, resource)
    if path.startswith("$"):
        wanted = (path[1:], "")
    for kind in fhir_kinds().values():
        if (kind.action.removeprefix("$"), kind.resource) == wanted and kind.fhir_version == version:
            return kind
    raise Unreadable("no kind of request the sandbox knows")


def _in_body(body: bytes) -> tuple[set[str], str | None]:
    """Return the patient numbers in a body, and the organisation it is for."""
    if not body:
        return set(), None
    pairs = set(_xml_pairs(body) if body.lstrip().startswith(b"<") else _json_pairs(_json(body)))
    owners = sorted(value for system, value in pairs if system == URA_SYSTEM)
    return {value for system, value in pairs if system == _BSN}, owners[0] if owners else None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise Unreadable("neither JSON nor XML") from None


def _json_pairs(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if {"system", "value"} <= set(value):
            yield str(value["system"]), str(value["value"])
        for below in value.values():
            yield from _json_pairs(below)
    elif isinstance(value, list):
        for below in value:
            yield from _json_pairs(below)


def _xml_pairs(body: bytes) -> Iterator[tuple[str, str]]:
    root: etree._Element = parse(body)
    for system in root.iterfind(".//f:system", _NS):
        value = system.getparent().find("f:value", _NS)  # type: ignore[union-attr]
        if value is not None:
            yield system.get("value", ""), value.get("value", "")
