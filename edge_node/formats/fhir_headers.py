"""The headers of AORTA on FHIR, as they are read and written.

Knows: `AORTA-ID` and `AORTA-Version` (AORTA on FHIR, Interfaces Common, v20240702), which format a sender accepts.
Must not know: tokens, bodies, what a version or an id is good for.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from edge_node.errors import Refused
from edge_node.model.fhir import AortaId, AortaVersion
from edge_node.model.message import Payload

AORTA_ID: Final = "aorta-id"
AORTA_VERSION: Final = "aorta-version"
_CODE: Final = "EN-FHIR-HEADER"
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SEMANTIC: Final = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.(?:0|[1-9][0-9]{0,8})){0,2}(?:[-+][0-9A-Za-z.+-]{1,64})?")
_RANGE: Final = re.compile(r"[0-9A-Za-z .,<>=^~*|()\[\]+-]{1,128}")  # a range of semantic versions, passed on unread
_JSON_TYPES: Final = ("application/fhir+json", "application/json", "text/json", "application/json+fhir")
_XML_TYPES: Final = ("application/fhir+xml", "application/xml", "text/xml", "application/xml+fhir")
_FORMATS: Final = {**dict.fromkeys(_JSON_TYPES, True), **dict.fromkeys(_XML_TYPES, False)}
_SHORT: Final = {"json": True, "xml": False}  # in the parameter _format only


def one_of_each(headers: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """The headers by name. One that stands twice is refused: two readers could read it in two ways."""
    found: dict[str, str] = {}
    for name, value in headers:
        if name in found and name in _SINGLE:
            raise Refused(f"{name} stands there twice", code=_CODE)
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


_SINGLE: Final = frozenset({
    AORTA_ID,
    AORTA_VERSION,
    "authorization",
    "edge-node-transaction-token",
    "edge-node-mandate-token",
    "edge-node-enrolment-token",
    "edge-node-application",
    "if-none-exist",
})  # fmt: skip


def read_aorta_id(value: str) -> AortaId:
    """Read `AORTA-ID`. Raises `Refused`."""
    parts = _parts(value, "AORTA-ID")
    initial, request = (parts.pop(name, "").lower() for name in ("initialrequestid", "requestid"))
    if parts or not _UUID.fullmatch(initial) or not _UUID.fullmatch(request):
        raise Refused("AORTA-ID holds initialRequestID and requestID, each a UUID", code=_CODE)
    return AortaId(initial_request=initial, request=request)


def write_aorta_id(aorta_id: AortaId) -> str:
    """Write `AORTA-ID`."""
    return f"initialRequestID={aorta_id.initial_request}; requestID={aorta_id.request}"


def read_aorta_version(value: str) -> AortaVersion:
    """Read `AORTA-Version`; a missing contentVersion or acceptVersion is empty. Raises `Refused`."""
    parts = _parts(value, "AORTA-Version")
    content, accept = parts.pop("contentversion", ""), parts.pop("acceptversion", "")
    if parts or not (content or accept):
        raise Refused("AORTA-Version holds contentVersion and acceptVersion", code=_CODE)
    if content and not _SEMANTIC.fullmatch(content):
        raise Refused("contentVersion is no semantic version", code=_CODE)
    if accept and not _RANGE.fullmatch(accept):
        raise Refused("acceptVersion is no range of semantic versions", code=_CODE)
    return AortaVersion(content=content, accept=accept)


def write_aorta_version(version: AortaVersion) -> str:
    """Write `AORTA-Version`."""
    named = (("contentVersion", version.content), ("acceptVersion", version.accept))
    return "; ".join(f"{name}={value}" for name, value in named if value)


def format_of(content_type: str) -> bool | None:
    """Whether a media type is FHIR in JSON (True), in XML (False), or neither (None)."""
    return _FORMATS.get(content_type.partition(";")[0].strip().lower())


def prefers_json(payload: Payload) -> bool:
    """In what errors are written: `_format` decides, then Accept, then the type of the body, else JSON.

    Never raises, so that any request at all can be told what is wrong with it.
    """
    asked = re.search(r"[?&]_format=([^&#]{1,64})", payload.path)
    # Written in an address, the plus of application/fhir+json is often left as it is, which means a space.
    wanted = asked[1].replace("%2F", "/").replace("%2f", "/").replace("%2B", "+").replace("%2b", "+") if asked else ""
    for found in (
        _FORMATS.get(wanted.lower(), _SHORT.get(wanted.lower())),
        _accepted(next((value for name, value in payload.headers if name == "accept"), "")),
        format_of(payload.content_type) if payload.body else None,
    ):
        if found is not None:
            return found
    return True


def _accepted(accept: str) -> bool | None:
    best: tuple[float, bool] | None = None
    for item in accept.split(",")[:32]:
        is_json, weight = format_of(item), _weight(item)
        if is_json is not None and weight > 0 and (best is None or weight > best[0]):
            best = weight, is_json
    return best[1] if best is not None else None


def _weight(item: str) -> float:
    found = re.search(r";\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*(?:;|$)", item)
    return float(found[1]) if found else 1.0


def _parts(value: str, header: str) -> dict[str, str]:
    """The attributes of a header, `name=value` with semicolons between; their names in lower case."""
    parts: dict[str, str] = {}
    for part in value.strip().removesuffix(";").split(";"):
        name, equals, text = part.partition("=")
        name = name.strip().lower()
        if not equals or name in parts or len(value) > 512:
            raise Refused(f"{header} is not of the form name=value; name=value", code=_CODE)
        parts[name] = text.strip().strip('"')
    return parts
