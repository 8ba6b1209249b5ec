"""The node with a bug put into it on purpose, to see that the harness finds it.

Knows: which guarantee each bug breaks, and where in the store it does.
Must not know: how the harness finds out.

`EDGE_NODE_CRASH_BUG` names the bug. It is put in from outside, when the process starts: nothing in the node knows it.
"""

import os
from collections.abc import Callable
from itertools import count
from typing import Any, Final
from unittest.mock import patch

from edge_node.sandbox import crashing_node
from edge_node.store import database, keys, lanes, opening, queue
from edge_node.store.session import Session

BUG: Final = "EDGE_NODE_CRASH_BUG"


def acknowledge_before_commit() -> None:
    """One commit for several batches, as that is faster: whoever was told yes before it was told too early."""
    begin, commit = Session.begin, Session.commit
    batches = count(1)

    def begin_once(self: Session) -> None:
        if not self.connection.in_transaction:
            begin(self)

    def commit_now_and_then(self: Session) -> None:
        if next(batches) % 10 == 0:
            commit(self)

    patch.multiple(Session, begin=begin_once, commit=commit_now_and_then).start()


def forget_duplicates() -> None:
    """The memory of message ids does not survive a restart."""
    take_back = queue.take_back

    def forgetful(session: Session, at: Any) -> int:
        session.execute("DELETE FROM duplicates WHERE state = 'answered'")
        return take_back(session, at)

    patch.object(opening.queue, "take_back", forgetful).start()


def reorder() -> None:
    """The head of a lane is not waited for: every message has a lane of its own."""
    name = lanes.name

    def alone(key: Any, push: Any, order: str) -> bytes:
        return name(key, push, f"{order} {push.message_id.extension}")

    patch.object(lanes, "name", alone).start()


def memory_only() -> None:
    """What is written stays in a transaction that never ends."""
    begin = Session.begin

    def begin_once(self: Session) -> None:
        if not self.connection.in_transaction:
            begin(self)

    patch.multiple(Session, begin=begin_once, commit=lambda self: None).start()


def synchronous_off() -> None:
    """A commit returns before it is on the disk: signal 9 does no harm, a power cut does."""
    pragmas = tuple(one.replace("synchronous = FULL", "synchronous = OFF") for one in database._PRAGMAS)
    patch.object(database, "_PRAGMAS", pragmas).start()


def names_not_synced() -> None:
    """The folder is never synced: a power cut may take a file whose bytes were."""
    for module in (keys, database):
        patch.object(module, "sync_directory", lambda folder: None).start()


BUGS: Final[dict[str, Callable[[], None]]] = {
    bug.__name__.replace("_", "-"): bug
    for bug in (
        acknowledge_before_commit,
        forget_duplicates,
        reorder,
        memory_only,
        synchronous_off,
        names_not_synced,
    )
}


if __name__ == "__main__":
    if name := os.environ.get(BUG):
        BUGS[name]()
    crashing_node.main()
