"""What must hold of every store, whatever happened to the process or the machine.

Knows: how the tables belong together, and what became of each message.
Must not know: what happened, or what is done about a finding.
"""

import sqlite3
from typing import Final

from edge_node.model.lifecycle import OPEN

_OPEN: Final = ", ".join(f"'{state.value}'" for state in sorted(OPEN))

#: What is wrong when a query finds a row.
_WRONG: Final = {
    "the file is damaged": "SELECT 1 FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
    "a row points nowhere": "SELECT 1 FROM pragma_foreign_key_check",
    "a counter does not count what is there": (
        "SELECT 1 FROM (SELECT direction, state, count(*) AS n FROM messages GROUP BY 1, 2) AS found"
        " LEFT JOIN counters USING (direction, state) WHERE coalesce(counters.n, 0) <> found.n"
    ),
    "a counter counts what is not there": (
        "SELECT 1 FROM counters WHERE n <> 0 AND NOT EXISTS (SELECT 1 FROM messages"
        " WHERE messages.direction = counters.direction AND messages.state = counters.state)"
    ),
    "a lane has no head, or two": (
        "SELECT 1 FROM messages WHERE head IS NOT NULL GROUP BY lane HAVING sum(head) <> 1"
    ),
    "a message is in its lane and over, or neither": (
        f"SELECT 1 FROM messages WHERE (head IS NOT NULL) <> (state IN ({_OPEN}))"  # noqa: S608  ours
    ),
    "a message to be sent has no body": (
        f"SELECT 1 FROM messages LEFT JOIN bodies USING (seq) WHERE state IN ({_OPEN}) AND bodies.seq IS NULL"  # noqa: S608
    ),
}


def unsound(connection: sqlite3.Connection) -> list[str]:
    """Return what is wrong, in words; nothing when all belongs together."""
    return [words for words, sql in _WRONG.items() if connection.execute(f"{sql} LIMIT 1").fetchone() is not None]


def fates(connection: sqlite3.Connection, root: str) -> dict[str, str]:
    """Return the state of each message whose id has that root, by the extension of its id."""
    sql = "SELECT extension, state FROM messages WHERE root = ? ORDER BY seq"
    return dict(connection.execute(sql, (root,)).fetchall())
