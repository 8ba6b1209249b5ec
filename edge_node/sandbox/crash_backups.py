"""Backups made while the node is crashed: whatever stands under the name of one must open, whole.

Knows: the settings that have them made, and how an operator proves one.
Must not know: when the node is crashed, what a backup looks like inside.
"""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge_node.store import recovery
from edge_node.store.backup_folder import SUFFIX

_EVERY_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Backups:
    """The backups of the node on one stage."""

    stage: Path

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings of its store: bodies go soon, so that what removes them is crashed as well."""
        return {
            "body_retention_s": 20.0,
            "recovery_keys": [str(self._public)],
            "backup": {"folder": str(self._folder), "every_s": _EVERY_S, "keep": 2, "jitter_s": 0.0, "retry_s": 1.0},
        }

    def prepare(self) -> None:
        """Make the folder, and the recovery key: one half for the node, one for the safe."""
        self._folder.parent.mkdir(mode=0o700)
        self._folder.mkdir(mode=0o700)
        recovery.make(self._private, self._public)

    def wrong(self) -> list[str]:
        """Prove the newest backup as an operator does; say what is wrong with it."""
        made = sorted(self._folder.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime)
        return [complaint for newest in made[-1:] if (complaint := self._drill(newest))]

    def _drill(self, backup: Path) -> str:
        drill = self.stage / "drill"
        drill.mkdir(exist_ok=True)
        command = ["-m", "edge_node.cli.main", "restore", str(backup), "--config", str(self.stage / "site.yaml")]
        command += ["--recovery-key", str(self._private), "--drill", "--in", str(drill)]
        done = subprocess.run(  # noqa: S603  our own interpreter
            [sys.executable, *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            check=False,
        )  # fmt: skip
        return "" if done.returncode == 0 else f"the backup {backup.name}: {done.stderr.decode()[-300:]}"

    @property
    def _folder(self) -> Path:
        return self.stage / "state" / "backups"

    @property
    def _private(self) -> Path:
        return self.stage / "recovery.key"

    @property
    def _public(self) -> Path:
        return self.stage / "recovery.pub"
