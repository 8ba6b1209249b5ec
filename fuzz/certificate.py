"""The verification of a chain that was sent: only what its CA signed is accepted, whatever the bytes.

Knows: a certificate that is good, the CAs above it, what a wrong acceptance would be.
Must not know: where inputs come from.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge_node.errors import Refused
from edge_node.sandbox.pki import PRACTICE, PRACTICE_UZI
from edge_node.sandbox.pki_authority import Issued, Profile, ec_key, root
from edge_node.wire.trust_judge import Purpose
from edge_node.wire.trust_sent import Sent, Wanted, accept, read_certificates
from fuzz.target import Cost, Crash, outcome

Accept = Callable[[bytes], bytes]
_NOW: Final = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
#: Object identifiers of extensions, tags and lengths of DER, and words of the UZI profile.
WORDS: Final = (
    b"\x55\x1d\x0f", b"\x55\x1d\x11", b"\x55\x1d\x13", b"\x55\x1d\x1e", b"\x55\x1d\x20", b"\x55\x1d\x21",
    b"\x55\x1d\x24", b"\x55\x1d\x25", b"\x55\x1d\x36", b"\x55\x05\x05", b"\x30\x00", b"\x30\x80", b"\x30\x82\xff\xff",
    b"\x01\x01\xff", b"\x02\x01\x00", b"\x02\x01\x12", b"\x03\x02\x00\x00", b"\x0c\x01\xff", b"\x16\x01\xff",
    b"\x17\x0d991231235959Z", b"\x18\x0f99991231235959Z", b"\xa0\x03\x02\x01\x02", b"-1-1-S-1-00.000-1",
    b"-----BEGIN CERTIFICATE-----\n",
)  # fmt: skip


@cache
def issued() -> tuple[Issued, x509.Certificate]:
    """A certificate with the CA above it, and the root."""
    top = root("Fuzz Root CA", "fuzz-root", ec_key(), _NOW)
    below = top.authority("Fuzz CA", "fuzz", ec_key())
    profile = Profile(
        organisation=PRACTICE[0],
        fqdn=PRACTICE[1],
        not_before=_NOW - timedelta(days=1),
        not_after=_NOW + timedelta(days=9),
        uzi=PRACTICE_UZI,
    )
    return below.issue(profile, ec_key()), top.certificate


def accepted(data: bytes) -> bytes:
    """Return what is signed of the certificate that was accepted. Raises `Refused`."""
    good, anchor = issued()
    shown = (*read_certificates(data), *good.chain[1:])
    chain = accept(Sent(shown=shown, anchors=(anchor,)), Wanted(at=_NOW, purpose=Purpose.SERVER, name=PRACTICE[1]))
    return chain.chain[0].tbs_certificate_bytes


def forgets_signatures(data: bytes) -> bytes:
    """As above, by somebody who takes a wrong signature for a small fault."""
    try:
        return accepted(data)
    except Refused as refused:
        if refused.code != "EN-TLS-SIGNATURE":
            raise
        return read_certificates(data)[0].tbs_certificate_bytes


@dataclass(frozen=True, slots=True)
class CertificateTarget:
    """Judges a certificate."""

    accept: Accept = accepted

    @property
    def seeds(self) -> tuple[bytes, ...]:
        """The good certificate, in both forms."""
        leaf = issued()[0].chain[0]
        return leaf.public_bytes(Encoding.DER), leaf.public_bytes(Encoding.PEM)

    @property
    def words(self) -> tuple[bytes, ...]:
        """What a certificate is made of."""
        return WORDS

    def run(self, data: bytes) -> None:
        """Try one certificate."""
        good = issued()[0].chain[0].tbs_certificate_bytes
        with Cost():
            told = outcome(lambda: self.accept(data))
        if isinstance(told, bytes) and told != good:
            raise Crash("a certificate was accepted that no CA signed")
