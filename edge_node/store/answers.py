"""Answers, byte for byte.

Knows: the table of answers.
Must not know: whose answer it is.
"""

import json

from edge_node.model.message import StoredAnswer
from edge_node.store.session import Session


def add(session: Session, answer: StoredAnswer) -> int:
    """Keep an answer; return its number."""
    number = session.execute(
        "INSERT INTO answers (status, content_type, headers, body) VALUES (?, ?, ?, ?)",
        (answer.status, answer.content_type, json.dumps(answer.headers), answer.body),
    ).lastrowid
    assert number is not None
    return number


def get(session: Session, number: int | None) -> StoredAnswer | None:
    """Return an answer kept."""
    row = session.execute(
        "SELECT status, content_type, headers, body FROM answers WHERE id = ?", (number,)
    ).fetchone()
    if row is None:
        return None
    headers = tuple((name, value) for name, value in json.loads(row[2]))
    return StoredAnswer(status=row[0], content_type=row[1], headers=headers, body=row[3])


def remove(session: Session, number: int | None) -> None:
    """Forget an answer."""
    if number is not None:
        session.execute("DELETE FROM answers WHERE id = ?", (number,))
