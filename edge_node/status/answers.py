"""How the local API answers: JSON, and errors as RFC 9457 writes them.

Knows: the form of an answer, and which status each error has.
Must not know: what was asked, HTTP framing.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from edge_node.errors import PAGES, EdgeNodeError, Refused, Unavailable

#: Headers, with names in lower case, and body.
Said = tuple[tuple[tuple[str, str], ...], bytes]

JSON: Final = "application/json"
PROBLEM: Final = "application/problem+json"
ERROR: Final = "edge-node-error"

_STATUS: Final[Mapping[str, int]] = {
    "EN-UNAUTHENTICATED": 401,
    "EN-NOT-FOUND": 404,
    "EN-METHOD": 405,
    "EN-ID-REUSED": 409,
    "EN-ILLEGAL-STEP": 409,
    "EN-RENEWAL": 422,
    "EN-TOKEN-REUSED": 422,
    "EN-BODY-TOO-BIG": 413,
    "EN-SENDER-FOREIGN": 403,
    "EN-INBOX-LOCK": 409,
    "EN-REQUEST": 400,
    "EN-SET-ASIDE": 410,
}


class ApiAnswer(NamedTuple):
    """What is answered, for the listener to write."""

    status: int
    content_type: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class WrongMethod(Refused):
    """The address does not take this method."""

    code = "EN-METHOD"

    def __init__(self, *allowed: str) -> None:
        super().__init__()
        self.allowed = allowed


def answer(status: int, document: Mapping[str, Any], headers: tuple[tuple[str, str], ...] = ()) -> ApiAnswer:
    """A document, never to be kept by anybody on its way."""
    return ApiAnswer(status, JSON, (("cache-control", "no-store"), *headers), _json(document))


def problem(error: EdgeNodeError, headers: tuple[tuple[str, str], ...] = ()) -> ApiAnswer:
    """An error as RFC 9457 writes it, with whose side it is on and what to do."""
    page = PAGES.get(error.code, PAGES["EN-INTERNAL"])
    status = _STATUS.get(error.code, 503 if isinstance(error, Unavailable) else 400)
    document: dict[str, Any] = {
        "type": f"urn:edge-node:error:{error.code}",
        "title": page.what,
        "status": status,
        "detail": error.detail or page.what,
        "code": error.code,
        "side": page.side.value,
        "retry": page.retry,
        "do": page.do,
    }
    if error.retry_after_s is not None:
        document["retry_after_s"] = error.retry_after_s
        headers = (*headers, ("retry-after", str(max(1, round(error.retry_after_s)))))
    if isinstance(error, WrongMethod):
        headers = (*headers, ("allow", ", ".join(error.allowed)))
    return ApiAnswer(status, PROBLEM, (("cache-control", "no-store"), (ERROR, error.code), *headers), _json(document))


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode("utf-8") + b"\n"
