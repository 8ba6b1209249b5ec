"""What there is to see of the files with keys on the disk.

Knows: which keys of the settings are files.
Must not know: what is allowed, how a file is looked at.
"""

import os
from pathlib import Path
from typing import Any

from edge_node.looking_ground import Ground
from edge_node.model.facts_identity import KeyFileFacts
from edge_node.policy import check_identity
from edge_node.probes import key_files
from edge_node.probing import Look
from edge_node.settings.schema import Settings
from edge_node.settings.values import SEALED, file_path


def looks(ground: Ground) -> tuple[Look[Any], ...]:
    """Return them."""

    async def see() -> KeyFileFacts:
        settings = ground.settings
        keys, backups = files_of(settings), settings.store.backup.folder
        return await ground.peek(lambda: key_files.look(keys, backups))

    rules = {"key-permissions": check_identity.key_permissions, "key-in-backup": check_identity.key_in_backup}
    return (Look(name="key files", see=see, rules=rules),)


def files_of(settings: Settings) -> dict[str, Path]:
    """The keys that are files, by the name of their setting; what is sealed lies inside the state folder."""
    lent = os.environ.get("CREDENTIALS_DIRECTORY")
    credentials = None if lent is None else Path(lent)
    named = {f"identities.{one.name}.key": one.key for one in settings.identities}
    signing = {
        f"identities.{one.name}.token_signing.key": one.token_signing.key
        for one in settings.identities
        if one.token_signing is not None
    }
    return {
        name: file_path(reference, credentials)
        for name, reference in (named | signing).items()
        if not reference.startswith(SEALED)
    }
