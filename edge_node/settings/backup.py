"""When backups are made, and where they go.

Knows: the keys under `store.backup`.
Must not know: what is in a backup, who can open it.
"""

from typing import Annotated

from annotated_types import Ge, Le

from edge_node.settings.values import AbsolutePath, Count, Seconds, Section, setting


class BackupSettings(Section):
    """Backups of the store, sealed to the recovery keys."""

    folder: AbsolutePath | None = setting(
        "Folder for backups, best on another disk; null: none are made by themselves.", None
    )
    every_s: Seconds = setting("Seconds from one backup to the next.", 86_400.0)
    keep: Count = setting("How many backups of this node stay in that folder.", 14)
    jitter_s: Annotated[float, Ge(0), Le(86_400)] = setting(
        "Seconds after a start within which, by chance, a backup that is due begins.", 1800.0
    )
    retry_s: Seconds = setting("Seconds after a failed backup until the next try.", 3600.0)
