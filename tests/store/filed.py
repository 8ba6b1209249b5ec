"""A log of which most lies in files, and the ways in which somebody could bend copies of those."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge_node.store import log_filing, log_segments, log_sources
from edge_node.store.node_key import NodePublic
from edge_node.store.surroundings import LogPlan
from tests.store.bent import fill
from tests.store.shelf import Counting, Shelf

BendFile = Callable[[list[Path]], object]


def a_filed_log(path: Path, chances_from: int = 0) -> tuple[NodePublic, str]:
    """Make a store of 455 records, of which 400 lie in four files; return the key and the last head."""
    shelf = Shelf(path, chance=Counting(chances_from))
    log: Any = shelf.session.log
    log._plan = LogPlan(node="post", segment_records=100)
    fill(shelf, 450)
    file_all(shelf)
    shelf.do(lambda session: log.sign(shelf.at.now))
    shelf.close()
    return log.signer.public, log.published.shown.name


def file_all(shelf: Shelf) -> None:
    """Have all that is full in files, and its rows removed."""
    folder = log_sources.folder_of(shelf.path)
    while (full := log_segments.in_state(shelf.session.connection, "full")) is not None:
        name = log_filing.write(shelf.session.connection, full, folder, lambda _: None)
        shelf.do(lambda session, of=full, name=name: log_filing.settle(session, of.number, name))
    while shelf.do(lambda session: log_filing.clear(session, 0, shelf.at)):
        pass


def lines_of(path: Path) -> list[bytes]:
    """The lines of a file, heads too."""
    return path.read_bytes().splitlines(keepends=True)


def put(path: Path, lines: list[bytes]) -> None:
    """Write them back."""
    path.write_bytes(b"".join(lines))


def with_line(line: bytes, at: int = 20) -> BendFile:
    """One line more in the second file."""
    return lambda files: put(files[1], [*lines_of(files[1])[:at], line, *lines_of(files[1])[at:]])


def is_head(line: bytes) -> bool:
    """Whether a line is what was signed."""
    return line.startswith(b'{"head"')
