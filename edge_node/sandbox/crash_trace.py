"""What a process did to the files of one folder, as the preloaded layer noted it.

Knows: how the layer is built and preloaded, and the form of its notes.
Must not know: what outlives a power cut.
"""

import hashlib
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).with_name("power_cut.c")
_HEAD: Final = struct.Struct("<IIQQQQ")
_MAGIC: Final = 0x54554350
_PACKAGES: Final = ("gcc", "libc6-dev")


class TraceBroken(RuntimeError):
    """The notes cannot be read: nothing can be concluded from them."""


class Deed(StrEnum):
    """What was done."""

    PROCESS = "P"
    OPENED = "O"
    OPENED_FOLDER = "d"
    WROTE = "W"
    CUT = "T"  # to a size, shorter or longer
    RESERVED = "A"  # up to a size
    SYNC_BEGAN = "B"
    SYNCED = "S"
    RENAMED = "R"
    LINKED = "L"
    REMOVED = "U"
    MADE_FOLDER = "M"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing done. Its numbers are of the process that did it."""

    deed: Deed
    number: int
    opening: int
    value: int  # where, how long, or the number of the note at which a sync began
    data: bytes = field(repr=False)

    @property
    def paths(self) -> list[str]:
        """The names it is about."""
        return [os.fsdecode(one) for one in self.data.split(b"\0")]


def notes(trace: Path) -> Iterator[Note]:
    """Return what one process did, in order; its last note may have been cut short by the kill."""
    with trace.open("rb") as file:
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            magic, deed, number, opening, value, length = _HEAD.unpack(head)
            if magic != _MAGIC:
                raise TraceBroken(f"{trace} holds something that is not a note before byte {file.tell()}")
            data = file.read(length)
            if len(data) < length:
                return
            yield Note(deed=Deed(chr(deed)), number=number, opening=opening, value=value, data=data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """The layer, built, for one folder."""

    library: Path
    root: Path  # the folder whose files are watched
    traces: Path  # a folder: each process has a file of its own, as its last note may have been cut short

    def environment(self, number: int) -> Mapping[str, str]:
        """What the process of that number is started with to be watched."""
        self.traces.mkdir(exist_ok=True)
        return {
            "LD_PRELOAD": str(self.library),
            "EDGE_NODE_POWER_CUT_ROOT": str(self.root.resolve()),
            "EDGE_NODE_POWER_CUT_TRACE": str(self.traces / f"{number:06}"),
        }

    def notes(self) -> Iterator[Note]:
        """Return what all processes did, one after the other."""
        for trace in sorted(self.traces.iterdir()):
            yield from notes(trace)

    def forget(self) -> None:
        """Begin anew."""
        for trace in self.traces.iterdir():
            trace.unlink()


def build(folder: Path) -> Path:
    """Compile the layer once for this version of its source; a compiler is installed where that can be done."""
    mark = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    library = folder / f"power_cut-{mark}.so"
    if library.exists():
        return library
    compiler = shutil.which("cc") or shutil.which("gcc") or _install()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        made = Path(scratch) / library.name
        command = [compiler, "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread"]
        subprocess.run([*command, "-o", str(made), str(SOURCE)], check=True)  # noqa: S603  our own file
        made.rename(library)
    return library


def _install() -> str:
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise FileNotFoundError("a C compiler is needed to play power cuts: as root, apt-get install gcc libc6-dev")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *_PACKAGES]):
        subprocess.run([apt, *arguments], check=True, env=quiet, stdout=subprocess.DEVNULL)  # noqa: S603
    found = shutil.which("gcc")
    if found is None:
        raise FileNotFoundError("gcc was installed and is not found")
    return found
