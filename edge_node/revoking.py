"""Revocation in a running node: the lists it reads, and who is told when one changes.

Knows: which setting goes where, which CAs the settings name, when files are looked at again.
Must not know: what a list says, how a connection is judged.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import structlog
from cryptography import x509

from edge_node.errors import Refused
from edge_node.settings.schema import Settings
from edge_node.wire.revocation_judge import Revocations
from edge_node.wire.revocation_shelf import ListLimits, Lists

_log = structlog.get_logger()

#: Folder of the lists, in node.state_dir.
FOLDER: Final = "crl"
#: Files of one folder that are looked at.
_FILES: Final = 256

Aside = Callable[[Callable[[], Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What it is made of."""

    reactor: Any
    moment: Callable[[], datetime]
    aside: Aside  # does long work in a thread


class Revoking:
    """The revocation of one process."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        limits = ListLimits(
            max_bytes=settings.revocation.crl_max_bytes, ahead_s=settings.revocation.clock_tolerance_s
        )
        told = parts.reactor.callFromThread
        self.lists = Lists(settings.node.state_dir / FOLDER, limits, lambda: told(self.judge.changed))
        self.judge = Revocations(self.lists, self._grace_s)
        self._read: dict[Path, tuple[int, int, int]] = {}  # what each file was when it was read

    def start(self, anchors: tuple[x509.Certificate, ...]) -> None:
        """Read what is kept and what the settings name, before anybody is let in."""
        at = self._parts.moment()
        self.lists.know(*anchors)
        for path, refused in self.lists.read_back(anchors, at):
            _log.warning("revocation.list-refused", source=path.name, code=refused.code, detail=refused.detail)
        self._read_files(at)

    def _grace_s(self, roles: frozenset[str]) -> float:
        chosen = self._settings.revocation
        if not roles:
            return 0.0
        return chosen.unreachable_grace_s if "zim" in roles else chosen.peer_grace_s

    def _read_files(self, at: datetime) -> None:
        for path in _files(self._settings.revocation.crl_files):
            try:
                about = path.stat()
                mark = about.st_ino, about.st_mtime_ns, about.st_size
                if self._read.get(path) == mark:
                    continue
                data = _bytes(path, self.lists.max_bytes)
            except OSError as error:
                _log.warning("revocation.file-unreadable", source=str(path), error=type(error).__name__)
                continue
            self._read[path] = mark
            for became in self.lists.offer(data, str(path), at):
                if isinstance(became, Refused) and became.code != "EN-CRL-ISSUER":
                    _log.warning("revocation.list-refused", source=str(path), code=became.code, detail=became.detail)


def _files(named: tuple[Path, ...]) -> Iterator[Path]:
    for path in named:
        if path.is_dir():
            inside = (one for one in path.iterdir() if one.is_file() and not one.name.startswith("."))
            yield from sorted(inside)[:_FILES]
        else:
            yield path


def _bytes(path: Path, max_bytes: int) -> bytes:
    """Read a file, one byte more at most than may be in it: so that one that is too long is seen as such."""
    with path.open("rb") as file:
        return file.read(max_bytes + 1)
