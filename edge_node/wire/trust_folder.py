"""The folder of one identity: its requests that wait, and the certificates that were installed.

Knows: which file is which, that whatever ends the process leaves the old state or the new one.
Must not know: how a key is sealed, what a certificate says, which one is shown.

`3.csr.pem` is a request, whose key lies sealed beside it. Once its certificate is there, `3.pem` is that with its
chain, and the index says what it is for. What the index does not name is not in use.

An index that is damaged or gone named keys that nobody can make again: none is removed until a person says that it
may be, by removing what is kept of that index.
"""

import contextlib
import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from edge_node.errors import Refused
from edge_node.wire.trust_certificate import UNREADABLE
from edge_node.wire.trust_installed import (
    FILE,
    Installed,
    Standing,
    read_index,
    sync_folder,
    write_index,
    write_whole,
)
from edge_node.wire.trust_keys import SEALED
from edge_node.wire.trust_request import Request, public_of, read_request

#: What is kept of an index that could not be read when another took its place.
DAMAGED: Final = "index.damaged"
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

    def __init__(self, path: Path, kept: frozenset[str] = frozenset(), elsewhere: tuple[Path, ...] = ()) -> None:
        self.path = path
        self._kept = kept  # numbers that something else names too, such as the settings
        self._elsewhere = elsewhere  # certificates that are used without having been installed here

    def pairs(self) -> tuple[Installed, ...]:
        """What was installed, newest first. Raises `Refused`."""
        return read_index(self.path)

    def listed(self) -> tuple[Installed, ...]:
        """What was installed as far as that can be read."""
        try:
            return self.pairs()
        except Refused:
            return ()

    def damaged(self) -> Path | None:
        """Where what is kept of an index that could not be read lies, if anything is."""
        path = self.path / DAMAGED
        return path if path.exists() else None

    def is_lost(self) -> bool:
        """Whether there is no index, and yet a certificate beside its key. Raises `Refused`."""
        return self.index() is None and self._lost(()) is not None

    def standing(self, standing: Standing) -> Installed | None:
        """The newest that stands so."""
        return next((one for one in self.pairs() if one.standing is standing), None)

    def requests(self) -> tuple[Waiting, ...]:
        """The requests that wait, oldest first; one that cannot be read is none."""
        used = self._named()
        found = (self._request(number) for number in self._numbers("csr.pem") if str(number) not in used)
        answered = {public for path in self._elsewhere if (public := _public_of(path))}
        return tuple(one for one in found if one is not None and one.request.public not in answered)

    def sealed(self) -> tuple[int, ...]:
        """The numbers of the sealed keys that are here, newest first."""
        return tuple(reversed(self._numbers("key.sealed")))

    def next_number(self) -> int:
        """A number that no file here has; one is never given twice while its key is there."""
        return max((*self._numbers("csr.pem"), *self._numbers("pem"), *self._numbers("key.sealed")), default=0) + 1

    def put_request(self, number: int, pem: bytes) -> None:
        """Keep a request beside its key, which is there already."""
        write_whole(self.path / f"{number}.csr.pem", pem)

    def put_chain(self, number: int, pem: bytes) -> str:
        """Keep a certificate with its chain, which counts once the index names it; return the name of its file."""
        write_whole(self.path / f"{number}.pem", pem)
        return f"{number}.pem"

    def chain(self, pair: Installed) -> bytes:
        """The certificate of a pair with its chain, PEM."""
        return (self.path / pair.certificate).read_bytes()

    def become(self, pair: Installed, before: Installed | None) -> None:
        """Have a pair be the one in use, and the one before it the one to fall back on. Others are forgotten."""
        waiting = (one for one in self.listed() if one.standing is Standing.WAITING and one.key != pair.key)
        kept = () if before is None else (replace(before, standing=Standing.PREVIOUS),)
        self._write((replace(pair, standing=Standing.CURRENT), *kept, *waiting))

    def wait(self, pair: Installed) -> None:
        """Keep a pair that is not proven yet; one that waited with another certificate is forgotten."""
        others = (one for one in self.listed() if one.standing is not Standing.WAITING)
        self._write((replace(pair, standing=Standing.WAITING), *others))

    def index(self) -> bytes | None:
        """The index as it lies there; None: there is none. Raises `Refused`."""
        try:
            return (self.path / FILE).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Refused(f"{self.path / FILE}: {error.strerror}", code="EN-CERTIFICATE-INDEX") from error

    def restore(self, index: bytes | None) -> None:
        """Have the index be as it was."""
        if index is None:
            (self.path / FILE).unlink(missing_ok=True)
            sync_folder(self.path)
        else:
            write_whole(self.path / FILE, index)

    def forget(self, number: int) -> None:
        """Destroy a key with its request. Only for what the index does not name; what the settings name stays."""
        is_kept = str(number) in self._kept
        # The key first: what is left of the others opens nothing.
        for end in ("csr.pem",) if is_kept else ("key.sealed", "csr.pem", "pem"):
            (self.path / f"{number}.{end}").unlink(missing_ok=True)
        sync_folder(self.path)

    def clear(self) -> None:
        """Remove what the index no longer names; requests that wait stay. Without an index, nothing."""
        pairs = self.listed()
        if not pairs or self.damaged() is not None:
            return
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

    def _write(self, pairs: tuple[Installed, ...]) -> None:
        """Write another index; of one that cannot be read, or is gone, something is kept."""
        lost = self._lost(pairs)
        if lost is not None and self.damaged() is None:
            write_whole(self.path / DAMAGED, lost)
        write_index(self.path, pairs)

    def _lost(self, pairs: tuple[Installed, ...]) -> bytes | None:
        """What there is of an index that is lost; None where none is."""
        index = self.index()
        if index is not None:
            return None if self._is_readable() else index
        keys = {str(number) for number in self.sealed()} - {_key_number(one) for one in pairs} - self._kept
        asked = {str(number) for number in self._numbers("csr.pem")}
        chains = {str(number) for number in self._numbers("pem")} - {Path(one.certificate).stem for one in pairs}
        return b"" if keys - asked and chains else None

    def _is_readable(self) -> bool:
        with contextlib.suppress(Refused):
            self.pairs()
            return True
        return False

    def _named(self) -> set[str]:
        """The numbers of which a file is in use."""
        pairs = self.listed()
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


def _public_of(path: Path) -> bytes:
    """The key of the first certificate in a file; empty where there is none."""
    try:
        return public_of(x509.load_pem_x509_certificate(path.read_bytes()))
    except (OSError, *UNREADABLE):
        return b""


def _key_number(one: Installed) -> str:
    """The number of a sealed key; a certificate that was given twice has the key of the first."""
    return one.key.rpartition(".")[2] if one.key.startswith(SEALED) else ""
