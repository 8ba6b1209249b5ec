"""Whether what is in the store fits together: the file, the counters, the lanes, the bytes of each message.

Knows: what must hold between the tables at every moment.
Must not know: how a break came about, or how it is mended.
"""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from edge_node.store import schema
from edge_node.store.faults import translated
from edge_node.store.session import RUN_SHIFT

_SHOWN: Final = 5
#: Instructions of SQLite between two looks whether somebody wants it to stop: a few milliseconds.
_STEPS: Final = 100_000

_RULES: Final = {
    "counters": """
        SELECT direction || ' ' || state FROM (
            SELECT direction, state, sum(n) AS n FROM (
                SELECT direction, state, count(*) AS n FROM messages GROUP BY 1, 2
                UNION ALL SELECT direction, state, -n FROM counters) GROUP BY 1, 2) WHERE n <> 0""",
    "one head a lane": """
        SELECT hex(lane) FROM messages INDEXED BY messages_lane WHERE head IS NOT NULL
        GROUP BY lane HAVING sum(head) <> 1""",
    "a head is the oldest of its lane": """
        SELECT uid FROM messages behind WHERE head = 0 AND NOT EXISTS (
            SELECT 1 FROM messages INDEXED BY messages_head
            WHERE lane = behind.lane AND head = 1 AND (seq < behind.seq OR removal = 1))
        AND NOT EXISTS (
            SELECT 1 FROM history WHERE seq = behind.seq AND state IN ('REFUSED', 'EXPIRED', 'DEAD', 'DISCARDED'))""",
    "tallies": """
        SELECT direction || ' ' || state || ' ' || receiver FROM (
            SELECT direction, state, receiver, sum(n) AS n FROM (
                SELECT direction, state, receiver, CAST(kept_at / 300 AS INTEGER) AS slot, count(*) AS n FROM messages
                WHERE state IN ('KEPT', 'WAITING', 'NEEDS_TOKEN', 'HELD', 'EXPIRED', 'DEAD') GROUP BY 1, 2, 3, 4
                UNION ALL SELECT direction, state, receiver, slot, -n FROM tallies)
            GROUP BY direction, state, receiver, slot) WHERE n <> 0""",
    "nothing is due in a run to come": f"""
        SELECT uid FROM messages
        WHERE max(coalesce(due >> {RUN_SHIFT}, 0), coalesce(run, 0))
            > coalesce((SELECT value FROM meta WHERE key = 'run'), 0)""",  # noqa: S608
    "what is open has its bytes": """
        SELECT uid FROM messages WHERE head IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM bodies WHERE bodies.seq = messages.seq)""",
    "bytes belong to a message": """
        SELECT seq FROM bodies WHERE NOT EXISTS (SELECT 1 FROM messages WHERE messages.seq = bodies.seq)""",
    "steps belong to a message": """
        SELECT DISTINCT seq FROM history
        WHERE NOT EXISTS (SELECT 1 FROM messages WHERE messages.seq = history.seq)""",
    "every message can be read by this release": """
        SELECT uid FROM messages WHERE direction NOT IN ('out', 'in') OR state NOT IN (
            'RECEIVED', 'KEPT', 'IN_FLIGHT', 'WAITING', 'NEEDS_TOKEN', 'HELD', 'DELIVERED', 'REFUSED', 'EXPIRED',
            'DEAD', 'DISCARDED')""",
}


#: In the order in which it is looked at.
ALL: Final = ("the file", *_RULES)


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing that was looked at: how often it does not hold, and the first cases."""

    what: str
    broken: int | None  # None: not looked into
    cases: tuple[str, ...] = ()


def check(connection: sqlite3.Connection, is_stopped: Callable[[], bool]) -> Iterator[Looked]:
    """Look at everything, one thing after the other. Raises `StoreUnavailable` when it was stopped."""
    connection.set_progress_handler(lambda: int(is_stopped()), _STEPS)
    try:
        yield _file(connection)
        # Tables that are not there yet are no damage: the next start makes them.
        is_unfinished = _is_unfinished(connection)
        for what, sql in _RULES.items():
            yield Looked(what, None) if is_unfinished else _rule(connection, what, sql)
    finally:
        connection.set_progress_handler(None, 0)


def _is_unfinished(connection: sqlite3.Connection) -> bool:
    try:
        return schema.is_unfinished(connection)
    except sqlite3.DatabaseError:
        return False  # what is wrong with it is told by what looks at the file


def _file(connection: sqlite3.Connection) -> Looked:
    found = _rows(connection, "PRAGMA integrity_check(100)")
    return Looked("the file", 0) if found == ["ok"] else Looked("the file", len(found), tuple(found[:_SHOWN]))


def _rule(connection: sqlite3.Connection, what: str, sql: str) -> Looked:
    found = _rows(connection, sql)
    return Looked(what, len(found), tuple(found[:_SHOWN]))


def _rows(connection: sqlite3.Connection, sql: str) -> list[str]:
    try:
        return [str(row[0]) for row in connection.execute(sql)]
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            raise translated(error) from error
        return [type(error).__name__]
    except sqlite3.DatabaseError as error:
        return [getattr(error, "sqlite_errorname", type(error).__name__)]
