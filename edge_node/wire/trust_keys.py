"""Private keys of the node, each loaded here with its rules.

Knows: where a key may lie, who may read it, which kinds TLS here uses, how a passphrase opens one.
Must not know: settings, certificates, contexts; how a sealed key is opened (that is handed in).

What a key or a passphrase says is in no error, log or repr: the words of the libraries are left out, because about a
key they might say too much.
"""

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from edge_node.errors import EdgeNodeError, Refused
from edge_node.model.finding import Finding
from edge_node.wire.trust_context import PrivateKey

CREDENTIAL: Final = "credential:"
SEALED: Final = "sealed:"
#: Below this no key is used; up to RSA 3072 NCSC-NL calls a key sufficient at most.
MIN_RSA_BITS: Final = 2048
GOOD_RSA_BITS: Final = 3072
CURVES: Final = ("secp256r1", "secp384r1", "secp521r1")
#: How what is said of a key that others can read begins.
EXPOSED: Final = "can be read or written by others"
OPENED_WITH: Final = "its passphrase"

_MAX_BYTES: Final = 65_536
_MAX_PASSPHRASE_BYTES: Final = 4096

#: Gives the PEM text of the key sealed under a name; raises `EdgeNodeError` or `OSError`.
OpenSealed = Callable[[str], bytes]


def no_sealed_keys(name: str) -> bytes:
    """Stand for a place where no sealed key can be opened."""
    raise Refused(f"no sealed key {name} can be opened here", code="EN-KEY-UNREADABLE")


class SoundKeys:
    """Which keys were tested before, by the digest of their PEM; no key is kept here.

    The test of an RSA key of 4096 bits takes a quarter of a second, in which no other thread runs either. The same
    bytes need it once.
    """

    def __init__(self) -> None:
        self._digests: set[bytes] = set()
        self.tested = 0

    def knows(self, pem: bytes) -> bool:
        """Whether this very text was found sound."""
        return _digest(pem) in self._digests

    def vouch(self, pem: bytes) -> None:
        """Take a key for sound: the node tested or made it, and then sealed it against any change."""
        self._digests.add(_digest(pem))

    def learn(self, pem: bytes) -> None:
        """Remember that it stood the test."""
        self.tested += 1
        self.vouch(pem)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySources:
    """Where references to keys lead."""

    path_of: Callable[[str], Path] = Path  # of a path or credential:NAME; raises `OSError` where nothing is there
    open_sealed: OpenSealed = no_sealed_keys
    sound: SoundKeys = field(default_factory=SoundKeys)


ON_DISK: Final = KeySources()


def load_key(reference: str, sources: KeySources = ON_DISK, passphrase: str | None = None) -> PrivateKey:
    """Load the key at a path, `credential:NAME` or `sealed:NAME`; raises `Refused` with an EN-KEY code.

    `passphrase` is a reference too, to the file that holds it.
    """
    pem = _sealed(reference, sources) if reference.startswith(SEALED) else _read(reference, sources, _MAX_BYTES)
    given = None if passphrase is None else _passphrase(passphrase, sources)
    return _usable(read_key(pem, given, sources.sound))


def read_key(pem: bytes, passphrase: bytes | None = None, sound: SoundKeys | None = None) -> object:
    """Read any private key; raises `Refused`. What is known to be `sound` is not tested once more."""
    known = SoundKeys() if sound is None else sound
    is_known = known.knows(pem)
    try:
        key = load_pem_private_key(pem, passphrase, unsafe_skip_rsa_key_validation=is_known)
    except TypeError:
        # Told apart by what was given: a key in clear takes no passphrase, a sealed one needs it.
        wrong = "needs a passphrase; name its file in key_passphrase"
        if passphrase is not None:
            wrong = "is not encrypted, so it takes no passphrase; leave key_passphrase out"
        raise Refused(wrong, code="EN-KEY-PASSPHRASE") from None
    except UnsupportedAlgorithm:
        raise Refused("is of a kind that is not used for TLS here", code="EN-KEY-KIND") from None
    except ValueError:
        if passphrase is not None and b"ENCRYPTED" in pem:
            raise Refused("does not open with the passphrase in key_passphrase", code="EN-KEY-PASSPHRASE") from None
        raise Refused("holds no private key in PEM", code="EN-KEY-UNREADABLE") from None
    if not is_known:
        known.learn(pem)
    return key


