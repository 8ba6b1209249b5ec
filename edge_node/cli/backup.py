"""The command that makes a backup now.

Knows: its options, what is shown of it, that the running daemon makes it.
Must not know: how a backup is made.
"""

import json
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.show import note, say
from edge_node.cli.where import DEFAULT_SOCKET, config_option
from edge_node.errors import EdgeNodeError

if TYPE_CHECKING:
    from edge_node.model.backup import Remembered

#: A large store takes minutes; each line tells how far it is, but for the last check of it.
_WAIT_S: Final = 3600.0


@click.command()
@config_option(required=False)
@click.option("--socket", type=click.Path(path_type=Path), metavar="PATH", help="Control socket; else of --config.")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Where it goes; else store.backup.folder of the settings. The daemon must be able to write there.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def backup(config: tuple[Path, ...], socket: Path | None, folder: Path | None, as_json: bool) -> int:
    """Make a backup now, sealed to the recovery keys, and read it again.

    The daemon goes on meanwhile. While it is down, name the settings with --config.
    """
    from edge_node.status.control_client import Unreachable, ask

    to = None if folder is None else str(folder.resolve())
    request = {"verb": "backup.make", "to": to, "why": "made by hand"}
    try:
        made = ask(_socket(config, socket), request, hear=_Progress(), timeout_s=_WAIT_S)
    except Unreachable as error:
        if not config:
            raise
        note(f"The daemon does not answer ({error.detail}); made here.")
        made = _made_here(config, folder)
    if as_json:
        say(json.dumps(made))
    else:
        say(made["file"])
        note(f"{made['nbytes']} bytes in {made['took_s']} s; opens with recovery key {', '.join(made['keys'])}.")
        note(f"{sum(n for _, _, n in made['counts'])} messages are in it.")
    return exits.GOOD


class _Progress:
    """Tells each tenth part once."""

    def __init__(self) -> None:
        self._told = ""

    def __call__(self, part: Mapping[str, Any]) -> None:
        """Hear how far it is."""
        tenths = 10 * part["done"] // max(1, part["of"])
        told = f"{part['step']}: {tenths * 10} %"
        if told != self._told:
            self._told = told
            note(told)


def _socket(config: tuple[Path, ...], socket: Path | None) -> Path:
    if socket is not None or not config:
        return socket or DEFAULT_SOCKET
    from edge_node.settings.load import load

    return load(config).management.control_socket


def _made_here(config: tuple[Path, ...], folder: Path | None) -> dict[str, Any]:
    from edge_node.backing_up import is_elsewhere, plan_of
    from edge_node.machine import MachineChance, MachineClock
    from edge_node.model.backup import Remembered
    from edge_node.probes.disk import free_bytes
    from edge_node.settings.load import load
    from edge_node.status.backup_verbs import of_made
    from edge_node.store import database, remembered
    from edge_node.store.backup import Tools, make
    from edge_node.store.mounts import is_readonly

    settings = load(config)
    where = folder or settings.store.backup.folder
    if where is None:
        raise EdgeNodeError("store.backup.folder is not set, and no folder was named", code="EN-BACKUP-NONE")
    plan = plan_of(settings, where.resolve(), None if folder else settings.store.backup.keep)
    plan = replace(plan, is_store_readonly=is_readonly(plan.store.parent))  # nobody can change it then: no lock
    progress = _Progress()
    tools = Tools(
        clock=MachineClock(),
        chance=MachineChance(),
        free_bytes=free_bytes,
        told=lambda step, done, of: progress({"step": step, "done": done, "of": of}),
    )
    if not plan.store.exists():
        raise EdgeNodeError(f"there is no store at {plan.store}", code="EN-NOT-FOUND")
    elsewhere, at = is_elsewhere(settings, folder), tools.clock.now()
    try:
        with nullcontext() if plan.is_store_readonly else database.locked(plan.store):
            made = make(plan, tools)
    except EdgeNodeError as error:
        if not elsewhere:
            _remember(plan.store, Remembered(kind=remembered.BACKUP, at=at, code=error.code))
        raise
    _remember(plan.store, remembered.of_made(made, at, elsewhere=elsewhere))
    return of_made(made)


def _remember(store: Path, line: "Remembered") -> None:
    """Have the status and the monitoring know of it; the backup is what it is all the same."""
    from edge_node.store import remembered

    try:
        remembered.offline(store, line)
    except EdgeNodeError as error:
        note(f"The store could not take note of it ({error.code}).")
