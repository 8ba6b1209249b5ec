"""What two libraries say of each signature of a message: python-xmlsec, and the node's own verification.

Knows: how each is asked, and how a signature is found again in what the node read.
Must not know: which tokens are bad, what follows from a signature that holds.

Both are asked under the same certificate: the one in the signature, or that of the card where it is only named.
"""

import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from edge_node.errors import Refused
from edge_node.formats.names import WSU
from edge_node.formats.token_places import tokens_of_message
from edge_node.formats.token_values import read_token
from edge_node.model.token import SignedToken
from edge_node.sandbox.signing import Card
from edge_node.wire.token_card import find_certificates
from edge_node.wire.token_signature import verify_signature
from tests.formats.token_bench import DS

#: xmlsec would go and look there.
_OUTSIDE = "http://"


def by_xmlsec(body: bytes, card: Card) -> tuple[bool | None, ...]:
    """Whether each signature holds, in the order of the message; None of one that would have to be fetched."""
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return ()
    return tuple(_is_held(root, signature, card) for signature in root.iter(f"{{{DS}}}Signature"))


def by_the_node(body: bytes, card: Card) -> tuple[bool, ...]:
    """Whether the node takes what each signature is over; nothing where it reads no token at all."""
    try:
        tokens = tokens_of_message(body)
    except Refused:
        tokens = ()
    taken = {token.id for token in tokens if _is_taken(token, card)}
    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    references = [one.find(f".//{{{DS}}}Reference") for one in root.iter(f"{{{DS}}}Signature")]
    return tuple(one is not None and one.get("URI", "")[1:] in taken for one in references)


def _is_taken(token: SignedToken, card: Card) -> bool:
    try:
        read_token(verify_signature(token, find_certificates(token, (), (card.certificate,))[0]))
    except Refused:
        return False
    return True


def _is_held(root: etree._Element, signature: etree._Element, card: Card) -> bool | None:
    if any(one.get("URI", "").startswith(_OUTSIDE) for one in signature.iter(f"{{{DS}}}Reference")):
        return None
    context = xmlsec.SignatureContext()
    certificate = signature.findtext(f".//{{{DS}}}X509Certificate")
    own = card.certificate.public_bytes(Encoding.PEM)
    pem = own if certificate in {None, "AAAA"} else _pem(certificate or "")
    context.key = xmlsec.Key.from_memory(pem, xmlsec.KeyFormat.CERT_PEM)
    try:
        _mark(context, root)  # two elements with one id are an error to it as well
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True


def _mark(context: xmlsec.SignatureContext, root: etree._Element) -> None:
    for element in (one for one in root.iter() if isinstance(one.tag, str)):
        for mark, namespace in (("ID", None), ("Id", None), ("Id", WSU)):
            if element.get(mark if namespace is None else f"{{{namespace}}}{mark}"):
                context.register_id(element, mark, namespace)


def _pem(text: str) -> bytes:
    return f"-----BEGIN CERTIFICATE-----\n{text.strip()}\n-----END CERTIFICATE-----\n".encode()
