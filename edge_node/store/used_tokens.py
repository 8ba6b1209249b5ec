"""The memory of tokens: each was used for one message.

Knows: the table of used tokens.
Must not know: what a token says, what is done about a second use.
"""

import hashlib
from collections.abc import Sequence

from edge_node.model.message import TokenUse
from edge_node.store.duplicates import Key
from edge_node.store.session import Session

#: One use: of which tokens, for which message with what content.
Use = tuple[Sequence[TokenUse], Key, bytes]


def ends_at(tokens: Sequence[TokenUse]) -> float | None:
    """When the first of them ends; None where none says."""
    return min((one.ends_at for one in tokens if one.ends_at is not None), default=None)


def is_reused(session: Session, use: Use) -> bool:
    """Whether one of the tokens was used for another message, or for other content under the same id."""
    tokens, key, digest = use
    same = {message_of(key, digest), message_of_old(key, digest)}
    found = (session.execute("SELECT message FROM used_tokens WHERE token = ?", (one.token,)) for one in tokens)
    return any(row is not None and row[0] not in same for row in (cursor.fetchone() for cursor in found))


def remember(session: Session, use: Use, now: float) -> None:
    """The tokens were used. One that does not say when it ends is remembered as long as a message id."""
    tokens, key, digest = use
    of, memory_s = message_of(key, digest), session.retention.memory_s
    for one in tokens:
        ends_at = now + memory_s if one.ends_at is None else one.ends_at
        session.execute(
            "INSERT OR IGNORE INTO used_tokens (token, message, forget_at) VALUES (?, ?, ?)", (one.token, of, ends_at)
        )


def forget(session: Session, limit: int, now: float) -> int:
    """Forget tokens that nobody can use any more; say how many."""
    return session.execute(
        "DELETE FROM used_tokens WHERE token IN (SELECT token FROM used_tokens WHERE forget_at <= ? LIMIT ?)",
        (now, limit),
    ).rowcount


def message_of(key: Key, digest: bytes) -> bytes:
    """What stands for a message, then the keyed digest of its content, which can be given another key."""
    return hashlib.sha256("\0".join(key).encode()).digest() + digest


def message_of_old(key: Key, digest: bytes) -> bytes:
    """The same as it was written before the two stood apart; such a one goes when its token ends."""
    return hashlib.sha256("\0".join(key).encode() + b"\0" + digest).digest()
