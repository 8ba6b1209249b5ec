"""The commands on the keys that open what a node sealed when the node is gone.

Knows: their options, what people must do with each half.
Must not know: how something is sealed.
"""

import json
from pathlib import Path
from typing import Final

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.show import note, say

MIN_PASSPHRASE: Final = 12
_NEW: Final = click.Path(dir_okay=False, path_type=Path)


@click.group("recovery-key")
def recovery_key() -> None:
    """The key that opens backups and sealed messages when the machine is gone."""


@recovery_key.command()
@click.option("--private", required=True, type=_NEW, metavar="FILE", help="Where the half for the safe goes.")
@click.option("--public", required=True, type=_NEW, metavar="FILE", help="Where the half for the node goes.")
@click.option("--passphrase", "asks", is_flag=True, help="Ask for a passphrase for the half for the safe.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def make(private: Path, public: Path, asks: bool, as_json: bool) -> int:
    """Make a pair of keys. Do this on another machine than the node."""
    from edge_node.store import recovery

    made = recovery.make(private, public, _passphrase() if asks else None)
    if as_json:
        say(json.dumps({"id": made.id, "private": str(private), "public": str(public)}))
        return exits.GOOD
    say(f"recovery key {made.id}")
    note(f"1. Print {private} and lay the paper in the safe; keep the file on a stick beside it, nowhere else.")
    note(f"2. Bring only {public} to the node and name it in its settings under store.recovery_keys.")
    note(f"3. Remove {private} from this machine.")
    note("Who has the private half can read what the node kept. Without it nobody can when the node is gone.")
    return exits.GOOD


def _passphrase() -> bytes:
    chosen: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True)
    if len(chosen) < MIN_PASSPHRASE:
        raise click.UsageError(f"A passphrase has at least {MIN_PASSPHRASE} characters.")
    return chosen.encode()
