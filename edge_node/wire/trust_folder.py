"""The folder of one identity: its requests that wait, and the certificates that were installed.

Knows: which file is which, that whatever ends the process leaves the old state or the new one.
Must not know: how a key is sealed, what a certificate says, which one is shown.

`3.csr.pem` is a request, whose key lies sealed beside it. Once its certificate is there, `3.pem` is that with its
chain, and the index says what it is for. What the index does not name is not in use.
"""

import os
import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from edge_node.errors import Refused
from edge_node.wire.trust_installed import Installed, Standing, read_index, write_index
from edge_node.wire.trust_keys import SEALED
from edge_node.wire.trust_request import Request, read_request

_NUMBERED: Final = re.compile(r"([0-9]{1,9})\.(csr\.pem|pem|key\.sealed)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A request whose certificate has not come."""

    number: int
    request: Request
    at: datetime
    pem: bytes


class IdentityFolder:
    """One such folder; it need not be there yet."""

    def __init__(self, path: Path, kept: frozenset[str] = frozenset()) -> None:
        self.path = path
        self._kept = kept  # numbers that something else names too, such as the settings

    def pairs(self) -> tuple[Installed, ...]:
        """What was installed, newest first. Raises `Refused`."""
        return read_index(self.path)

    def standing(self, standing: Standing) -> Installed | None:
        """The newest that stands so."""
        return next((one for one in self.pairs() if one.standing is standing), None)

    def requests(self) -> tuple[Waiting, ...]:
        """The requests that wait, oldest first; one that cannot be read is none."""
        used = self._named()
        found = (self._request(number) for number in self._numbers("csr.pem") if str(number) not in used)
        return tuple(one for one in found if one is not None)

    def next_number(self) -> int:
        """A number that no file here has; one is never given twice while its key is there."""
        return max((*self._numbers("csr.pem"), *self._numbers("pem"), *self._numbers("key.sealed")), default=0) + 1

    def put_request(self, number: int, pem: bytes) -> None:
        """Keep a request beside its key, which is there already."""
        _write(self.path / f"{number}.csr.pem", pem)

    def put_chain(self, number: int, pem: bytes) -> str:
        """Keep a certificate with its chain, which counts once the index names it; return the name of its file."""
        _write(self.path / f"{number}.pem", pem)
        return f"{number}.pem"

    def chain(self, pair: Installed) -> bytes:
        """The certificate of a pair with its chain, PEM."""
        return (self.path / pair.certificate).read_bytes()

    def become(self, pair: Installed, before: Installed | None) -> None:
        """Have a pair be the one in use, and the one before it the one to fall back on. Others are forgotten."""
        waiting = (one for one in self.pairs() if one.standing is Standing.WAITING and one.key != pair.key)
        kept = () if before is None else (replace(before, standing=Standing.PREVIOUS),)
        write_index(self.path, (replace(pair, standing=Standing.CURRENT), *kept, *waiting))

    def wait(self, pair: Installed) -> None:
        """Keep a pair that is not proven yet; one that waited with another certificate is forgotten."""
        others = (one for one in self.pairs() if one.standing is not Standing.WAITING)
        write_index(self.path, (replace(pair, standing=Standing.WAITING), *others))

    def restore(self, pairs: tuple[Installed, ...]) -> None:
        """Have the index be as it was."""
        write_index(self.path, pairs)

    def forget(self, number: int) -> None:
        """Destroy a key with its request. Only for what the index does not name."""
        for end in ("key.sealed", "csr.pem", "pem"):  # the key first: what is left of the others opens nothing
            (self.path / f"{number}.{end}").unlink(missing_ok=True)
        _sync(self.path)

    def clear(self) -> None:
        """Remove what the index no longer names; requests that wait stay."""
        pairs = self.pairs()
        for one in pairs:  # a request whose certificate is in use waits for nothing
            if one.standing is not Standing.WAITING:
                (self.path / f"{_key_number(one)}.csr.pem").unlink(missing_ok=True)
        keys = self._kept | {_key_number(one) for one in pairs} | {str(one.number) for one in self.requests()}
        for number in self._numbers("key.sealed"):
            if str(number) not in keys:
                self.forget(number)
        chains = self._kept | {Path(one.certificate).stem for one in pairs}
        for number in self._numbers("pem"):
            if str(number) not in chains:
                (self.path / f"{number}.pem").unlink(missing_ok=True)

    def _named(self) -> set[str]:
        """The numbers of which a file is in use."""
        pairs = self.pairs()
        return {Path(one.certificate).stem for one in pairs} | {_key_number(one) for one in pairs}

    def _request(self, number: int) -> Waiting | None:
        path = self.path / f"{number}.csr.pem"
        try:
            pem = path.read_bytes()
            at = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
            return Waiting(number=number, request=read_request(pem), at=at, pem=pem)
        except (OSError, Refused):
            return None

    def _numbers(self, end: str) -> list[int]:
        if not self.path.is_dir():
            return []
        found = (_NUMBERED.fullmatch(path.name) for path in self.path.iterdir())
        return sorted(int(one[1]) for one in found if one and one[2] == end)


def _key_number(one: Installed) -> str:
    """The number of a sealed key; a certificate that was given twice has the key of the first."""
    return one.key.rpartition(".")[2] if one.key.startswith(SEALED) else ""


def _write(path: Path, content: bytes) -> None:
    """Whole, and on the disk, when this returns."""
    fresh = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _belong(fresh)
    fresh.rename(path)
    _sync(path.parent)


def _belong(path: Path) -> None:
    """What root writes while the service is down is the service's."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
