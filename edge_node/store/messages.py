"""The table of kept messages and the table of their bytes.

Knows: the columns, how a row is read, put in, changed and handed out.
Must not know: which step follows which, lanes, duplicates.
"""

import json
from typing import Final, NamedTuple

from edge_node.errors import Refused
from edge_node.model.identifiers import ApplicationId, InteractionId, MessageId
from edge_node.model.keeping import BULK, Entry, Renewal
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction, Format, Payload
from edge_node.store.session import Session


class Message(NamedTuple):
    """One row, in the order of `COLUMNS`."""

    seq: int
    uid: str
    direction: str
    sender: str
    receiver: str
    root: str
    extension: str
    interaction: str
    ordering: str
    patient: bytes | None
    lane: bytes
    priority: int
    state: str
    head: int | None
    due: int | None
    expires_at: float | None
    lifetime_s: float | None
    attempts: int
    fence: int
    run: int | None
    unknown: int
    token: bytes
    spent: int
    removal: int
    superseded: int
    again: int
    last_code: str
    correlation: str
    digest: bytes
    size: int
    kept_at: float
    ended_at: float | None
    body_until: float | None
    answer: int | None
    repeatable: int = 0
    token_ends_at: float | None = None

    @property
    def message_id(self) -> MessageId:
        return MessageId(self.root, self.extension)


COLUMNS: Final = ", ".join(Message._fields)
_INSERT: Final = (
    f"INSERT INTO messages ({', '.join(Message._fields[1:])}) VALUES ({', '.join('?' * (len(Message._fields) - 1))})"  # noqa: S608
)
#: What most steps change. A column that is not named costs none of its indexes.
_UPDATE: Final = """
    UPDATE messages SET state = ?, due = ?, attempts = ?, fence = ?, run = ?, unknown = ?, token = ?, spent = ?,
        superseded = ?, again = ?, last_code = ?, size = ?, answer = ?
    WHERE seq = ?"""
#: What changes besides when a message enters or leaves its lane.
_MOVE: Final = "UPDATE messages SET head = ?, expires_at = ?, ended_at = ?, body_until = ? WHERE seq = ?"
_BODY: Final = "path, soap_action, content_type, body, format, method, headers"
_INSERT_BODY: Final = f"INSERT INTO bodies (seq, {_BODY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
_BY_UID: Final = f"SELECT {COLUMNS} FROM messages WHERE uid = ?"  # noqa: S608  columns of ours


def insert(session: Session, message: Message, payload: Payload) -> Message:
    """Put a new message in, with its bytes; return it with its place in the order of arrival."""
    seq = session.execute(_INSERT, message[1:]).lastrowid
    assert seq is not None
    session.execute(
        _INSERT_BODY,
        (
            seq,
            payload.path,
            payload.soap_action,
            payload.content_type,
            payload.body,
            payload.format.value,
            payload.method,
            json.dumps(payload.headers),
        ),
    )
    return message._replace(seq=seq)


def update(session: Session, before: Message, after: Message) -> None:
    """Write what a step changed."""
    was, place = _place(before), _place(after)
    if was != place:
        session.execute(_MOVE, (*place, after.seq))
    m = after
    first = (m.state, m.due, m.attempts, m.fence, m.run, m.unknown, m.token, m.spent)
    session.execute(_UPDATE, (*first, m.superseded, m.again, m.last_code, m.size, m.answer, m.seq))


def _place(message: Message) -> tuple[int | None, float | None, float | None, float | None]:
    return (message.head, message.expires_at, message.ended_at, message.body_until)


def find(session: Session, uid: str) -> Message | None:
    """Return the message with this public name."""
    row = session.execute(_BY_UID, (uid,)).fetchone()
    return None if row is None else Message._make(row)


def get(session: Session, uid: str) -> Message:
    """Return the message, or refuse."""
    found = find(session, uid)
    if found is None:
        raise Refused("no message with this name", code="EN-NOT-FOUND")
    return found


def payload(session: Session, seq: int) -> Payload | None:
    """Return the bytes; None when their time was over."""
    row = session.execute(f"SELECT {_BODY} FROM bodies WHERE seq = ?", (seq,)).fetchone()  # noqa: S608
    if row is None:
        return None
    return Payload(
        path=row[0],
        soap_action=row[1],
        content_type=row[2],
        body=row[3],
        format=Format(row[4]),
        method=row[5],
        headers=tuple((name, value) for name, value in json.loads(row[6])),
    )


def bytes_of(session: Session, uid: str) -> Payload:
    """Return the bytes of a message, or refuse."""
    found = payload(session, get(session, uid).seq)
    if found is None:
        raise Refused("the body of this message was removed", code="EN-ILLEGAL-STEP")
    return found


def renew_bytes(session: Session, seq: int, renewal: Renewal) -> None:
    """The same message with other tokens, wherever its format has them: in the body or in headers."""
    if renewal.body is not None:
        session.execute("UPDATE bodies SET body = ? WHERE seq = ?", (renewal.body, seq))
    if renewal.headers is not None:
        session.execute("UPDATE bodies SET headers = ? WHERE seq = ?", (json.dumps(renewal.headers), seq))


def set_token_end(session: Session, seq: int, ends_at: float | None) -> None:
    """The message has another token, or its signer was told that it ended (None)."""
    session.execute("UPDATE messages SET token_ends_at = ? WHERE seq = ?", (ends_at, seq))


def entry(message: Message, payload: Payload) -> Entry:
    """Return the message as the line gets it."""
    return Entry(
        uid=message.uid,
        direction=Direction(message.direction),
        message_id=message.message_id,
        interaction=InteractionId(message.interaction),
        sender=ApplicationId(message.sender),
        receiver=ApplicationId(message.receiver),
        state=State(message.state),
        attempts=max(0, message.attempts - (message.state == State.IN_FLIGHT)),
        fence=message.fence,
        unknown=bool(message.unknown),
        has_token=bool(message.token),
        correlation=message.correlation,
        payload=payload,
        is_bulk=message.priority == BULK,
        is_repeatable=bool(message.repeatable),
    )
