"""The revocation lists of forged CAs."""

from dataclasses import dataclass
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from edge_node.wire.revocation_judge import Revocations
from edge_node.wire.revocation_shelf import Lists
from tests.wire.forge import NOW, Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the lists say of one chain; positions count from the leaf, which is 0."""

    revoked: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()  # whose issuer has no list
    ended: tuple[int, ...] = ()  # whose issuer's list has ended
    number: int = 1


def judge_of(shown: Shown) -> Revocations:
    """Make a judge that has no list yet; nobody has a grace."""
    lists = Lists(None)
    lists.know(*shown.cas)
    return Revocations(lists, lambda _: 0.0)


def tell(judge: Revocations, shown: Shown, known: Known) -> None:
    """Hand the lists in that say this."""
    for position in range(len(shown.cas)):
        if position not in known.missing:
            judge.lists.take(_list(shown, position, known), "a test", NOW)


def _list(shown: Shown, position: int, known: Known) -> bytes:
    """Write the list that says whether the certificate at this position was revoked."""
    whole = (shown.chain[0], *shown.cas)
    hours = (-72, 48) if position in known.ended else (-1, 47)
    begins = NOW + timedelta(hours=hours[0], minutes=known.number)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(shown.cas[position].subject)
        .last_update(begins)
        .next_update(begins + timedelta(hours=hours[1]))
        .add_extension(x509.CRLNumber(known.number), critical=False)
    )
    if position in known.revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(whole[position].serial_number)
        builder = builder.add_revoked_certificate(entry.revocation_date(begins).build())
    signed = builder.sign(shown.ca_keys[position], hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.DER)
