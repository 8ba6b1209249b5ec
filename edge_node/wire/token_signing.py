"""The hand of a server that signs tokens: its certificate, its key, the one way of signing.

Knows: the signature of domain reference 6.4, signxml, what a certificate needs to sign with.
Must not know: what a token says, when one may be made.
"""

from collections.abc import Iterator
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.signer import XMLSigner

from edge_node.wire.trust_identity import OwnIdentity

_EXCLUSIVE: Final = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0


def unfit_to_sign(own: OwnIdentity) -> Iterator[tuple[str, str]]:
    """Give why nothing can be signed with it, each with the setting that is wrong."""
    if not isinstance(own.key, RSAPrivateKey):
        yield "key", "is no RSA key; tokens are signed with RSA and SHA-256 only (domain reference 6.4)"
    if not _may_sign(own.chain[0]):
        yield "certificate", "is not for signatures: its key usage has no digitalSignature"


def names_of(own: OwnIdentity) -> tuple[str, int]:
    """Issuer and serial number of the certificate, as a token names who holds it."""
    return own.chain[0].issuer.rfc4514_string(), own.chain[0].serial_number


def sign_token(assertion: etree._Element, own: OwnIdentity) -> bytes:
    """Return the assertion with an enveloped signature over it, where its place stands open."""
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=_EXCLUSIVE,
    )
    key, certificates = own.key, [own.chain[0]]
    assert isinstance(key, RSAPrivateKey)  # looked at when the settings were read
    uri = f"#{assertion.get('ID')}"
    signed = signer.sign(assertion, key=key, cert=certificates, reference_uri=uri, id_attribute="ID")
    return etree.tostring(signed)


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
