"""The hand that signs tokens: a card with its key, as a card reader or ZORG-ID lends it.

Knows: the signatures of domain reference 6.3 and 6.4, and how a certificate is named in one.
Must not know: what a token says, who signs what.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.signer import SignatureReference, XMLSigner

from edge_node.formats.names import WSSE
from edge_node.sandbox.cards import HOLDERS
from edge_node.sandbox.pki_authority import Issued
from edge_node.sandbox.samples.people import Person

EXCLUSIVE: Final = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0
_DS: Final = "http://www.w3.org/2000/09/xmldsig#"


class Hand(Protocol):
    """Who signs a token."""

    @property
    def names(self) -> tuple[str, int]:
        """Issuer and serial number of the certificate."""
        ...

    def sign(self, assertion: bytes) -> bytes:
        """Return the assertion with its signature in it."""
        ...


#: The hand of a person; None where he has no card here.
HandOf = Callable[[Person], Hand | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card in its reader."""

    certificate: x509.Certificate
    key: RSAPrivateKey = field(repr=False)
    embeds: bool = True  # the certificate, or only its issuer and serial number

    @classmethod
    def of(cls, issued: Issued) -> "Card":
        """The card that was issued."""
        assert isinstance(issued.key, RSAPrivateKey)
        return cls(certificate=issued.chain[0], key=issued.key)

    @classmethod
    def read(cls, folder: Path) -> "Card":
        """The card whose files are in that folder."""
        key = load_pem_private_key((folder / "key.pem").read_bytes(), None)
        assert isinstance(key, RSAPrivateKey)
        return cls(certificate=x509.load_pem_x509_certificate((folder / "chain.pem").read_bytes()), key=key)

    @property
    def names(self) -> tuple[str, int]:
        """Issuer and serial number of the certificate."""
        return self.certificate.issuer.rfc4514_string(), self.certificate.serial_number

    def sign(self, assertion: bytes) -> bytes:
        """Return the assertion with an enveloped signature over it, where its place stands open."""
        root = etree.fromstring(assertion)
        signed = _signer(SignatureConstructionMethod.enveloped).sign(
            root, reference_uri=f"#{root.get('ID')}", id_attribute="ID", **self._with()
        )
        return etree.tostring(signed)

    def beside(self, datum: bytes, id_: str) -> bytes:
        """Return a signature of the older form over what has that wsu:Id in `datum`, which it does not enclose."""
        reference = SignatureReference(URI=f"#{id_}", c14n_method=EXCLUSIVE)
        signer = _signer(SignatureConstructionMethod.detached)
        signature = signer.sign(etree.fromstring(datum), reference_uri=[reference], id_attribute="Id", **self._with())
        return etree.tostring(signature)

    def _with(self) -> dict[str, Any]:
        if self.embeds:
            return {"key": self.key, "cert": [self.certificate]}
        return {"key": self.key, "key_info": reference_to(*self.names)}


def reference_to(issuer: str, serial: int) -> etree._Element:
    """A certificate named by its issuer and its number (domain reference 6.3)."""
    info = etree.Element(f"{{{_DS}}}KeyInfo", nsmap={"ds": _DS})
    reference = etree.SubElement(info, f"{{{WSSE[0]}}}SecurityTokenReference", nsmap={"wsse": WSSE[0]})
    data = etree.SubElement(etree.SubElement(reference, f"{{{_DS}}}X509Data"), f"{{{_DS}}}X509IssuerSerial")
    etree.SubElement(data, f"{{{_DS}}}X509IssuerName").text = issuer
    etree.SubElement(data, f"{{{_DS}}}X509SerialNumber").text = str(serial)
    return info


def _signer(method: SignatureConstructionMethod) -> XMLSigner:
    return XMLSigner(
        method=method,
        signature_algorithm=SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=EXCLUSIVE,
    )


@cache
def hands_of(cards: Path, ending: str = "") -> HandOf:
    """The hands of everybody whose card is in that folder; with the ending `-guest` of those who are guests."""
    names = {person.uzi: name for name, (person, _) in HOLDERS.items()}

    @cache
    def hand(uzi: str) -> Hand | None:
        name = names.get(uzi)
        return None if name is None else Card.read(cards / f"{name}{ending}")

    return lambda person: hand(person.uzi)
