"""The verbs on the inbox: what waits for local systems, and what a person does while one is down.

Knows: their names and fields, and what they answer.
Must not know: how messages are stored, how one is shown to a person.
"""

from typing import Final

from edge_node.model.inbox import Waiting
from edge_node.status.document import Document, of_row
from edge_node.status.ports import Inbox, Wake, nobody
from edge_node.status.verbs import Call, Verb, number_of, text_of, uid_of

MAX_ROWS: Final = 1000


def verbs(inbox: Inbox, wake: Wake = nobody) -> dict[str, Verb]:
    """Return them."""

    async def list_(call: Call) -> list[Document]:
        limit = number_of(call.fields, "limit", 100, MAX_ROWS)
        return [_of_waiting(it) for it in await inbox.waiting(text_of(call.fields, "receiver"), limit)]

    async def read(call: Call) -> Document:
        opened = await inbox.read(uid_of(call.fields), call.by)
        await call.tell_bytes(opened.payload.body)
        # Of the address and headers nothing: in FHIR the one may name a patient, the others may hold tokens.
        return of_row(opened.row) | {
            "content_type": opened.payload.content_type,
            "format": opened.payload.format.value,
            "size_bytes": len(opened.payload.body),
        }

    async def confirm(call: Call) -> Document:
        row = await inbox.take(uid_of(call.fields), call.by)
        wake(row.direction)  # what stood behind it may go
        return of_row(row)

    one = frozenset({"uid", "why"})
    return {
        "inbox.list": Verb(fields=frozenset({"receiver", "limit"}), run=list_),
        "inbox.read": Verb(fields=one, changes=True, target=uid_of, run=read),
        "inbox.confirm": Verb(fields=one, changes=True, target=uid_of, run=confirm),
    }


def _of_waiting(waiting: Waiting) -> Document:
    lock_s = None if waiting.lock_s is None else round(waiting.lock_s, 1)
    return of_row(waiting.row) | {"locked_by": waiting.locked_by or None, "lock_ends_in_s": lock_s}
