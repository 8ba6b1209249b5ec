"""The revocation lists of forged CAs."""

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from edge_node.wire.revocation import Revocation
from edge_node.wire.revocation_judge import Revocations
from edge_node.wire.revocation_shelf import Lists
from tests.wire.bad_certificates import Known
from tests.wire.forge import NOW, Shown
from tests.wire.revocations import NothingRevoked


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


def lists_of(shown: Shown, known: Known | None) -> Revocation:
    """Make a judge that knows what these lists say; without any it finds nothing revoked."""
    if known is None:
        return NothingRevoked()
    judge = judge_of(shown)
    tell(judge, shown, known)
    return judge


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
