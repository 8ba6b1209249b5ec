"""Digests of content that were written before they were keyed.

Knows: the columns that hold them, and that they are changed once.
Must not know: what the content was, how a copy is recognised.
"""

import sqlite3
from typing import Final

from edge_node.store import used_tokens
from edge_node.store.duplicates import Key
from edge_node.store.session import Session

_DONE: Final = "SELECT 1 FROM meta WHERE key = 'content keyed'"
_OWNERS: Final = (
    "SELECT direction, sender, root, extension, digest FROM messages"
    " UNION SELECT direction, sender, root, extension, digest FROM duplicates"
)


def rekey(session: Session) -> None:
    """Put the key under every digest of an older release, once: without it, a short content can be guessed."""
    if session.execute(_DONE).fetchone() is not None:
        return
    _rekey_tokens(session)
    session.connection.create_function("keyed", 1, session.key.content, deterministic=True)
    session.execute("UPDATE messages SET digest = keyed(digest)")
    session.execute("UPDATE duplicates SET digest = keyed(digest)")
    set_done(session.connection)


def set_done(connection: sqlite3.Connection) -> None:
    """They are all keyed."""
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('content keyed', 1)")


def _rekey_tokens(session: Session) -> None:
    """What a token was used for is a digest over that of the content."""
    used = session.execute("SELECT token, message FROM used_tokens").fetchall()
    if not used:
        return
    renamed = {}
    for *names, digest in session.execute(_OWNERS):
        of: Key = (names[0], names[1], names[2], names[3])
        renamed[used_tokens.message_of_old(of, digest)] = used_tokens.message_of(of, session.key.content(digest))
    for token, message in used:
        session.execute("UPDATE used_tokens SET message = ? WHERE token = ?", (renamed.get(message, message), token))
