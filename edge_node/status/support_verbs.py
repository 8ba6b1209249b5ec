"""The verb that gathers what helps whoever helps a site.

Knows: its name, and which other verbs answer each part.
Must not know: what those verbs do, what may leave the site.
"""

import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from edge_node.errors import EdgeNodeError
from edge_node.status.document import Document
from edge_node.status.support_file import Bundle, Gathered, pack
from edge_node.status.verbs import Call, Request, Verb

#: What each part of the bundle is the answer to.
ASKED: Final[Mapping[str, Request]] = {
    "status": {"verb": "status"},
    "checks": {"verb": "gbz.report", "format": "json"},
    "queue-shape": {"verb": "queue.shape"},
    "queue-stuck": {"verb": "queue.dead", "all_stuck": True},
    "certificates": {"verb": "cert.show"},
    "access-log": {"verb": "log.head"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What a part comes from that no verb answers."""

    node: Callable[[], str]
    release: str
    now: Callable[[], datetime]
    version: Callable[[], Document]  # of the program and what it stands on
    settings: Callable[[], Document]
    people: Callable[[], frozenset[str]]
    figures: Callable[[], Awaitable[str]]
    log: Callable[[], tuple[str, ...]]
    aside: Callable[[Callable[[], Bundle]], Awaitable[Bundle]]  # in a thread


def verbs(sources: Sources, known: Mapping[str, Verb]) -> dict[str, Verb]:
    """Return it; `known` are the verbs that it asks."""

    async def bundle(call: Call) -> Document:
        gathered = await _gathered(sources, known, call.who)
        made = await sources.aside(lambda: pack(gathered))
        await call.tell_bytes(made.content)
        return made.document

    return {"support.bundle": Verb(fields=frozenset({"why"}), changes=True, run=bundle)}


async def _gathered(sources: Sources, known: Mapping[str, Verb], who: str) -> Gathered:
    documents: dict[str, Any] = {"version": sources.version(), "settings": sources.settings()}
    left_out: dict[str, str] = {}
    for name, request in ASKED.items():
        try:
            documents[name] = await answer(known, request, who)
        except EdgeNodeError as error:  # a store that cannot be read: the other parts tell why
            left_out[name] = error.code
    try:
        figures: str | None = await sources.figures()
    except EdgeNodeError as error:
        figures, left_out["metrics"] = None, error.code
    return Gathered(
        node=sources.node(),
        release=sources.release,
        at=sources.now(),
        made_by="daemon",
        documents=documents,
        figures=figures,
        log=sources.log(),
        left_out=left_out,
        people=sources.people(),
    )


async def answer(known: Mapping[str, Verb], request: Request, who: str) -> Any:
    """Return what a verb that only reads answers; where that is a file in parts, what is in it."""
    verb = known[request["verb"]]
    assert not verb.changes, "what changes or reveals something is recorded under its own name"
    heard = _Heard()
    fields = {name: value for name, value in request.items() if name != "verb"}
    result = await verb.run(Call(fields=fields, who=who, caller=heard))
    return json.loads(heard.content) if heard.content else result


class _Heard:
    """A caller that puts the bytes it is told together."""

    is_stopped = False

    def __init__(self) -> None:
        self.content = b""

    async def tell(self, part: Document) -> None:
        if "bytes" in part:
            self.content += base64.b64decode(part["bytes"])
