"""Files with revocation lists that somebody else keeps up to date.

Knows: which of them changed since they were read, files and folders.
Must not know: when they are looked at, what follows from a list.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from edge_node.errors import EdgeNodeError, Refused, Unavailable
from edge_node.wire.revocation_shelf import Lists, Taken

#: Files of one folder that are looked at.
_FILES: Final = 256
#: So much of a file shows whether it is text.
_TEXT_BYTES: Final = 1024
#: What is no fault of a file: a list that waits for its CA, or a copy of one that came by another way already.
_BORNE: Final = frozenset({"EN-CRL-ISSUER", "EN-CRL-OLDER"})
#: What may be right without the file being another one: the clock is set, a CA shows its next key, others leave.
_PASSING: Final = frozenset({"EN-CRL-NOT-YET", "EN-CRL-SIGNATURE", "EN-CRL-ROOM"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What became of each file, and which are looked at no more."""

    files: dict[str, EdgeNodeError | None]
    gone: tuple[str, ...]
    others: tuple[str, ...] = ()  # lay in a folder with lists, and never were one


@dataclass(frozen=True, slots=True)
class _Read:
    mark: tuple[int, int, int]
    wrong: EdgeNodeError | None
    is_passing: bool = False  # what is wrong may be right next time
    is_other: bool = False  # no list, and never one


class ListFiles:
    """The files a site names. For a thread."""

    def __init__(self, lists: Lists) -> None:
        self._lists = lists
        self._read: dict[Path, _Read] = {}

    def read(self, named: tuple[Path, ...], at: datetime) -> Reading:
        """Take what is new in these files and folders, and say how each of them is now."""
        found: dict[Path, EdgeNodeError | None] = {}
        for one in named:
            found |= dict(self._within(one, at))
        gone = tuple(str(path) for path in self._read.keys() - found.keys())
        self._read = {path: read for path, read in self._read.items() if path in found}
        others = {path for path, read in self._read.items() if read.is_other}
        files = {str(path): wrong for path, wrong in found.items() if path not in others}
        return Reading(files=files, gone=gone, others=tuple(map(str, others)))

    def _within(self, named: Path, at: datetime) -> Iterator[tuple[Path, EdgeNodeError | None]]:
        try:
            inside = sorted(_lists_in(named)) if named.is_dir() else [named]
        except OSError as error:
            yield named, _unreadable(error)
            return
        for path in inside[:_FILES]:
            yield path, self._file(path, at, is_named=path == named)

    def _file(self, path: Path, at: datetime, *, is_named: bool) -> EdgeNodeError | None:
        try:
            about = path.stat()
            mark = about.st_ino, about.st_mtime_ns, about.st_size
            before = self._read.get(path)
            if before is not None and before.mark == mark and not before.is_passing:
                return before.wrong
            with path.open("rb") as file:
                # One byte more than may be in it: one that is too long is seen as such.
                data = file.read(self._lists.max_bytes + 1)
        except OSError as error:
            self._read[path] = _Read((0, 0, 0), None)
            return _unreadable(error)
        if not is_named and (before is None or before.is_other) and _is_no_list(path, data):
            self._read[path] = _Read(mark, None, is_other=True)
            return None
        became = self._lists.offer(data, str(path), at, is_ours=True)
        is_passing = any(isinstance(one, Refused) and one.code in _PASSING for one in became)
        self._read[path] = _Read(mark, _wrong(became), is_passing)
        return self._read[path].wrong


def lists_within(folder: Path) -> list[Path]:
    """Give the files of a folder that are lists, or should be; what never was one is left out. Raises `OSError`."""
    found = sorted(_lists_in(folder))[:_FILES]
    return [path for path in found if not _is_no_list(path, _begin(path))]


def _begin(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_TEXT_BYTES)


def _lists_in(folder: Path) -> Iterator[Path]:
    """A file that begins with a dot is one that is being written."""
    return (path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def _is_no_list(path: Path, data: bytes) -> bool:
    """Whether it is a README or a certificate, by what is in it; a broken list is told, and so is all named .crl."""
    if path.suffix.lower() == ".crl" or not data or b"-----BEGIN X509 CRL" in data:
        return False
    begin = data[:_TEXT_BYTES]
    return b"-----BEGIN" in begin or all(chr(byte).isprintable() or byte in b"\t\r\n" for byte in begin)


def _wrong(became: tuple[Taken | Refused, ...]) -> Refused | None:
    refused = (one for one in became if isinstance(one, Refused) and one.code not in _BORNE)
    return next(refused, None)


def _unreadable(error: OSError) -> Unavailable:
    return Unavailable((error.strerror or "cannot be read").lower(), code="EN-CRL-UNREADABLE")
