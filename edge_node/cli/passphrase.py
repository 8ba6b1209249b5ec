"""The private half of a recovery key, with the passphrase a person types where it has one.

Knows: when to ask.
Must not know: what is opened with it.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from edge_node.errors import EdgeNodeError

if TYPE_CHECKING:
    from edge_node.store.recovery import RecoveryPrivate


def private_half(path: Path) -> "RecoveryPrivate":
    """Read it, asking for the passphrase that it needs."""
    from edge_node.store.recovery import load_private

    try:
        return load_private(path)
    except EdgeNodeError as error:
        if error.code != "EN-PASSPHRASE":
            raise
    asked: str = click.prompt("Passphrase of the recovery key", hide_input=True, err=True)
    return load_private(path, asked.encode())
