"""Asks the running daemon; where there is none, looks into the store itself, and says so.

Knows: when the store may be opened instead.
Must not know: what is asked, or what is shown of an answer.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from edge_node.cli.show import note
from edge_node.cli.where import Where
from edge_node.status import control_client
from edge_node.status.control_client import Hear, Stopping, Unreachable
from edge_node.status.document import of_overview

Request = Mapping[str, Any]


def _unheard(part: Mapping[str, Any]) -> None:
    """Only the end of the answer is wanted."""


def _to_the_end(stop: object) -> AbstractContextManager[object]:
    return nullcontext()


def look(where: Where, request: Request, *, hear: Hear = _unheard, stopping: Stopping = _to_the_end) -> Any:
    """Read through the daemon; with the daemon down, from the store."""
    try:
        return control_client.ask(where.socket, request, hear=hear, stopping=stopping)
    except Unreachable as error:
        from edge_node.cli import offline

        _must_exist(where.store, error)
        note(f"The daemon does not answer ({error.detail}); read from {where.store}.")
        return offline.look(where.store, request, hear, stopping)


def change(where: Where, request: Request, *, hear: Hear = _unheard, stopping: Stopping = _to_the_end) -> Any:
    """Change through the daemon; with the daemon down, in the store, which no other process may then have open."""
    try:
        return control_client.ask(where.socket, request, hear=hear, stopping=stopping)
    except Unreachable as error:
        from edge_node.cli import offline

        _must_exist(where.store, error)
        changed = offline.change(where.store, request, hear, stopping)
        note(f"The daemon does not answer ({error.detail}); changed in {where.store}.")
        return changed


def counts(where: Where, error: Unreachable) -> list[dict[str, Any]]:
    """What the store holds, while no daemon can say."""
    from edge_node.machine import MachineClock
    from edge_node.store.reader import Reader

    _must_exist(where.store, error)
    return of_overview(Reader(where.store, MachineClock()).overview())


def _must_exist(store: Path, error: Unreachable) -> None:
    # Opening would make an empty store, and an empty queue where there is one elsewhere is a false answer.
    if not store.exists():
        raise Unreachable(f"{error.detail}; and there is no store at {store}") from error
