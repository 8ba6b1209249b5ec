"""The proof on the customer's own disk: how quick the disk is, and whether a store survives being killed on it.

Knows: what is measured and tried, and what is said of it.
Must not know: options, exit codes.
"""

import fcntl
import os
import secrets
import shutil
import signal
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from edge_node.probes.disk import free_bytes
from edge_node.probes.syncing import file_system, sync_times_s
from edge_node.sandbox.store_trial import CHILD, Broken, Trial

NEEDED_BYTES: Final = 256 * 1024 * 1024
_TIMES: Final = 200
_PREFIX: Final = ".edge-node-selftest-"
#: No disk is this quick: what answers so soon has put it into memory.
_TOO_QUICK_S: Final = 15e-6
_MEMORY: Final = frozenset({"tmpfs", "ramfs"})
_NETWORK: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "glusterfs", "ceph", "afs"})
_TELLS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is to be tried."""

    folder: Path
    kills: int
    seed: int | None = None
    child: str = CHILD


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """What the disk is, and how long a sync takes on it."""

    kind: str
    times_s: tuple[float, ...] = field(repr=False)

    @property
    def median_s(self) -> float:
        """In the middle."""
        return statistics.median(self.times_s)

    @property
    def slow_s(self) -> float:
        """One in a hundred takes longer."""
        return sorted(self.times_s)[len(self.times_s) * 99 // 100]

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why what was proved here may not hold when the power fails, in Dutch and in English."""
        if self.kind in _MEMORY:
            return (
                f"Deze map staat in het geheugen ({self.kind}): na stroomuitval is alles weg.",
                f"This folder is in memory ({self.kind}): a power cut takes everything.",
            )
        if self.kind in _NETWORK:
            return (
                f"Deze map staat op een netwerkschijf ({self.kind}): SQLite is daar niet veilig.",
                f"This folder is on a network file system ({self.kind}): SQLite is not safe there.",
            )
        if self.median_s < _TOO_QUICK_S:
            return (
                "Deze schijf bevestigt schrijven sneller dan een schijf kan: een stroomuitval kan berichten kosten.",
                "This disk confirms writes quicker than a disk can: a power cut may take messages.",
            )
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came of it."""

    kills: int
    survived: int
    seed: int
    messages: int
    copies: int
    broken: str
    disk: Disk
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether every kill was survived."""
        return self.survived == self.kills and not self.broken

    def document(self) -> dict[str, Any]:
        """The JSON object."""
        return {
            "survived": self.survived,
            "kills": self.kills,
            "seed": self.seed,
            "messages": self.messages,
            "copies": self.copies,
            "broken": self.broken,
            "file_system": self.disk.kind,
            "sync_median_ms": round(self.disk.median_s * 1000, 3),
            "sync_p99_ms": round(self.disk.slow_s * 1000, 3),
            "warnings": list(self.disk.warnings),
            "seconds": round(self.seconds, 1),
        }

    def lines(self) -> list[str]:
        """The same for people; the last line is the result."""
        disk = self.disk
        return [
            f"{disk.kind or 'disk'}: sync {disk.median_s * 1000:.2f} ms, 1 in 100 over {disk.slow_s * 1000:.2f} ms",
            *disk.warnings,
            *self._told(),
            f"{self.survived}/{self.kills} (seed {self.seed})",
        ]

    def _told(self) -> list[str]:
        if self.is_good:
            return [
                f"{self.messages} berichten: niets kwijt, niets dubbel, alles op volgorde.",
                f"{self.messages} messages: nothing lost, nothing twice, everything in order.",
            ]
        return [
            f"Na uitval {self.survived + 1} klopte de opslag niet: gebruik deze schijf niet, en meld dit.",
            f"After kill {self.survived + 1} the store was wrong: do not use this disk, and report this.",
            self.broken,
        ]


def no_room(folder: Path) -> str:
    """Say why it cannot be tried there; nothing when it can."""
    if not folder.is_dir():
        return f"{folder} is not a folder; --folder says where to try it"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"{folder} may not be written by this user"
    free = free_bytes(folder)
    if free is not None and free < NEEDED_BYTES:
        return f"{folder} has {free // 2**20} MiB free; {NEEDED_BYTES // 2**20} MiB are needed"
    return ""


def clear_leftovers(folder: Path) -> None:
    """Remove what a trial left behind that was itself killed; one that is at work is left alone."""
    for left in folder.glob(f"{_PREFIX}*"):
        with suppress(BlockingIOError, PermissionError):  # at work, or another user's
            _remove(left)


def _remove(left: Path) -> None:
    lock = os.open(left, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(left)
    finally:
        os.close(lock)


def prove(choice: Choice, tell: Callable[[str], None]) -> Found:
    """Measure and try in a folder of its own, and leave nothing behind."""
    seed = secrets.randbits(32) if choice.seed is None else choice.seed
    clear_leftovers(choice.folder)
    scratch = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=choice.folder))
    lock = os.open(scratch, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(lock, fcntl.LOCK_EX)  # ends with this process, however that ends
    begun, broken = time.monotonic(), ""
    # Asked to end, it cleans up as with Ctrl-C.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    every = max(1, choice.kills // _TELLS)
    try:
        disk = Disk(kind=file_system(scratch), times_s=tuple(sync_times_s(scratch, _TIMES, time.monotonic)))
        trial = Trial(folder=scratch, kills=choice.kills, seed=seed, child=choice.child)
        tell(f"seed {seed}")
        try:
            trial.run(lambda number: tell(f"{number}/{choice.kills}") if number % every == 0 else None)
        except Broken as error:
            broken = str(error)
    finally:
        shutil.rmtree(scratch)
        os.close(lock)
        signal.signal(signal.SIGTERM, before)
    return Found(
        kills=choice.kills,
        # What is wrong at the end was wrong after the last kill.
        survived=min(trial.survived, choice.kills - 1) if broken else trial.survived,
        seed=seed,
        messages=trial.messages,
        copies=trial.copies,
        broken=broken,
        disk=disk,
        seconds=time.monotonic() - begun,
    )
