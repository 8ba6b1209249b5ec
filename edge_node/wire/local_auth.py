"""Who calls on the local side: one local system, or nobody.

Knows: the five forms in which a local system proves who it is, and how a secret is compared.
Must not know: where credentials come from, what the caller may do, or what is in its message.

A secret leaves no trace: it is in no finding, and an address is handed back without the key it held.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from OpenSSL.crypto import X509

from edge_node.model.credential import LocalCredentials, SecretHash
from edge_node.model.finding import Finding
from edge_node.model.peer import LocalCaller

_MAX_SECRET: Final = 1024
_ADDRESS_KEY = re.compile(r"/k/([A-Za-z0-9_-]{1,1024})(/.*)")
_FHIR = re.compile(r"/fhir(?:[/?].*)?")
#: Fresh scrypt hashes a second per user; each takes the reactor some 30 ms.
_TRIES_PER_S: Final = 1.0
_TRIES_AT_ONCE: Final = 3.0

_UNPROVEN: Final = Finding("EN-UNAUTHENTICATED", "no credential of a local system was given")


class CallingPeer(Protocol):
    """What is asked of the other end of a connection."""

    @property
    def certificate(self) -> X509 | None:
        """The client certificate, verified against the listener's anchors."""
        ...

    @property
    def credentials(self) -> tuple[int, int, int] | None:
        """Process, user and group at the other end of a Unix socket."""
        ...


class RequestHead(Protocol):
    """What is asked of a request before its body."""

    @property
    def target(self) -> str:
        """The address, as sent."""
        ...

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Names in lower case, with values."""
        ...

    @property
    def peer(self) -> CallingPeer:
        """The other end."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A caller that proved who it is, and the address it asked for, without the key."""

    caller: LocalCaller
    target: str


class Authenticator:
    """Tells which local system sent a request. `chance` is 32 random bytes of this process."""

    def __init__(
        self, credentials: Iterable[LocalCredentials], *, chance: bytes, monotonic: Callable[[], float]
    ) -> None:
        systems = tuple(credentials)
        self._certificates = {proof: it.system for it in systems for proof in it.fingerprints}
        self._subjects = {proof: it.system for it in systems for proof in it.subjects}
        self._uids = {proof: it.system for it in systems for proof in it.uids}
        self._bearer = tuple((proof, it.system) for it in systems for proof in it.bearer)
        self._keys = tuple((proof, it.system) for it in systems for proof in it.address_keys)
        self._passwords = _Passwords(systems, chance, monotonic)

    def who(self, head: RequestHead) -> Proven | Finding:
        """Return the caller, or why it is refused.

        What a request names itself (bearer, basic, key) must be right. A certificate or a Unix user that belongs to
        no system proves nothing, and another form may still do so. Two forms must mean the same system.
        """
        keyed = _ADDRESS_KEY.fullmatch(head.target)
        target = address(head)
        if target is None:
            return Finding("EN-UNAUTHENTICATED", "the key in the address is not right")
        proofs = [self._by_certificate(head.peer), self._by_socket(head.peer), self._by_header(head, target)]
        proofs.append(self._by_key(keyed[1]) if keyed else None)
        return _judged(proofs, target)

    def _by_certificate(self, peer: CallingPeer) -> LocalCaller | None:
        if peer.certificate is None or not (self._certificates or self._subjects):
            return None
        fingerprint = peer.certificate.digest("sha256").decode().replace(":", "").lower()
        system = self._certificates.get(fingerprint)
        if system is None and self._subjects:
            system = self._subjects.get(peer.certificate.to_cryptography().subject.rfc4514_string())
        return None if system is None else LocalCaller(name=system, method="certificate")

    def _by_socket(self, peer: CallingPeer) -> LocalCaller | None:
        system = None if peer.credentials is None else self._uids.get(peer.credentials[1])
        return None if system is None else LocalCaller(name=system, method="socket")

    def _by_key(self, key: str) -> LocalCaller | Finding:
        system = _matching(self._keys, key.encode())
        if system is None:
            return Finding("EN-UNAUTHENTICATED", "the key in the address is not right")
        return LocalCaller(name=system, method="key")

    def _by_header(self, head: RequestHead, target: str) -> LocalCaller | Finding | None:
        # On the FHIR mirror Authorization carries the AORTA token, which is not for us to judge.
        if _FHIR.fullmatch(target):
            return None
        values = [value for name, value in head.headers if name == "authorization"]
        if not values:
            return None
        if len(values) > 1:
            return Finding("EN-UNAUTHENTICATED", "there is more than one Authorization header")
        scheme, _, given = values[0].strip().partition(" ")
        given = given.strip()
        if not given or len(given) > _MAX_SECRET:
            return Finding("EN-UNAUTHENTICATED", "the Authorization header holds no credential")
        if scheme.lower() == "bearer":
            return self._by_bearer(given)
        if scheme.lower() == "basic":
            return self._by_basic(given)
        return Finding("EN-UNAUTHENTICATED", "the Authorization header is neither Bearer nor Basic")

    def _by_bearer(self, token: str) -> LocalCaller | Finding:
        system = _matching(self._bearer, token.encode("utf-8", "surrogatepass"))
        if system is None:
            return Finding("EN-UNAUTHENTICATED", "the bearer token is not right")
        return LocalCaller(name=system, method="bearer")

    def _by_basic(self, given: str) -> LocalCaller | Finding:
        try:
            user, colon, password = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return Finding("EN-UNAUTHENTICATED", "the Basic credential is not base64 of UTF-8 text")
        if not colon:
            return Finding("EN-UNAUTHENTICATED", "the Basic credential has no password")
        return self._passwords.who(user, password.encode())


