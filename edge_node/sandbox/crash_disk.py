"""A folder as a disk holds it: what is known to be on it, and what may or may not be, when the power goes.

Knows: the notes of the preloaded layer; that a sync of a file covers its bytes, and one of a folder its names.
Must not know: who wrote, or what the files mean.

A disk is allowed more than one file system ever does: each write since the last sync of its file may be there, be
missing, or be there in part, whatever became of the ones before it. Names of one folder are lost from the last change
backwards, as journals of metadata do it; a sync of the file alone keeps no name.
"""

import os
import random
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePath
from typing import Final

from edge_node.sandbox.crash_trace import Deed, Note, TraceBroken

Image = Mapping[str, bytes | None]  # by path within the folder; None is a folder
_SECTOR: Final = 512
_PAGE: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """With what chance each un-synced change is there after the cut, and how much of what is there is torn."""

    kept: float
    torn: float
    grain: int = _SECTOR


#: Nothing of it; all of it; anything between.
FATES: Final = (
    Fate(kept=0.0, torn=0.0),
    Fate(kept=1.0, torn=0.0),
    Fate(kept=1.0, torn=0.3),
    Fate(kept=0.5, torn=0.0),
    Fate(kept=0.5, torn=0.5),
    Fate(kept=0.8, torn=0.2, grain=_PAGE),
)


@dataclass(frozen=True, slots=True)
class _Change:
    at: int
    deed: Deed
    value: int
    data: bytes


@dataclass(slots=True, eq=False)
class _File:
    """The bytes of one file: on the disk, and changed since."""

    synced: bytearray = field(default_factory=bytearray)
    changes: list[_Change] = field(default_factory=list)

    def sync(self, before: int) -> None:
        """What was changed before that is on the disk."""
        until = bisect_left(self.changes, before, key=lambda change: change.at)
        for change in self.changes[:until]:
            _apply(self.synced, change, None)
        del self.changes[:until]

    def after_cut(self, fate: Fate, chance: random.Random) -> bytes:
        """What is on the disk after the cut."""
        left = bytearray(self.synced)
        for change in self.changes:
            if chance.random() < fate.kept:
                _apply(left, change, _tear(change, fate, chance) if chance.random() < fate.torn else None)
        return bytes(left)


@dataclass(slots=True)
class _Naming:
    """A change of names: what it takes away, and what it puts there."""

    at: int
    removed: str | None
    added: str | None
    file: _File | None  # None is a folder
    folders: tuple[str, ...]
    is_synced: bool = False


