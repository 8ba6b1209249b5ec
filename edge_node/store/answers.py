"""Answers, byte for byte, sealed.

Knows: the table of answers, and that an answer opens only for the one it was given to.
Must not know: how often an answer is given.
"""

import json
import struct
from collections.abc import Sequence
from typing import Any, Final

from edge_node.model.message import StoredAnswer
from edge_node.store.session import Session

KIND: Final = "answer"
_LENGTH: Final = struct.Struct(">I")
_INSERT: Final = """
    INSERT INTO answers (status, content_type, headers, body, key, owner) VALUES (0, '', '', ?, ?, ?)"""
_WRITE: Final = """
    UPDATE answers SET status = 0, content_type = '', headers = '', body = ?, key = ?, owner = ? WHERE id = ?"""


def of_message(uid: str) -> str:
    """Whose answer it is: what the other side said to this message in the end."""
    return f"end {uid}"


def of_memory(key: Sequence[str], uid: str | None) -> str:
    """Whose answer it is: the first one to a message id; `uid` where it was kept."""
    return f"first {uid}" if uid is not None else "first " + "\x1f".join(key)


def add(session: Session, owner: str, answer: StoredAnswer) -> int:
    """Keep an answer; return its number."""
    sealed = session.sealer.seal(KIND, owner.encode(), _packed(answer))
    number = session.execute(_INSERT, (sealed, session.sealer.number, owner)).lastrowid
    assert number is not None
    return number


def get(session: Session, number: int | None, owner: str) -> StoredAnswer | None:
    """Return an answer kept. Raises `Unreadable`."""
    row = session.execute(
        "SELECT status, content_type, headers, body, key FROM answers WHERE id = ?", (number,)
    ).fetchone()
    if row is None:
        return None
    *plain, key = row
    return _plain(plain) if key is None else _unpacked(session.sealer.open(KIND, owner.encode(), plain[3]))


def change(session: Session, number: int, owner: str, answer: StoredAnswer) -> None:
    """Seal it under today's key."""
    sealed = session.sealer.seal(KIND, owner.encode(), _packed(answer))
    session.execute(_WRITE, (sealed, session.sealer.number, owner, number))


def remove(session: Session, number: int | None) -> None:
    """Forget an answer."""
    if number is not None:
        session.execute("DELETE FROM answers WHERE id = ?", (number,))


def _packed(answer: StoredAnswer) -> bytes:
    """What is sealed: what goes with the body as JSON, after its length; then the body as it is."""
    beside = json.dumps((answer.status, answer.content_type, answer.headers)).encode()
    return b"".join((_LENGTH.pack(len(beside)), beside, answer.body))


def _unpacked(packed: bytes) -> StoredAnswer:
    (length,) = _LENGTH.unpack_from(packed)
    start = _LENGTH.size
    status, content_type, headers = json.loads(packed[start : start + length])
    return _answer(status, content_type, headers, packed[start + length :])


def _plain(row: list[Any]) -> StoredAnswer:
    """An answer that a release before sealing kept."""
    status, content_type, headers, body = row
    return _answer(status, content_type, json.loads(headers), body)


def _answer(status: int, content_type: str, headers: list[tuple[str, str]], body: bytes) -> StoredAnswer:
    pairs = tuple((name, value) for name, value in headers)
    return StoredAnswer(status=status, content_type=content_type, headers=pairs, body=body)
