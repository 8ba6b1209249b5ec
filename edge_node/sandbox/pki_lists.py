"""New revocation lists for a sandbox: its CAs bring them out again, and revoke what they are told to.

Knows: where a sandbox has the keys of its CAs, and its lists.
Must not know: who reads the lists, when.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from edge_node.sandbox.pki import Pki
from edge_node.sandbox.pki_authority import Authority, Key


class NotOurs(Exception):
    """A certificate is to be revoked that was issued elsewhere."""


def bring_out(
    pki: Pki, at: datetime, revoke: Iterable[x509.Certificate] = (), *, lasts: timedelta = timedelta(hours=48)
) -> None:
    """Write a new list of every CA, with what was on its last one; each file is whole at any moment.

    Raises `NotOurs` for a certificate that none of them issued.
    """
    every = tuple(authorities(pki))
    for certificate in revoke:
        _issuer(every, certificate).revoke(certificate, at)
    lists = {authority.slug: authority.crl(at, lasts) for authority in every}
    for slug, crl in lists.items():
        _put(pki.out / "crl" / f"{slug}.crl", crl.public_bytes(Encoding.DER))
    _put(pki.crls, b"".join(crl.public_bytes(Encoding.PEM) for crl in lists.values()))


def _issuer(every: Iterable[Authority], certificate: x509.Certificate) -> Authority:
    """Find who issued it: a CA of another sandbox has the same name and another key."""
    for authority in every:
        with suppress(ValueError, TypeError, InvalidSignature):
            certificate.verify_directly_issued_by(authority.certificate)
            return authority
    raise NotOurs(f"no CA of this sandbox issued {certificate.subject.rfc4514_string()}")


def authorities(pki: Pki) -> Iterator[Authority]:
    """Give each CA with what it has revoked so far."""
    last = {path.stem: x509.load_der_x509_crl(path.read_bytes()) for path in (pki.out / "crl").glob("*.crl")}
    slugs = {crl.issuer: (slug, crl) for slug, crl in last.items()}
    for folder in sorted((pki.out / "ca").iterdir()):
        chain = x509.load_pem_x509_certificates((folder / "chain.pem").read_bytes())
        key = load_pem_private_key((folder / "key.pem").read_bytes(), None)
        assert isinstance(key, Key)
        slug, crl = slugs[chain[0].subject]
        yield Authority(certificate=chain[0], key=key, above=tuple(chain[1:]), slug=slug, revoked=list(crl))


def _put(path: Path, data: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(data)
    fresh.replace(path)