class Disk:
    """One folder from one power cut to the next."""

    def __init__(self, root: Path, image: Image) -> None:
        self._root = str(root.resolve())
        self._begun = {name: None if data is None else _File(bytearray(data)) for name, data in image.items()}
        self._now: dict[str, _File | None] = {"": None, **self._begun}
        self._namings: list[_Naming] = []
        self._openings: dict[int, _File | str] = {}  # a folder by its name
        self._begins: dict[tuple[int, int], int] = {}
        self._at = 0
        #: How often a file of that name was synced: proof that the layer saw it.
        self.syncs: dict[str, int] = {}

    def as_written(self) -> Image:
        """Return what is in the folder for whoever is running: everything written, synced or not."""
        everything = Fate(kept=1.0, torn=0.0)
        chance = random.Random(0)
        return {
            name: None if file is None else file.after_cut(everything, chance)
            for name, file in self._now.items()
            if name
        }

    def play(self, note: Note) -> None:
        """Let the disk do what was noted."""
        self._at += 1
        match note.deed:
            case Deed.OPENED | Deed.OPENED_FOLDER:
                self._open(note)
            case Deed.WROTE | Deed.CUT | Deed.RESERVED:
                file = self._openings.get(note.opening)
                if isinstance(file, _File):
                    file.changes.append(_Change(self._at, note.deed, note.value, note.data))
            case Deed.SYNC_BEGAN:
                self._begins[note.opening, note.number] = self._at
            case Deed.SYNCED:
                self._sync(note)
            case Deed.RENAMED | Deed.LINKED | Deed.REMOVED | Deed.MADE_FOLDER:
                self._rename(note)

    def after_cut(self, chance: random.Random) -> Image:
        """Return what is found when the power comes back."""
        fate = chance.choice(FATES)
        names: dict[str, _File | None] = dict(self._begun)
        for naming in self._survivors(fate, chance):
            if naming.removed is not None:
                names.pop(naming.removed, None)
            if naming.added is not None:
                names[naming.added] = naming.file
        contents = {id(file): file.after_cut(fate, chance) for file in _files(names)}
        found = {name: None if file is None else contents[id(file)] for name, file in sorted(names.items())}
        return {name: data for name, data in found.items() if _is_reachable(name, found)}

    def _survivors(self, fate: Fate, chance: random.Random) -> list[_Naming]:
        """The changes of names that are there: the synced ones, and of each folder the others up to some moment."""
        folders = sorted({folder for naming in self._namings for folder in naming.folders})
        ends = {folder: self._last_name(folder, fate, chance) for folder in folders}
        return [
            naming
            for naming in self._namings
            if naming.is_synced or all(naming.at <= ends[folder] for folder in naming.folders)
        ]

    def _last_name(self, folder: str, fate: Fate, chance: random.Random) -> int:
        open_ends = [one.at for one in self._namings if not one.is_synced and folder in one.folders]
        if fate.kept in (0.0, 1.0):
            return open_ends[-1] if fate.kept and open_ends else 0
        return chance.choice([0, *open_ends])

    def _open(self, note: Note) -> None:
        name = self._name(note.paths[0])
        if name is None:
            return
        if note.deed is Deed.OPENED_FOLDER:
            self._openings[note.opening] = name
            return
        file = self._now.get(name)
        if file is None:
            file = _File()
            self._change_names(None, name, file)
        self._openings[note.opening] = file
        self.syncs.setdefault(name, 0)

    def _sync(self, note: Note) -> None:
        before = self._begins.pop((note.opening, note.value))
        what = self._openings.get(note.opening)
        if isinstance(what, _File):
            what.sync(before)
            for name in self._names_of(what):
                self.syncs[name] = self.syncs.get(name, 0) + 1
            return
        for naming in self._namings if isinstance(what, str) else ():
            if naming.at < before and what in naming.folders:
                naming.is_synced = True

    def _rename(self, note: Note) -> None:
        names = [self._name(path) for path in note.paths]
        if note.deed is Deed.MADE_FOLDER:
            if names[0]:
                self._change_names(None, names[0], None)
            return
        source = names[0]
        if note.deed is Deed.REMOVED:
            if source is not None and source in self._now:
                self._change_names(source, None, None)
            return
        if source is None or self._now.get(source) is None:
            # What comes from elsewhere, or is a folder, cannot be played: better to say so than to guess.
            raise TraceBroken(f"{note.deed.name.lower()} what the layer does not follow")
        self._change_names(source if note.deed is Deed.RENAMED else None, names[1], self._now[source])

    def _change_names(self, removed: str | None, added: str | None, file: _File | None) -> None:
        folders = tuple({_folder(name) for name in (removed, added) if name is not None})
        self._namings.append(_Naming(self._at, removed, added, file, folders))
        if removed is not None:
            self._now.pop(removed, None)
        if added is not None:
            self._now[added] = file

    def _names_of(self, file: _File) -> list[str]:
        return [name for name, one in self._now.items() if one is file]

    def _name(self, path: str) -> str | None:
        whole = os.path.normpath(path)
        if whole == self._root:
            return ""
        inside = whole.removeprefix(self._root + "/")
        return None if inside == whole else inside


def image_of(root: Path) -> Image:
    """Return what is in a folder now."""
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else None
        for path in sorted(root.rglob("*"))
        if path.is_dir() or path.is_file()
    }


def put_back(root: Path, image: Image) -> None:
    """Make the folder what the image says."""
    for path in sorted(root.rglob("*"), reverse=True):
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()
    for name, data in sorted(image.items()):
        path = root / name
        if data is None:
            path.mkdir(mode=0o700)
            continue
        path.touch(mode=0o600)
        path.write_bytes(data)


def _apply(content: bytearray, change: _Change, pieces: list[tuple[int, int]] | None) -> None:
    if change.deed is Deed.CUT:
        del content[change.value :]
    if change.deed in {Deed.CUT, Deed.RESERVED}:
        content.extend(bytes(max(0, change.value - len(content))))
        return
    for start, end in pieces if pieces is not None else [(0, len(change.data))]:
        at = change.value + start
        content.extend(bytes(max(0, at - len(content))))
        content[at : at + end - start] = change.data[start:end]


def _tear(change: _Change, fate: Fate, chance: random.Random) -> list[tuple[int, int]]:
    """Return the parts of a write that are there: sectors of the disk, some or none of them."""
    size = len(change.data)
    first = fate.grain - change.value % fate.grain
    edges = sorted({0, size, *range(min(first, size), size, fate.grain)})
    return [piece for piece in pairwise(edges) if chance.random() < 0.5]


def _files(names: Mapping[str, _File | None]) -> list[_File]:
    return list({id(file): file for file in names.values() if file is not None}.values())


def _folder(name: str) -> str:
    above = str(PurePath(name).parent)
    return "" if above == "." else above


def _is_reachable(name: str, found: Mapping[str, bytes | None]) -> bool:
    above = _folder(name)
    return above == "" or (above in found and found[above] is None and _is_reachable(above, found))
