"""The verbs on kept messages: look, and act on one.

Knows: their names and fields, and what they answer.
Must not know: how messages are stored.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Final

from edge_node.errors import Refused
from edge_node.model.identifiers import InvalidIdentifier, MessageId
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction
from edge_node.model.overview import By, Choice, Row
from edge_node.status.document import Document, of_row, of_set_aside, of_shown
from edge_node.status.ports import NO_LINE, Nudge, Queue, Wake
from edge_node.status.verbs import Call, Request, Verb, flag_of, number_of, seconds_of, text_of, uid_of, wrong

MAX_ROWS: Final = 1000
#: Over for good.
OVER: Final = frozenset({State.DELIVERED, State.DISCARDED, State.REFUSED})


def verbs(queue: Queue, nudge: Nudge = NO_LINE) -> dict[str, Verb]:
    """Return them."""

    async def list_(call: Call) -> list[Document]:
        wanted = choices(call.fields)
        found = [await queue.list(each) for each in wanted]
        return [of_row(row) for row in oldest(found, wanted[0].limit)]

    async def show(call: Call) -> Document:
        uid = uid_of(call.fields)
        shown = await queue.show(uid)
        if shown is None:
            raise Refused(f"no message {uid}", code="EN-NOT-FOUND")
        return of_shown(shown)

    async def find(call: Call) -> Document:
        shown = await queue.find(message_id_of(call.fields))
        if shown is None:
            raise Refused("no message with this message id", code="EN-NOT-FOUND")
        return of_shown(shown)

    async def aside(call: Call) -> list[Document]:
        limit = number_of(call.fields, "limit", 100, MAX_ROWS)
        return [of_set_aside(each) for each in await queue.set_aside(limit)]

    # A discard or a hold opens a lane too: what stood behind may go. That something is repaired it does not say.
    def one(step: Callable[[str, By], Awaitable[Row]], then: Wake = nudge.wake) -> Verb:
        async def run(call: Call) -> Document:
            changed = await step(uid_of(call.fields), call.by)
            then(changed.direction)
            return of_row(changed)

        return Verb(fields=frozenset({"uid", "why"}), changes=True, target=uid_of, run=run)

    columns = frozenset({"direction", "state", "receiver", "interaction", "code", "older_s", "younger_s"})
    return {
        "queue.list": Verb(fields=columns | {"limit", "ended"}, run=list_),
        "queue.show": Verb(fields=frozenset({"uid"}), run=show),
        "queue.find": Verb(fields=frozenset({"message_id"}), run=find),
        "queue.aside": Verb(fields=frozenset({"limit"}), run=aside),
        "queue.retry": one(queue.retry, nudge.hope),
        "queue.discard": one(queue.discard),
        "queue.hold": one(queue.hold),
        "queue.release": one(queue.release, nudge.hope),
    }


def choices(fields: Request) -> tuple[Choice, ...]:
    """Which messages a list shall hold: those of one state, or all that are not over for good.

    What was delivered or discarded is listed only when asked for (`ended`): it would hide what waits.
    """
    ended = flag_of(fields, "ended")
    chosen = choice_of(fields)
    if chosen.state is not None or ended:
        return (chosen,)
    return tuple(replace(chosen, state=state) for state in State if state not in OVER)


def message_id_of(fields: Request) -> MessageId:
    """The id that its sender gave a message."""
    root, _, extension = (text_of(fields, "message_id") or "").partition("/")
    try:
        return MessageId(root, extension)
    except InvalidIdentifier:
        raise wrong("a message id is its root, a slash and its extension") from None


def oldest(found: Iterable[Iterable[Row]], limit: int) -> list[Row]:
    """Put what several choices found into one list."""
    return sorted((row for rows in found for row in rows), key=lambda row: row.kept_at)[:limit]


def choice_of(fields: Request) -> Choice:
    """Which columns are given, and what they hold."""
    limit = number_of(fields, "limit", 100, MAX_ROWS)
    direction, state = text_of(fields, "direction"), text_of(fields, "state")
    try:
        return Choice(
            direction=Direction(direction) if direction is not None else None,
            state=State(state) if state is not None else None,
            receiver=text_of(fields, "receiver"),
            interaction=text_of(fields, "interaction"),
            code=text_of(fields, "code"),
            older_s=seconds_of(fields, "older_s"),
            younger_s=seconds_of(fields, "younger_s"),
            limit=limit,
        )
    except ValueError:
        raise wrong("direction or state is not one there is") from None
