"""What can be asked of the running daemon: each verb, its fields, and how it is carried out.

Knows: the verbs, which of them change something, and what each answers.
Must not know: sockets, or how the caller proved who it is.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from edge_node.errors import EdgeNodeError, Refused
from edge_node.model.lifecycle import IllegalTransition, State
from edge_node.model.message import Direction
from edge_node.model.overview import By, Choice, Row
from edge_node.status.document import of_error, of_row, of_shown, of_snapshot
from edge_node.status.ports import Change, Look, Queue, Record, Reload, Wake, nobody

Request = Mapping[str, Any]

MAX_ROWS: Final = 1000
MAX_TEXT: Final = 500
_OVER: Final = frozenset({State.DELIVERED, State.DISCARDED, State.REFUSED})
_UID: Final = re.compile(r"[0-9a-f]{32}")
_NINE_DIGITS: Final = re.compile(r"(?<![0-9])[0-9]{9}(?![0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One verb: the fields it takes besides its name, and whether it changes anything."""

    fields: frozenset[str] = frozenset()
    changes: bool = False


_ONE: Final = Verb(fields=frozenset({"uid", "why"}), changes=True)

VERBS: Final[dict[str, Verb]] = {
    "status": Verb(),
    "queue.list": Verb(fields=frozenset({"direction", "state", "receiver", "interaction", "limit", "ended"})),
    "queue.show": Verb(fields=frozenset({"uid"})),
    "queue.retry": _ONE,
    "queue.discard": _ONE,
    "queue.hold": _ONE,
    "queue.release": _ONE,
    "reload": Verb(fields=frozenset({"why"}), changes=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the verbs are carried out on."""

    queue: Queue
    look: Look
    record: Record
    reload: Reload
    wake: Wake = nobody


class Attendant:
    """Carries out one verb after the other, and records each change before it makes it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        queue = parts.queue
        self._changes: dict[str, Callable[[str, By], Awaitable[Row]]] = {
            "queue.retry": queue.retry,
            "queue.discard": queue.discard,
            "queue.hold": queue.hold,
            "queue.release": queue.release,
        }

    async def attend(self, request: object, who: str) -> dict[str, Any]:
        """Carry out one request; an error is an answer too."""
        try:
            return {"ok": True, "result": await self._carry_out(request, who)}
        except IllegalTransition as error:
            return {"ok": False, "error": of_error(Refused(str(error), code="EN-ILLEGAL-STEP"))}
        except EdgeNodeError as error:
            return {"ok": False, "error": of_error(error)}

    async def _carry_out(self, request: object, who: str) -> Any:
        name, fields = parse(request)
        if VERBS[name].changes:
            by = By(who=who, why=why_of(fields))
            return await self._change(name, fields, by)
        if name == "queue.list":
            wanted = choices(fields)
            found = [await self._parts.queue.list(each) for each in wanted]
            return [of_row(row) for row in oldest(found, wanted[0].limit)]
        if name == "queue.show":
            return await self._show(uid_of(fields))
        return of_snapshot(await self._parts.look())

    async def _change(self, name: str, fields: Request, by: By) -> Any:
        uid = "" if name == "reload" else uid_of(fields)
        await self._parts.record(Change(verb=name, target=uid, by=by))
        if name == "reload":
            await self._parts.reload(by)
            return {}
        changed = await self._changes[name](uid, by)
        # A discard opens a lane too: what stood behind may go.
        self._parts.wake(changed.direction)
        return of_row(changed)

    async def _show(self, uid: str) -> Any:
        shown = await self._parts.queue.show(uid)
        if shown is None:
            raise Refused(f"no message {uid}", code="EN-NOT-FOUND")
        return of_shown(shown)


def parse(request: object) -> tuple[str, Request]:
    """The verb and its fields; raises `Refused` for anything that is not exactly one of the verbs."""
    if not isinstance(request, Mapping):
        raise _wrong("a request is one JSON object")
    name = request.get("verb")
    if not isinstance(name, str) or name not in VERBS:
        raise _wrong("unknown verb")
    fields = {key: value for key, value in request.items() if key != "verb" and value is not None}
    if not VERBS[name].fields.issuperset(fields):
        raise _wrong(f"{name} takes {', '.join(sorted(VERBS[name].fields)) or 'no fields'}")
    return name, fields


def choices(fields: Request) -> tuple[Choice, ...]:
    """Which messages a list shall hold: those of one state, or all that are not over for good.

    What was delivered or discarded is listed only when asked for (`ended`): it would hide what waits.
    """
    ended = fields.get("ended", False)
    if not isinstance(ended, bool):
        raise _wrong("ended is true or false")
    chosen = _choice(fields)
    if chosen.state is not None or ended:
        return (chosen,)
    return tuple(replace(chosen, state=state) for state in State if state not in _OVER)


def oldest(found: Iterable[Iterable[Row]], limit: int) -> list[Row]:
    """Put what several choices found into one list."""
    return sorted((row for rows in found for row in rows), key=lambda row: row.kept_at)[:limit]


def _choice(fields: Request) -> Choice:
    limit = fields.get("limit", 100)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 0 < limit <= MAX_ROWS:
        raise _wrong(f"limit is a number from 1 to {MAX_ROWS}")
    direction, state = _text(fields, "direction"), _text(fields, "state")
    try:
        return Choice(
            direction=Direction(direction) if direction is not None else None,
            state=State(state) if state is not None else None,
            receiver=_text(fields, "receiver"),
            interaction=_text(fields, "interaction"),
            limit=limit,
        )
    except ValueError:
        raise _wrong("direction or state is not one there is") from None


def uid_of(fields: Request) -> str:
    """The message that is meant."""
    uid = _text(fields, "uid") or ""
    if not _UID.fullmatch(uid):
        raise _wrong("the id of a message is 32 hexadecimal digits in small letters, as `queue list` shows it")
    return uid


def why_of(fields: Request) -> str:
    """The reason, on one line."""
    why = " ".join((_text(fields, "why") or "").split())
    if not why:
        raise _wrong("say why: it is recorded with your name")
    # The reason is kept in the clear and shown in lists, so a patient number has no place in it.
    if _NINE_DIGITS.search(why):
        raise _wrong("the reason holds nine digits in a row: leave patient numbers out")
    return why


def _text(fields: Request, key: str) -> str | None:
    value = fields.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise _wrong(f"{key} is text of at most {MAX_TEXT} characters")
    return value


def _wrong(detail: str) -> Refused:
    return Refused(detail, code="EN-CONTROL-REQUEST")