def address(head: RequestHead) -> str | None:
    """Return the address a request asks for, without the key it may hold; None where it has not the form of one."""
    keyed = _ADDRESS_KEY.fullmatch(head.target)
    if keyed is None:
        return None if head.target.startswith("/k/") else head.target
    return keyed[2]


def _judged(proofs: Sequence[LocalCaller | Finding | None], target: str) -> Proven | Finding:
    """Make one verdict of what each form says."""
    for proof in proofs:
        if isinstance(proof, Finding):
            return proof
    callers = [proof for proof in proofs if isinstance(proof, LocalCaller)]
    if not callers:
        return _UNPROVEN
    if len({caller.name for caller in callers}) > 1:
        return Finding("EN-FORBIDDEN", "two credentials were given that belong to two local systems")
    return Proven(caller=callers[-1], target=target)


def _matching(known: Sequence[tuple[SecretHash, str]], given: bytes) -> str | None:
    """Return whose secret this is. All are compared, so the time tells nothing about which came close."""
    digest = hashlib.sha256(given).digest()
    found = None
    for proof, system in known:
        if hmac.compare_digest(proof.digest, digest):
            found = system
    return found


@dataclass(slots=True)
class _Account:
    """One user, with what this process remembers of the passwords tried."""

    system: str | None  # None: no such user; it takes as long as one that exists
    password: SecretHash
    right: bytes = b""
    wrong: bytes = b""  # the last one, so that a client that repeats it costs nothing
    tries: float = _TRIES_AT_ONCE
    since: float = 0.0


class _Passwords:
    """Passwords that people chose: hashed slowly once, recognised fast after that."""

    def __init__(self, systems: Sequence[LocalCredentials], chance: bytes, monotonic: Callable[[], float]) -> None:
        self._chance = chance
        self._monotonic = monotonic
        self._nobody = _Account(None, _decoy(chance))
        self._accounts = {
            it.basic_user: _Account(it.system, it.basic_password)
            for it in systems
            if it.basic_user is not None and it.basic_password is not None
        }

    def who(self, user: str, password: bytes) -> LocalCaller | Finding:
        account = self._accounts.get(user, self._nobody)
        mark = hmac.digest(self._chance, f"{len(user)}:{user}:".encode() + password, "sha256")
        known = hmac.compare_digest(account.right, mark)
        if not known and hmac.compare_digest(account.wrong, mark):
            return Finding("EN-UNAUTHENTICATED", "user or password is not right")
        if not known and not self._may_try(account):
            return Finding("EN-BUSY", "too many passwords were tried; try again in a few seconds")
        fits = known or self._fits(account, password, mark)
        if fits and account.system is not None:
            return LocalCaller(name=account.system, method="basic")
        return Finding("EN-UNAUTHENTICATED", "user or password is not right")

    def _fits(self, account: _Account, password: bytes, mark: bytes) -> bool:
        fits = hmac.compare_digest(_digest(account.password, password), account.password.digest)
        if fits:
            account.right = mark
        else:
            account.wrong = mark
        return fits

    def _may_try(self, account: _Account) -> bool:
        """Take one try from the account's allowance, which grows back with time."""
        now = self._monotonic()
        account.tries = min(_TRIES_AT_ONCE, account.tries + (now - account.since) * _TRIES_PER_S)
        account.since = now
        if account.tries < 1:
            return False
        account.tries -= 1
        return True


def _digest(kept: SecretHash, given: bytes) -> bytes:
    if kept.scheme == "scrypt":
        return hashlib.scrypt(given, salt=kept.salt, n=kept.n, r=kept.r, p=kept.p, dklen=len(kept.digest))
    return hashlib.sha256(given).digest()


def _decoy(chance: bytes) -> SecretHash:
    """A password that nobody has, of the usual cost."""
    return SecretHash(
        scheme="scrypt", digest=hmac.digest(chance, b"nobody", "sha256"), salt=chance, n=2**14, r=8, p=1
    )
