"""The last good stelseltoken on disk, so that a node that starts while nobody gives one still knows the way.

Knows: a small file, written whole or not at all.
Must not know: whether what is in it is still to be trusted.
"""

import json
import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_MAX_BYTES: Final = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """A signed token as it came, and when. It names addresses only."""

    token: str = field(repr=False)
    fetched_at_s: float  # seconds since the epoch
    max_age_s: float


class Shelf:
    """One such file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, shelved: Shelved) -> None:
        """Replace the file; raises `OSError`."""
        written = {"token": shelved.token, "fetched_at_s": shelved.fetched_at_s, "max_age_s": shelved.max_age_s}
        fresh = self._path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump(written, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)

    def take(self) -> Shelved | None:
        """Return what is there; None when there is nothing, or nothing that can be read."""
        try:
            with self._path.open("rb") as file:
                said = json.loads(file.read(_MAX_BYTES))
            shelved = Shelved(
                token=str(said["token"]), fetched_at_s=float(said["fetched_at_s"]), max_age_s=float(said["max_age_s"])
            )
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
        return shelved if math.isfinite(shelved.fetched_at_s + shelved.max_age_s) else None
