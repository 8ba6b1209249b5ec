"""Whether the signature of a token holds, and what it is over.

Knows: signxml, and how it is told the one thing that may be there.
Must not know: where in a message a token stands, what it says, whose the certificate is.

Only what is returned from here was signed. The key is that of the certificate handed in, never one from the token.
"""

from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest, InvalidInput, InvalidSignature, SignXMLException
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from edge_node.errors import Refused
from edge_node.model.token import SignedToken

_METHODS: Final = frozenset({SignatureMethod.RSA_SHA256})
_DIGESTS: Final = frozenset({DigestAlgorithm.SHA256})


def verify_signature(token: SignedToken, certificate: x509.Certificate) -> etree._Element:
    """Return what was signed with the key of this certificate, and nothing else. Raises `Refused`."""
    try:
        if not isinstance(certificate.public_key(), RSAPublicKey):
            raise Refused("the certificate has no RSA key", code="EN-TOKEN-ALGORITHM")
        proven = XMLVerifier().verify(
            token.xml,
            x509_cert=certificate,
            parser=etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False),
            id_attribute=token.id_attribute,
            # The form is pinned before; the schema at hand does not know the prefixes that Santuario lists.
            validate_schema=False,
            expect_config=SignatureConfiguration(
                location=token.location,
                expect_references=1,
                signature_methods=_METHODS,
                digest_algorithms=_DIGESTS,
                # When a certificate counts is judged with its chain; here only its key is asked for.
                verification_time=_within(certificate),
            ),
        )
    except (InvalidDigest, InvalidSignature) as error:
        raise _told(error) from error
    except InvalidInput as error:
        raise Refused("the signature and its certificate do not belong together", code="EN-TOKEN-KEY") from error
    except (SignXMLException, etree.LxmlError, ValueError, TypeError, UnsupportedAlgorithm, RuntimeError) as error:
        raise Refused("the signature cannot be read", code="EN-TOKEN-SIGNATURE") from error
    if not isinstance(proven, VerifyResult) or proven.signed_xml is None:
        raise Refused("what was signed cannot be read", code="EN-TOKEN-SIGNATURE")
    return _expected(proven.signed_xml, token)


def _expected(signed: etree._Element, token: SignedToken) -> etree._Element:
    """What was signed must be the token itself: not something inside it, nor something around it."""
    marks = [value for name, value in signed.items() if etree.QName(name).localname == token.id_attribute]
    wanted = "Assertion" if token.kind == "saml" else "signedData"
    if marks != [token.id] or etree.QName(signed).localname != wanted:
        raise Refused("something else was signed than the token", code="EN-TOKEN-WRAPPED")
    return signed


def _told(error: SignXMLException) -> Refused:
    if isinstance(error, InvalidDigest):
        return Refused("the token was changed after it was signed", code="EN-TOKEN-DIGEST")
    return Refused("the signature was not made with this certificate", code="EN-TOKEN-SIGNATURE")


def _within(certificate: x509.Certificate) -> datetime:
    return certificate.not_valid_before_utc.astimezone(UTC)
