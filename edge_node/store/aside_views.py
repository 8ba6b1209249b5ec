"""What people see of the messages that were set aside, read beside the writer.

Knows: the columns that are shown; never a byte of a message.
Must not know: how a message is set aside.
"""

import sqlite3
from datetime import UTC, datetime
from typing import Final

from edge_node.model.overview import SetAside

_LIST: Final = """
    SELECT uid, direction, root, extension, interaction, sender, receiver, state, unknown, why, at, stuck,
        left_behind, replaced_by, until
    FROM set_aside ORDER BY id DESC LIMIT ?"""
_OPEN: Final = "SELECT count(*) FROM set_aside WHERE until IS NOT NULL AND replaced_by IS NULL"


def listed(connection: sqlite3.Connection, limit: int) -> tuple[SetAside, ...]:
    """The newest first."""
    return tuple(_shown(row) for row in connection.execute(_LIST, (limit,)))


def count(connection: sqlite3.Connection) -> int:
    """How many are to be looked at: what was handed in again, or whose time is over, is no more."""
    return int(connection.execute(_OPEN).fetchone()[0])


def _shown(row: tuple[object, ...]) -> SetAside:
    (
        uid,
        direction,
        root,
        extension,
        interaction,
        sender,
        receiver,
        state,
        unknown,
        why,
        at,
        stuck,
        left,
        by,
        until,
    ) = row
    return SetAside(
        uid=str(uid or ""),
        direction=str(direction or ""),
        message_id=f"{root}/{extension}" if root and extension else "",
        interaction=str(interaction or ""),
        sender=str(sender or ""),
        receiver=str(receiver or ""),
        state=str(state or ""),
        unknown=bool(unknown),
        why=str(why),
        at=_moment(at),
        needs_repair=bool(stuck) or bool(left),
        replaced_by=str(by or ""),
        has_bytes=until is not None,
    )


def _moment(at: object) -> datetime:
    assert isinstance(at, float)
    return datetime.fromtimestamp(at, UTC)
