"""The floor under TLS, taken up before a command loads OpenSSL.

Knows: where the settings say which profile it is.
Must not know: what a profile is, what OpenSSL makes of it.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from edge_node.errors import SettingsInvalid
from edge_node.wire.trust_floor import Profile, take_up


def stand_on_default() -> None:
    """Take up the profile of a command without settings."""
    take_up(Profile.LSP_COMPAT, os.environ)


def stand_on(config: Sequence[Path]) -> None:
    """Take up the profile of these settings; of wrong ones the default, and whoever reads them next says why."""
    from edge_node.settings.load import load  # pydantic is slow to import

    try:
        take_up(Profile(load(config).switchboard.tls_profile), os.environ)
    except SettingsInvalid:
        stand_on_default()
