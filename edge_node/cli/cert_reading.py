"""The list of certificates from settings alone, while no daemon answers.

Knows: which files and keys this user may see.
Must not know: what there is to say of a certificate.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge_node.certificates import Beyond, read_certificates
from edge_node.choosing import read_settings
from edge_node.inventory import Known, inventory
from edge_node.sealed_keys import opener
from edge_node.settings.values import CREDENTIAL, existing_path


def read(config: Sequence[Path]) -> dict[str, Any]:
    """Read it. Raises `SettingsInvalid`."""
    settings = read_settings(config).settings
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    lent = Path(directory) if directory else None

    def path_of(reference: str) -> Path | None:
        # Only the service gets its credentials: what they hold is not told as missing.
        return None if lent is None and reference.startswith(CREDENTIAL) else existing_path(reference, lent)

    now = datetime.now(UTC)
    held = read_certificates(settings, path_of, now, Beyond(open_sealed=opener(settings, lent)))
    return inventory(settings, held, Known(), now)