def finding_of(key: PrivateKey) -> Finding | None:
    """Say that a key is good enough for now only."""
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < GOOD_RSA_BITS:
        return Finding(
            "EN-KEY-SHORT", f"RSA of {key.key_size} bits, which is to be phased out; make the next one of 4096 bits"
        )
    return None


def kind_of(key: object) -> str:
    """Name a key: its kind and size."""
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    return type(key).__name__.removesuffix("Key").removesuffix("Private").removesuffix("Public")


def place_of(reference: str) -> str:
    """Say where a key lies, in one word."""
    if reference.startswith(SEALED):
        return "sealed"
    return "credential" if reference.startswith(CREDENTIAL) else "path"


def is_exposed(mode: int, *, owner: int) -> bool:
    """Tell whether others than the service may read or write a key.

    Root may let one group read a file of its own. A systemd credential looks the same where it is given by an ACL,
    whose mask shows as the rights of the group.
    """
    return bool(mode & (0o037 if owner == 0 else 0o077))


def wrong_kind(key: object) -> Finding | None:
    """Say of a key, private or public, that TLS here does not use it."""
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        if key.key_size >= MIN_RSA_BITS:
            return None
        return Finding("EN-KEY-KIND", f"is RSA of {key.key_size} bits; at least {MIN_RSA_BITS} are needed")
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) and key.curve.name in CURVES:
        return None
    return Finding("EN-KEY-KIND", f"is {kind_of(key)}; TLS here uses RSA and EC (P-256, P-384, P-521)")


def _usable(key: object) -> PrivateKey:
    if (finding := wrong_kind(key)) is not None:
        raise Refused(finding.detail, code=finding.code)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return key


def _sealed(reference: str, sources: KeySources) -> bytes:
    try:
        pem = sources.open_sealed(reference.removeprefix(SEALED))
    except OSError as error:
        raise Refused(error.strerror or "cannot be read", code="EN-KEY-UNREADABLE") from error
    except EdgeNodeError as error:
        raise Refused(error.detail, code=error.code) from error
    sources.sound.vouch(pem)
    return pem


def _digest(pem: bytes) -> bytes:
    return hashlib.sha256(pem).digest()


def _passphrase(reference: str, sources: KeySources) -> bytes:
    try:
        line = _read(reference, sources, _MAX_PASSPHRASE_BYTES).rstrip(b"\r\n")
    except Refused as refused:
        raise Refused(f"{OPENED_WITH} {reference}: {refused.detail}", code=refused.code) from None
    if not line:
        raise Refused(f"{OPENED_WITH} {reference}: is empty", code="EN-KEY-PASSPHRASE")
    return line


def _read(reference: str, sources: KeySources, limit: int) -> bytes:
    """Read a secret that nobody else may read: looked at and read through one descriptor, so it is the same file."""
    try:
        path = sources.path_of(reference)
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would hold the node up
            raise Refused("is no file", code="EN-KEY-UNREADABLE")
        with path.open("rb") as file:
            seen = os.fstat(file.fileno())
            content = file.read(limit + 1)
    except OSError as error:
        raise Refused(error.strerror or str(error), code="EN-KEY-UNREADABLE") from error
    if is_exposed(seen.st_mode, owner=seen.st_uid):
        mode = stat.S_IMODE(seen.st_mode)
        raise Refused(f"{EXPOSED} (mode {mode:04o}); make it 0400", code="EN-KEY-EXPOSED")
    if len(content) > limit:
        raise Refused(f"is larger than {limit} bytes", code="EN-KEY-UNREADABLE")
    return content
