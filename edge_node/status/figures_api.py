"""The room of the local API in which a local system tells counts and limits of its own, for the checks.

Knows: the address /v1/figures, what it takes and answers.
Must not know: which figures there are, who asks for them, how they are kept, HTTP framing.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

import structlog

from edge_node.errors import Refused
from edge_node.model.peer import LocalCaller
from edge_node.model.told import OddFigure, Told, read_figures, write_figures
from edge_node.status.answers import ApiAnswer, Said, WrongMethod, answer
from edge_node.status.document import moment

_log = structlog.get_logger()

ADDRESS: Final = "/v1/figures"

_MAX_REQUEST_BYTES: Final = 65_536


class Book(Protocol):
    """Where they are kept. Raises `StoreUnavailable`."""

    async def told(self) -> tuple[Told, ...]: ...
    async def tell(self, told: Told) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresApi:
    """Answers local systems that tell of themselves."""

    book: Book
    now: Callable[[], datetime]

    async def handle(self, caller: LocalCaller, method: str, path: str, said: Said) -> ApiAnswer:
        """Answer one request. Raises `EdgeNodeError`."""
        if path != ADDRESS:
            raise Refused("no such address", code="EN-NOT-FOUND")
        if method == "PUT":
            told = Told(system=caller.name, at=self.now(), figures=_figures(said[1]))
            await self.book.tell(told)
            _log.info("figures.told", system=caller.name, figures=sorted(told.figures))
            return _answer(told)
        if method not in {"GET", "HEAD"}:
            raise WrongMethod("GET", "HEAD", "PUT")
        own = next((one for one in await self.book.told() if one.system == caller.name), None)
        return _answer(own)


def _answer(told: Told | None) -> ApiAnswer:
    if told is None:
        return answer(200, {"told_at": None, "figures": {}})
    return answer(200, {"told_at": moment(told.at), "figures": write_figures(told.figures)})


def _figures(body: bytes) -> Mapping[str, Any]:
    if len(body) > _MAX_REQUEST_BYTES:
        raise Refused(f"a request has at most {_MAX_REQUEST_BYTES} bytes", code="EN-REQUEST")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise Refused("the body is one JSON object", code="EN-REQUEST")
    try:
        return read_figures(document)
    except OddFigure as odd:
        raise Refused(str(odd), code="EN-REQUEST") from odd
