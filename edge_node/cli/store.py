"""The commands on the keys of the store.

Knows: their options, and how what was done is told.
Must not know: what the keys seal or hash.
"""

import json
from pathlib import Path
from typing import Final

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.fields import why_option
from edge_node.cli.show import note, say
from edge_node.cli.where import Where, where_options
from edge_node.errors import Refused

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def store() -> None:
    """The keys under which the node keeps messages."""


@store.command("rotate-key")
@where_options
@why_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def rotate_key(where: Where, why: str, as_json: bool) -> int:
    """Give the store another key of its own, while the daemon goes on. What is sealed stays sealed."""
    from edge_node.status import control_client

    done = control_client.ask(where.socket, {"verb": "store.rotate-key", "why": why})
    if as_json:
        say(json.dumps(done))
        return exits.GOOD
    say(f"sealing key {done['key']}")
    if done["file"] is None:
        note("It is in place; the old one opens nothing any more.")
    else:
        note(f"Lend the service {done['file']} from now on (store.sealing_key), and restart it.")
        note("Until then both keys open the store; at that start the old one ends and this file is removed.")
    return exits.GOOD


@store.command()
@where_options
@why_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def rehash(where: Where, why: str, as_json: bool) -> int:
    """Give all hashes of patients and contents another key. The node must be stopped.

    One that was broken off is finished by running it again, or by starting the node.
    """
    from edge_node.cli.offline import user
    from edge_node.machine import MachineChance, MachineClock
    from edge_node.model.overview import By
    from edge_node.store import journal
    from edge_node.store.batch import transact
    from edge_node.store.opening import open_run
    from edge_node.store.rehashing import rehash
    from edge_node.store.surroundings import SealingKeys, Surroundings

    if not where.store.exists():
        raise Refused(f"there is no store at {where.store}", code="EN-NOT-FOUND")
    chance = MachineChance()
    around = Surroundings(clock=MachineClock(), chance=chance, sealing=SealingKeys(may_be_absent=True))
    opened = open_run(where.store, around)
    by, now = By(who=user(), why=why), around.clock.now()
    try:
        transact(opened.session, lambda session: journal.add_deed(session, "rehash", by, now))
        key = rehash(opened.session, where.store, chance, _Progress().told)
    finally:
        opened.database.close()
    say(json.dumps({"key": key.id}) if as_json else f"patient key {key.id}")
    note("Make a backup now: one that was made before has the hashes of the old key.")
    return exits.GOOD


@store.command()
@where_options
@click.option(
    "--recovery-key", "key", required=True, type=_FILE, metavar="FILE", help="The half of the key from the safe."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def regain(where: Where, key: Path, as_json: bool) -> int:
    """Open a store whose own key is lost, with a recovery key. The node must be stopped."""
    from edge_node.cli.passphrase import private_half
    from edge_node.machine import MachineChance
    from edge_node.store.regaining import regain

    if not where.store.exists():
        raise Refused(f"there is no store at {where.store}", code="EN-NOT-FOUND")
    made = regain(where.store, private_half(key), MachineChance(), where.sealed_files)
    lost = [str(path) for path in made.lost]
    say(json.dumps({"key": made.key.id, "lost": lost}) if as_json else f"sealing key {made.key.id}")
    for path in lost:
        note(f"{path} was never to open with this key: its certificate needs a new one (edge-node cert csr).")
    note(f"It lies beside {where.store}. Where store.sealing_key is set, lend the service that file instead.")
    return exits.GOOD


class _Progress:
    """Tells each table, and each hundred thousand rows."""

    def __init__(self) -> None:
        self._table = ""
        self._next = 0

    def told(self, table: str, rows: int) -> None:
        """Some more rows are done."""
        if table != self._table or rows >= self._next:
            self._table, self._next = table, rows + 100_000
            note(f"{table}: {rows} rows so far")
