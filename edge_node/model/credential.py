"""By what a local system proves who it is, with secrets only as hashes.

Knows: the five forms of local authentication (design section 4) and the two kinds of hash.
Must not know: where secrets are kept, or how one is compared.
"""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretHash:
    """The hash of a secret. SHA-256 is enough for one made at random; a password that people chose needs scrypt."""

    scheme: Literal["sha256", "scrypt"]
    digest: bytes = field(repr=False)
    salt: bytes = field(default=b"", repr=False)
    n: int = 0
    r: int = 0
    p: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalCredentials:
    """Everything by which one local system can prove who it is."""

    system: str  # its name in settings
    fingerprints: frozenset[str] = frozenset()  # SHA-256 of client certificates, lower-case hexadecimal
    subjects: frozenset[str] = frozenset()  # RFC 4514
    uids: frozenset[int] = frozenset()  # of its processes, at a Unix socket
    bearer: tuple[SecretHash, ...] = ()
    basic_user: str | None = None
    basic_password: SecretHash | None = None
    address_keys: tuple[SecretHash, ...] = ()
