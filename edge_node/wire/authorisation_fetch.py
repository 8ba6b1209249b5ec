"""A JSON object asked of a party on the switchboard side, with how long it may be kept.

Knows: which answer is a usable one, `Cache-Control`, the limits on size and form.
Must not know: what the object says.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from edge_node.errors import EdgeNodeError, NotSent, OutcomeUnknown
from edge_node.wire.http1 import Headers, first_value
from edge_node.wire.http1_client import ClientAnswer, HttpClient

_MAX_BYTES: Final = 262_144
_MAX_AGE: Final = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?([0-9]{1,10})\"?(?=$|[,\s])", re.IGNORECASE)
_NOT_KEPT: Final = re.compile(r"(?:^|[,\s])(?:no-store|no-cache)(?=$|[,\s])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request to such a party."""

    method: str
    target: str
    headers: Headers = (("accept", "application/json"),)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came: may hold a token, so it is never shown."""

    status: int
    said: Mapping[str, Any] | None = field(repr=False)  # None: no JSON object
    max_age_s: float | None  # None: the answer does not say


def unreachable(detail: str, *, retry_after_s: float | None = None) -> NotSent:
    """The message was not sent, because a party that must be asked first gave no answer."""
    return NotSent(detail, code="EN-AUTHORISATION-UNREACHABLE", retry_after_s=retry_after_s)


def unusable(detail: str) -> NotSent:
    """The message was not sent, because a party that must be asked first answered something else."""
    return NotSent(detail, code="EN-AUTHORISATION-ANSWER")


async def fetch(client: HttpClient, asked: Asked, *, timeout_s: float) -> Fetched:
    """Ask, and read the answer whole. Raises `NotSent`, also where this request itself left: the message did not."""
    if timeout_s <= 0:
        raise unreachable("no time is left to ask")
    try:
        answer = await client.request(
            asked.method, asked.target, asked.headers, asked.body, timeout_s=timeout_s, connect_s=timeout_s
        )
        body = await _whole(answer)
    except OutcomeUnknown as error:
        raise unreachable(error.detail) from error
    except NotSent as error:
        if error.code.startswith("EN-TLS-"):  # as a code it would be taken for one of the party the message goes to
            raise NotSent(f"{error.code}: {error.detail}", code="EN-AUTHORISATION-UNTRUSTED") from error
        raise (error if error.code.startswith("EN-AUTHORISATION-") else unreachable(error.detail)) from error
    return Fetched(
        status=answer.status, said=_object(answer.content_type, body), max_age_s=_max_age_s(answer.headers)
    )


async def fetch_metadata(
    client: HttpClient, target: str, *, timeout_s: float
) -> tuple[Mapping[str, Any], float | None]:
    """Get an object that describes something, with its max-age. Raises `NotSent`."""
    fetched = await fetch(client, Asked(method="GET", target=target), timeout_s=timeout_s)
    if fetched.status != 200:
        raise unreachable(f"HTTP status {fetched.status}")
    if fetched.said is None:
        raise unusable("the answer is no JSON object")
    return fetched.said, fetched.max_age_s


async def _whole(answer: ClientAnswer) -> bytes:
    pieces, size = [], 0
    try:
        while piece := await answer.read():
            pieces.append(piece)
            size += len(piece)
            if size > _MAX_BYTES:
                raise unusable(f"the answer is larger than {_MAX_BYTES} bytes")
    except EdgeNodeError:
        answer.abort()
        raise
    return b"".join(pieces)


def _object(content_type: str, body: bytes) -> Mapping[str, Any] | None:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        return None
    try:
        said = json.loads(body, object_pairs_hook=_pairs, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers of a doubled key could take different values."""
    said = dict(pairs)
    if len(said) < len(pairs):
        raise ValueError("a key is there twice")
    return said


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _max_age_s(headers: Headers) -> float | None:
    control = first_value(headers, "cache-control") or ""
    if _NOT_KEPT.search(control):
        return 0.0
    found = _MAX_AGE.search(control)
    return float(found[1]) if found else None
