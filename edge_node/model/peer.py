"""Who is at the other end of a connection.

Knows: the fields of a peer's certificate and of a local caller that the rules ask about.
Must not know: how a handshake is done.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerCertificate:
    """What a certificate says, read once after the handshake. Moments are aware UTC."""

    serial: str  # hexadecimal
    subject: str  # RFC 4514
    organisation: str | None
    issuer: str  # RFC 4514
    issuer_common_name: str | None
    dns_names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    extended_key_usage: frozenset[str]  # dotted OIDs
    uzi: str | None = None  # the otherName 2.5.5.5 text, where present
    ura: str | None = None
    fingerprint: str = ""  # SHA-256, hexadecimal
    holder_number: str | None = None  # serialNumber of the subject: the UZI number
    may_sign: bool | None = None  # digitalSignature of the key usage; None where there is no key usage
    is_ca: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalCaller:
    """A local system that proved who it is."""

    name: str  # of the local system in settings
    method: str  # certificate, socket, bearer, basic, key


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchboardCaller:
    """A peer of the switchboard that proved who it is by its certificate."""

    name: str  # of the peer in settings
    identity: str  # name of our identity it addressed by SNI
    certificate: PeerCertificate
    roles: frozenset[str] = frozenset()  # of every peer in settings that it proved to be
