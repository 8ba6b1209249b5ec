"""What became of messages whose ids somebody remembers, and whether the store around them is sound.

Knows: how a message is found by its id.
Must not know: who promised what, or how the store was treated.
"""

import sqlite3

from edge_node.store.soundness import check


def fates(connection: sqlite3.Connection, root: str) -> dict[str, str]:
    """Return the state of each message whose id has that root, by the extension of its id."""
    sql = "SELECT extension, state FROM messages WHERE root = ? ORDER BY seq"
    return dict(connection.execute(sql, (root,)).fetchall())


def unsound(connection: sqlite3.Connection) -> list[str]:
    """Return what does not fit together, in words; nothing when all does."""
    looked = check(connection, lambda: False)
    return [f"{one.what}: {one.broken} times not so" for one in looked if one.broken]
