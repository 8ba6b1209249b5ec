"""The write-ahead log is emptied when it may hold what the store itself is rid of.

Knows: when that is worth while, how a log is emptied beside those who read.
Must not know: how bytes are sealed, what is set apart for a full disk.

A log is written anew from its beginning, so behind its newest part stands what was written long ago: a body before it
was sealed, a key before it was destroyed.
"""

import sqlite3

from edge_node.store import resealing
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment


def ask(session: Session, _limit: int, _at: Moment) -> int:
    """Have the log emptied after this commit, once there is nothing left to seal."""
    if session.log_tells and resealing.is_all_sealed(session):
        session.log_tells, session.log_is_to_go = False, True
    return 0


def empty(session: Session) -> bool:
    """Write the log back and cut it to nothing, between two commits; say whether it is done.

    While somebody reads what stands in it that waits for the next round: no sender waits for a reader.
    """
    try:
        session.execute("PRAGMA busy_timeout = 0")
        (busy, _, _) = session.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise
        busy = 1
    finally:
        session.execute("PRAGMA busy_timeout = 5000")
    put_off(session, is_done=not busy)
    return not busy


def put_off(session: Session, *, is_done: bool = False) -> None:
    """Nothing more is done in this round; where the log is not empty, the next one asks again."""
    session.log_is_to_go = False
    session.log_tells |= not is_done
