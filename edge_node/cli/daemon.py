"""Asks the running daemon; where there is none, looks into the store itself, and says so.

Knows: when the store may be opened instead, and how.
Must not know: what is shown of an answer.
"""

import os
import pwd
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge_node.cli.show import note
from edge_node.cli.where import Where
from edge_node.errors import Refused
from edge_node.model.overview import By
from edge_node.status import control_client, verbs
from edge_node.status.control_client import Unreachable
from edge_node.status.document import of_overview, of_row, of_shown

if TYPE_CHECKING:
    from edge_node.store.reader import Reader

Request = Mapping[str, Any]


def look(where: Where, request: Request) -> Any:
    """Read through the daemon; with the daemon down, from the store."""
    try:
        return control_client.ask(where.socket, request)
    except Unreachable as error:
        reader = _reader(where.store, error)
        note(f"The daemon does not answer ({error.detail}); read from {where.store}.")
        return _read(reader, request)


def change(where: Where, request: Request) -> Any:
    """Change through the daemon; with the daemon down, in the store, which no other process may then have open."""
    try:
        return control_client.ask(where.socket, request)
    except Unreachable as error:
        _must_exist(where.store, error)
        changed = _change(where.store, request)
        note(f"The daemon does not answer ({error.detail}); changed in {where.store}.")
        return changed


def counts(where: Where, error: Unreachable) -> list[dict[str, Any]]:
    """What the store holds, while no daemon can say."""
    return of_overview(_reader(where.store, error).overview())


def _reader(store: Path, error: Unreachable) -> "Reader":
    from edge_node.machine import MachineClock
    from edge_node.store.reader import Reader

    _must_exist(store, error)
    return Reader(store, MachineClock())


def _must_exist(store: Path, error: Unreachable) -> None:
    # Opening would make an empty store, and an empty queue where there is one elsewhere is a false answer.
    if not store.exists():
        raise Unreachable(f"{error.detail}; and there is no store at {store}") from error


def _read(reader: "Reader", request: Request) -> Any:
    name, fields = verbs.parse(request)
    if name == "queue.list":
        wanted = verbs.choices(fields)
        return [of_row(row) for row in verbs.oldest((reader.list(each) for each in wanted), wanted[0].limit)]
    shown = reader.show(verbs.uid_of(fields))
    if shown is None:
        raise Refused(f"no message {fields['uid']}", code="EN-NOT-FOUND")
    return of_shown(shown)


def _change(store: Path, request: Request) -> Any:
    from edge_node.machine import MachineChance, MachineClock
    from edge_node.store.opening import open_offline
    from edge_node.store.surroundings import Surroundings

    name, fields = verbs.parse(request)
    by = By(who=_user(), why=verbs.why_of(fields))
    with open_offline(store, Surroundings(clock=MachineClock(), chance=MachineChance())) as queue:
        steps = {
            "queue.retry": queue.retry,
            "queue.discard": queue.discard,
            "queue.hold": queue.hold,
            "queue.release": queue.release,
        }
        return of_row(steps[name](verbs.uid_of(fields), by))


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
