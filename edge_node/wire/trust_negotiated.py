"""What two ends agreed on in a handshake, and what of it is refused although OpenSSL agreed.

Knows: where OpenSSL shows version, suite and group, how the key and hashes of a chain are named.
Must not know: who the peer is, labels, who counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from OpenSSL import SSL

from edge_node.errors import Refused
from edge_node.wire.trust_context import has_extended_master_secret
from edge_node.wire.trust_labels import OTHER, SMALL_RSA, SMALL_RSA_UNTIL, Item, group_name, rsa_key

_STRONG_FIRST: Final = ("sha512", "sha384", "sha256", "sha224", "sha1", "md5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Negotiated:
    """One handshake."""

    side: str  # in: the peer called; out: the node did
    roles: frozenset[str]  # of the peer; empty: a local system that showed no certificate
    values: tuple[tuple[Item, str], ...]


def demand_master_secret(connection: SSL.Connection) -> None:
    """Refuse a connection whose keys do not hang on its whole handshake (RFC 7627); OpenSSL cannot be told to."""
    if not has_extended_master_secret(connection):
        raise Refused("TLS 1.2 without the extended master secret", code="EN-TLS-EMS")


def demand_size(chain: tuple[x509.Certificate, ...], at: datetime) -> None:
    """Refuse a smaller RSA key once its time is over."""
    if at >= SMALL_RSA_UNTIL and _key(chain[0]) == SMALL_RSA:
        raise Refused(f"an RSA key below 3072 bits, since {SMALL_RSA_UNTIL:%Y-%m-%d}", code="EN-TLS-KEY-SIZE")


def negotiated(connection: SSL.Connection, chain: tuple[x509.Certificate, ...] | None) -> Iterator[tuple[Item, str]]:
    """Give what was agreed on, and of the peer's chain (leaf first, anchor last) its key and weakest hash."""
    yield Item.VERSION, connection.get_protocol_version_name()
    yield Item.SUITE, connection.get_cipher_name() or OTHER
    # A session resumed in TLS 1.2 has no key exchange of its own.
    if group := connection.get_group_name():
        yield Item.GROUP, group_name(group)
    if chain:
        yield Item.KEY, _key(chain[0])
        yield Item.HASH, max((_hash(one) for one in chain[:-1] or chain), key=_weakness)


def _key(leaf: x509.Certificate) -> str:
    match leaf.public_key():
        case rsa.RSAPublicKey() as key:
            return rsa_key(key.key_size)
        case ec.EllipticCurvePublicKey():
            return "ECDSA"
        case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey():
            return "EdDSA"
    return OTHER


def _hash(certificate: x509.Certificate) -> str:
    try:
        found = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return OTHER
    return "sha512" if found is None else found.name  # EdDSA names none


def _weakness(name: str) -> int:
    return _STRONG_FIRST.index(name) if name in _STRONG_FIRST else len(_STRONG_FIRST)
