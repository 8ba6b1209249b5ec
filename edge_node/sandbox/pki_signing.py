"""A certificate for a request, as the register would give it, from the UZI CA of a sandbox.

Knows: what a register takes over from a request, and what it adds.
Must not know: who made the request, where its key is.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from edge_node.sandbox.pki import INSTITUTION as INSTITUTION_HOLDER
from edge_node.sandbox.pki import INSTITUTION_UZI, PHARMACY_UZI, PRACTICE_UZI, Pki
from edge_node.sandbox.pki import PHARMACY as PHARMACY_HOLDER
from edge_node.sandbox.pki import PRACTICE as PRACTICE_HOLDER
from edge_node.sandbox.pki_authority import Authority, Profile

_DAYS: Final = 3 * 365  # as the register gives
_SUBSCRIBERS: Final = {
    PRACTICE_HOLDER[1]: PRACTICE_UZI,
    PHARMACY_HOLDER[1]: PHARMACY_UZI,
    INSTITUTION_HOLDER[1]: INSTITUTION_UZI,
}


def sign_request(pki: Pki, pem: bytes, now: datetime, *, begins: datetime | None = None, days: int = _DAYS) -> bytes:
    """Return the certificate with its chain, PEM. Raises `ValueError` where the request is none of a subscriber."""
    return signed_by(load_authority(pki.out), pem, now, begins=begins, days=days)


def signed_by(
    authority: Authority, pem: bytes, now: datetime, *, begins: datetime | None = None, days: int = _DAYS
) -> bytes:
    """The same, by another CA than the sandbox's own, such as one of the next generation."""
    request = x509.load_pem_x509_csr(pem)
    if not request.is_signature_valid:
        raise ValueError("the signature of the request is wrong")
    fqdn = _one(request.subject, NameOID.COMMON_NAME)
    uzi = _SUBSCRIBERS.get(fqdn)
    if uzi is None:
        raise ValueError(f"{fqdn} is no subscriber of this sandbox; it has {', '.join(_SUBSCRIBERS)}")
    start = begins or now - timedelta(hours=1)
    profile = Profile(
        organisation=_one(request.subject, NameOID.ORGANIZATION_NAME),
        fqdn=fqdn,
        not_before=start,
        not_after=start + timedelta(days=days),
        # Each certificate of the register has a UZI number of its own.
        uzi=replace(uzi, number=f"{990_500_000 + int(now.timestamp()) % 400_000:09d}"),
    )
    public = request.public_key()
    if not isinstance(public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise ValueError("the key of the request is neither RSA nor EC")
    chain = authority.issue_for(profile, public)
    return b"".join(one.public_bytes(Encoding.PEM) for one in chain)


def load_authority(folder: Path) -> Authority:
    """Return the CA of a sandbox that issues to subscribers. Raises `FileNotFoundError` where it has none."""
    chain = x509.load_pem_x509_certificates((folder / "ca" / "uzi" / "chain.pem").read_bytes())
    key = load_pem_private_key((folder / "ca" / "uzi" / "key.pem").read_bytes(), None)
    return Authority(certificate=chain[0], key=key, above=tuple(chain[1:]), slug="uzi-register-private-server-ca-g1")  # type: ignore[arg-type]


def _one(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(oid)
    if len(found) != 1:
        raise ValueError(f"the request has {len(found)} times {oid.dotted_string}")
    return str(found[0].value)
