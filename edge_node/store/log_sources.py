"""The lines of an access log in their order, from the store and from the files of its segments.

Knows: the names of the files, which records of the store are in a file already, in which order chains follow.
Must not know: whether they are what was signed, what they tell.
"""

import errno
import os
import re
import sqlite3
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from edge_node.errors import EdgeNodeError
from edge_node.store import chain, log_segments
from edge_node.store.chain import Head, Link
from edge_node.store.database import open_readonly
from edge_node.store.log_segments import Segment
from edge_node.store.log_span import Row, Unreadable

STORE: Final = "store"
FOLDER: Final = "access-log"
_NAME: Final = re.compile(r"log-(\d{6,})-([0-9a-f]{16})\.ndjson")
_BATCH: Final = 1000
#: No record is as long.
_LONGEST_LINE: Final = 1024 * 1024
#: What says nothing about the file, and may be better the next time.
_OF_THE_MACHINE: Final = frozenset({errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EINTR})
Line = Row | Head | Unreadable


@dataclass(frozen=True, slots=True)
class File:
    """The file of a segment, as its name says."""

    path: Path
    number: int
    chain: str


def folder_of(store: Path) -> Path:
    """Return where the files of this store's log are."""
    return store.with_name(FOLDER)


def name_of(segment: Segment) -> str:
    """Return what the file of a segment is called."""
    return f"log-{segment.number:06d}-{segment.chain}.ndjson"


def files_in(folder: Path) -> list[File]:
    """Return the files in a folder, in the order in which they are read."""
    found = [each for path in folder.iterdir() if (each := file_of(path)) is not None] if folder.is_dir() else []
    return ordered(found)


def outline(folder: Path) -> Mapping[str, tuple[int, ...]]:
    """Return how the files look from outside: one that is touched looks otherwise."""
    return {each.path.name: looks(each.path) for each in files_in(folder)}


def looks(path: Path) -> tuple[int, ...]:
    """How a file looks from outside; empty where it is not there."""
    try:
        found = path.lstat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def file_of(path: Path) -> File | None:
    """Return what a name says; None where it is no name of a segment."""
    match = _NAME.fullmatch(path.name)
    return None if match is None else File(path, int(match[1]), match[2])


def ordered(files: Iterable[File]) -> list[File]:
    """One chain after the other, each in the order of its segments."""
    listed = list(files)
    begins: dict[str, int] = {}
    for each in listed:
        begins[each.chain] = min(each.number, begins.get(each.chain, each.number))
    return sorted(listed, key=lambda each: (begins[each.chain], each.chain, each.number))


def of_file(path: Path) -> Iterator[Line]:
    """Read a file; lines that are none are a record of nothing. Raises `EN-LOG-UNREADABLE` for no fault of it."""
    try:
        with opened(path) as file:
            is_none = False
            for line in iter(lambda: _line(file), b""):
                found = _read(line, path.name)
                was_none, is_none = is_none, found is None
                if found is not None or not was_none:
                    yield found or Row(b"", b"", path.name)
    except OSError as error:
        yield _unread(path, error)


def at_places(path: Path, places: Iterable[int]) -> Iterator[Line]:
    """Read the lines of a file that begin at these bytes. Raises `EN-LOG-UNREADABLE`."""
    try:
        with opened(path) as file:
            for place in places:
                file.seek(place)
                yield _read(_line(file), path.name) or Row(b"", b"", path.name)
    except OSError as error:
        yield _unread(path, error)


def _unread(path: Path, error: OSError) -> Unreadable:
    if error.errno in _OF_THE_MACHINE:
        raise EdgeNodeError(f"{path} cannot be read: {error.strerror or error}", code="EN-LOG-UNREADABLE") from error
    return Unreadable(path.name, error.strerror or str(error))


def opened(path: Path) -> IO[bytes]:
    """Open a file, and nothing else: a pipe or a device would never end."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is no file")
    return os.fdopen(handle, "rb")


def _line(file: IO[bytes]) -> bytes:
    """Read a line; of one that is longer than any record, its start."""
    line = piece = file.readline(_LONGEST_LINE)
    while piece and not piece.endswith(b"\n"):
        piece = file.readline(_LONGEST_LINE)
    return line


def of_store(connection: sqlite3.Connection) -> Iterator[Row | Head]:
    """Read what is in no file yet."""
    first = first_in_store(connection)
    heads = iter(log_segments.heads(connection, first, None))
    coming = next(heads, None)
    for link in _links(connection, first):
        while coming is not None and coming[0] < link.seq:
            yield _head(coming)
            coming = next(heads, None)
        yield Row(link.hash, link.text, STORE)
    while coming is not None:
        yield _head(coming)
        coming = next(heads, None)


def first_in_store(connection: sqlite3.Connection) -> int:
    """Return the first record that is in no file: those before it are leftovers."""
    last = max((each.last or 0 for each in log_segments.listed(connection) if each.state == "filed"), default=0)
    return last + 1


def of_all(store: Path, folder: Path, pause: Callable[[], None] = lambda: None) -> Iterator[Line]:
    """Read the files, then what is in no file yet; beside a daemon that goes on filing."""
    read: set[Path] = set()
    with open_readonly(store) as connection:
        filed = _filed(connection, folder)
    for each in filed:
        read.add(each.path)
        for line in of_file(each.path):
            yield line
            pause()
    with open_readonly(store) as connection:
        connection.execute("BEGIN")  # from here on nothing moves from the store to a file
        for each in _filed(connection, folder):
            if each.path not in read:
                yield from of_file(each.path)
        for line in of_store(connection):
            yield line
            pause()


def of_newest(store: Path, pause: Callable[[], None] = lambda: None) -> Iterator[Line]:
    """Read what is in no file yet."""
    with open_readonly(store) as connection:
        connection.execute("BEGIN")
        for line in of_store(connection):
            yield line
            pause()


def _filed(connection: sqlite3.Connection, folder: Path) -> list[File]:
    return but_of_store(connection, files_in(folder))


def but_of_store(connection: sqlite3.Connection, files: Iterable[File]) -> list[File]:
    """The files but those of which the store still has the records: it was killed before it knew of them."""
    here = {(each.number, each.chain) for each in log_segments.listed(connection) if each.state != "filed"}
    return [each for each in files if (each.number, each.chain) not in here]


def of_segment(connection: sqlite3.Connection, segment: Segment) -> Iterator[bytes]:
    """Return the lines of the file that a segment is to become."""
    heads = iter(log_segments.heads(connection, segment.first, segment.last))
    coming = next(heads, None)
    for link in _links(connection, segment.first, segment.last):
        yield chain.line_of(link)
        while coming is not None and coming[0] <= link.seq:
            yield _line_of(coming)
            coming = next(heads, None)


def _links(connection: sqlite3.Connection, first: int, last: int | None = None) -> Iterator[Link]:
    while some := log_segments.links(connection, first, last, _BATCH):
        yield from some
        first = some[-1].seq + 1


def _line_of(found: tuple[int, bytes, bytes]) -> bytes:
    _, statement, signature = found
    try:
        return chain.line_of_head(chain.read_head(statement, signature))
    except ValueError:
        return b""  # that it is gone is seen by its neighbours


def _head(found: tuple[int, bytes, bytes]) -> Row | Head:
    _, statement, signature = found
    try:
        return chain.read_head(statement, signature)
    except ValueError:
        return Row(b"", statement, STORE)


def _read(line: bytes, place: str) -> Row | Head | None:
    try:
        found = chain.read_line(line)
    except ValueError:
        return None
    return found if isinstance(found, Head) else Row(found[0], found[1], place)
