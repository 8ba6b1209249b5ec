"""The revocation lists the node has: the newest of each CA it knows, and of each scope where a CA has several.

Knows: which CAs may have lists here, which of two lists is the newer one, the folder they are kept in.
Must not know: where lists come from, what a certificate that was revoked may still do.

Lists are taken in a thread and looked up in the reactor: one that is good takes the place of the old one in a single
step, and what is wrong with another leaves the old one as it was.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509

from edge_node.errors import Refused
from edge_node.wire.revocation_list import RevocationList, key_of, read_list, signed_by, split_lists
from edge_node.wire.revocation_waiting import WaitingRoom
from edge_node.wire.trust_listed import Listed, in_pem, leads_to_anchor

#: CAs known at once, the one heard of first forgotten first; a hierarchy has five.
_KNOWN_CAS: Final = 256
_SUFFIX: Final = ".pem"
#: Lists of one CA, each for some of its certificates, the oldest forgotten first.
_SCOPES: Final = 32
#: A list waits for its CA. One that a CA of its name did not sign may be of that CA under its next key.
_CA_MAY_COME: Final = frozenset({"EN-CRL-ISSUER", "EN-CRL-SIGNATURE"})
#: So does one that has not begun: it is the clock of this machine that is behind, until it is set right.
_MAY_COME: Final = _CA_MAY_COME | {"EN-CRL-NOT-YET"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLimits:
    """How much of a list is looked at, and how far its CA's clock may be ahead of ours."""

    max_bytes: int = 20 * 1024 * 1024
    ahead_s: float = 300.0
    waiting_bytes: int = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a list that was handed in."""

    issuer: str
    this_update: datetime
    next_update: datetime
    is_new: bool  # False: it is the one that was there


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptList:
    """The list of one CA and one scope that counts."""

    ca: x509.Certificate
    issuer: str
    this_update: datetime
    next_update: datetime
    age: tuple[datetime, int]
    digest: bytes
    source: str
    listed: Listed = field(repr=False)


class Lists:
    """Every list that counts. `told` hears of each new one, in the thread that handed it in."""

    def __init__(
        self, folder: Path | None, limits: ListLimits | None = None, told: Callable[[], None] = lambda: None
    ) -> None:
        self._folder = folder
        self._limits = limits or ListLimits()
        self._told = told
        self._known: dict[str, x509.Certificate] = {}
        self._kept: dict[str, KeptList] = {}  # by CA and scope
        self._of_ca: dict[str, tuple[KeptList, ...]] = {}  # newest first
        self._waiting = WaitingRoom(self._limits.waiting_bytes)
        self._lock = threading.Lock()

    @property
    def max_bytes(self) -> int:
        """How long a list may be."""
        return self._limits.max_bytes

    @property
    def ahead(self) -> timedelta:
        """So far the clock of a CA may be ahead of ours."""
        return timedelta(seconds=self._limits.ahead_s)

    def of(self, ca: x509.Certificate) -> KeptList | None:
        """Return the newest list of that CA; never waits."""
        return next(iter(self.all_of(ca)), None)

    def all_of(self, ca: x509.Certificate) -> tuple[KeptList, ...]:
        """Return its lists, newest first: several only where each is for some of its certificates."""
        return self._of_ca.get(key_of(ca), ())

    def kept(self) -> tuple[KeptList, ...]:
        """Return every list there is."""
        return tuple(self._kept.values())

    def waiting(self) -> int:
        """How many lists are of a CA that nobody here has shown a certificate of, or have not begun."""
        return len(self._waiting)

    def know(self, *cas: x509.Certificate) -> bool:
        """Take lists of these CAs from now on; each was led to an anchor. Say whether one is new."""
        fresh = {key_of(ca): ca for ca in cas}
        if fresh.keys() <= self._known.keys():
            return False
        self._known |= fresh
        while len(self._known) > _KNOWN_CAS:
            self._known.pop(next(key for key in tuple(self._known) if key not in fresh), None)
        return True

    def take(self, der: bytes, source: str, at: datetime) -> Taken:
        """Take a list in DER, when it is newer than what is there. Raises `Refused`; then nothing was changed.

        For a thread: a long list takes a second.
        """
        return self._taken_in(self._read(der), source, at)

    def _taken_in(self, one: RevocationList, source: str, at: datetime) -> Taken:
        if one.this_update > at + self.ahead:
            raise Refused(f"the list begins {one.this_update:%Y-%m-%d %H:%M}Z", code="EN-CRL-NOT-YET")
        ca = self._signer(one)
        if ca is None:
            raise Refused(f"no CA of this name is known: {_name(one)}", code="EN-CRL-ISSUER")
        return self._take(one, ca, source)

    def offer(self, data: bytes, source: str, at: datetime, *, is_ours: bool = False) -> tuple[Taken | Refused, ...]:
        """Take every list in a file. One of a CA that is not known yet waits until the CA is.

        What is `ours`, a file of the site, is not sent again: it waits before what came from elsewhere.
        """
        if len(data) > self._limits.max_bytes:
            return (_too_large(len(data), self._limits.max_bytes),)
        try:
            lists = split_lists(data)
        except Refused as refused:
            return (refused,)
        return tuple(self._offered(der, source, at, is_ours=is_ours) for der in lists)

    def take_waiting(self, at: datetime, *, max_bytes: int | None = None) -> bool:
        """Take those that waited and whose CA is known now; say whether one was taken. Long ones are for a thread."""
        is_taken = False
        for one in self._waiting.all():
            if max_bytes is not None and len(one.der) > max_bytes:
                continue
            try:
                is_taken |= self.take(one.der, one.source, at).is_new
            except Refused as refused:
                if refused.code in _MAY_COME:
                    continue
            self._waiting.leave(one)
        return is_taken

    def read_back(self, anchors: Iterable[x509.Certificate], at: datetime) -> tuple[tuple[Path, Refused], ...]:
        """Take what was kept before the last stop, each list verified anew; return what is not to be used."""
        if self._folder is None or not self._folder.is_dir():
            return ()
        files = sorted(self._folder.glob(f"*{_SUFFIX}"))
        told = tuple(anchors)
        cas, wrong = {}, []
        for path in files:
            try:
                cas[path] = x509.load_pem_x509_certificate(path.read_bytes())
            except (OSError, ValueError):
                wrong.append((path, Refused("no CA in it, or half of one", code="EN-CRL-UNREADABLE")))
        known = tuple({*self._known.values(), *cas.values()})
        self.know(*(ca for ca in cas.values() if leads_to_anchor(ca, known, told)))
        for path in cas:
            try:
                became = self._offered(split_lists(path.read_bytes())[0], path.name, at, is_ours=True)
            except (OSError, Refused) as error:
                became = error if isinstance(error, Refused) else _gone(error)
            if isinstance(became, Refused):
                wrong.append((path, became))
        return tuple(wrong)

    def _offered(self, der: bytes, source: str, at: datetime, *, is_ours: bool) -> Taken | Refused:
        try:
            one = self._read(der)
        except Refused as refused:
            return refused
        try:
            return self._taken_in(one, source, at)
        except Refused as refused:
            may_wait = refused.code in (_MAY_COME if is_ours else _CA_MAY_COME)
            if may_wait and not self._waiting.put(one, source, is_ours=is_ours) and is_ours:
                return Refused(f"no room for it to wait for its CA: {_name(one)}", code="EN-CRL-ROOM")
            return refused

    def _read(self, der: bytes) -> RevocationList:
        if len(der) > self._limits.max_bytes:
            raise _too_large(len(der), self._limits.max_bytes)
        return read_list(der)

    def _signer(self, one: RevocationList) -> x509.Certificate | None:
        """Return which of the CAs of that name signed it; None: there is no such name. Raises `Refused`."""
        named = [ca for ca in tuple(self._known.values()) if ca.subject == one.issuer]
        for ca in named:
            if signed_by(one, ca):
                return ca
        if named:
            raise Refused(f"not signed by the CA it names: {_name(one)}", code="EN-CRL-SIGNATURE")
        return None

    def _take(self, one: RevocationList, ca: x509.Certificate, source: str) -> Taken:
        key, digest = key_of(ca) + (one.scope and f"-{one.scope}"), hashlib.sha256(one.der).digest()
        if not self._is_newer(one, key, digest):
            return _taken(one, is_new=False)
        fresh, listed = self._listed(key, ca, one.der)
        kept = KeptList(
            ca=ca,
            issuer=_name(one),
            this_update=one.this_update,
            next_update=one.next_update,
            age=one.age,
            digest=digest,
            source=source,
            listed=listed,
        )
        # All that takes time is done: a handshake may be waiting for this lock.
        with self._lock:
            is_newer = self._is_newer(one, key, digest)
            if is_newer:
                self._kept[key] = kept
                self._put(fresh, key)
                self._arrange(kept)
        if is_newer:
            self._told()
        return _taken(one, is_new=is_newer)

    def _arrange(self, fresh: KeptList) -> None:
        """Put the lists of its CA in order, without those that had ended when it began: the CA has other ones now."""
        of_ca = {key: kept for key, kept in self._kept.items() if key_of(kept.ca) == key_of(fresh.ca)}
        order = sorted(of_ca, key=lambda key: of_ca[key].age, reverse=True)
        for number, key in enumerate(order):
            if number >= _SCOPES or of_ca[key].next_update <= fresh.this_update:
                del self._kept[key]
                self._remove(key)
        self._of_ca[key_of(fresh.ca)] = tuple(of_ca[key] for key in order if key in self._kept)

    def _is_newer(self, one: RevocationList, key: str, digest: bytes) -> bool:
        """Whether it takes the place of what is there; False: it is the same. Raises `Refused`."""
        old = self._kept.get(key)
        if old is None or one.age > old.age:
            return True
        if digest != old.digest:
            raise Refused(f"not newer than the list that is there: {_name(one)}", code="EN-CRL-OLDER")
        return False

    def _listed(self, key: str, ca: x509.Certificate, der: bytes) -> tuple[Path | None, Listed]:
        """Have OpenSSL read it from the file it will be kept in; None: it is kept nowhere."""
        if self._folder is None:
            return None, Listed.of_bytes(ca, der)
        fresh = self._folder / f"{key}.{threading.get_ident():x}.new"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(fresh, in_pem(ca, der))
            return fresh, Listed.of_file(fresh, ca)
        except Refused:
            fresh.unlink(missing_ok=True)
            raise
        except OSError:
            # A disk that is full keeps no list; one that says who was revoked counts all the same.
            return None, Listed.of_bytes(ca, der)

    def _remove(self, key: str) -> None:
        if self._folder is not None:
            with suppress(OSError):
                (self._folder / f"{key}{_SUFFIX}").unlink()

    def _put(self, fresh: Path | None, key: str) -> None:
        if fresh is not None:
            with suppress(OSError):
                fresh.replace(fresh.with_name(f"{key}{_SUFFIX}"))


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _name(one: RevocationList) -> str:
    return one.issuer.rfc4514_string()


def _taken(one: RevocationList, *, is_new: bool) -> Taken:
    return Taken(issuer=_name(one), this_update=one.this_update, next_update=one.next_update, is_new=is_new)


def _too_large(nbytes: int, max_bytes: int) -> Refused:
    return Refused(f"{nbytes} bytes, {max_bytes} at most", code="EN-CRL-TOO-LARGE")


def _gone(error: OSError) -> Refused:
    return Refused((error.strerror or "cannot be read").lower(), code="EN-CRL-UNREADABLE")
