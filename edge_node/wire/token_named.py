"""What is known of a certificate that a token only names: of which CA of cards it is, whether that CA revoked it.

Knows: the CAs of cards, how a certificate is named by issuer and serial number.
Must not know: what a token says, how certificates are found.

A name proves nothing: whoever signs can write it. What it takes away from its writer is to name nobody's CA.
"""

from collections.abc import Iterable

from cryptography import x509
from cryptography.x509.oid import NameOID

from edge_node.errors import Refused
from edge_node.model.token import CardType, NamedCard, SignedToken
from edge_node.wire.issuer_name import Parts, parts_of
from edge_node.wire.token_card import CardTrust
from edge_node.wire.trust_certificate import UNREADABLE

_COMMON_NAME = NameOID.COMMON_NAME.dotted_string


def look_up(token: SignedToken, trust: CardTrust) -> NamedCard:
    """What is known of the certificate that a token names."""
    parts = None if token.names is None else parts_of(token.names[0])
    if token.names is None or parts is None:
        return NamedCard(type=None)
    by = _card_type(parts, trust)
    revoked = (trust.revoked_at(ca, token.names[1]) for ca in _anchors(parts, trust))
    return NamedCard(type=by, revoked_at=next((at for at in revoked if at is not None), None))


def is_called(certificate: x509.Certificate, named: tuple[str, int]) -> bool:
    """Whether that is its issuer and its number. A name that cannot be read names none: the number does."""
    parts = parts_of(named[0])
    return certificate.serial_number == named[1] and parts in {None, _parts(certificate.issuer)}


def is_of_cards(token: SignedToken, trust: CardTrust) -> bool:
    """Whether its certificate says that it is of one of the CAs of cards, as it stands there or as it is named."""
    named = [] if token.names is None else [parts_of(token.names[0])]
    return any(parts is not None and _card_type(parts, trust) for parts in (*named, *_issuers(token.certificates)))


def _card_type(parts: Parts, trust: CardTrust) -> CardType | None:
    """What that CA issues. Where its certificate is known here, the whole of its name must be that one's."""
    names = {value for oid, value in parts if oid == _COMMON_NAME}
    by = next((one for one in trust.issuers if names == {one.name}), None)
    alike = [one for one in trust.anchors if by is not None and _common_names(one) == {by.name}]
    return None if by is None or (alike and not _anchors(parts, trust)) else by.card


def _anchors(parts: Parts, trust: CardTrust) -> list[x509.Certificate]:
    return [one for one in trust.anchors if _parts(one.subject) == parts]


def _issuers(certificates: Iterable[bytes]) -> Iterable[Parts]:
    try:
        return [_parts(x509.load_der_x509_certificate(one).issuer) for one in certificates]
    except UNREADABLE as error:
        raise Refused("a certificate in the token cannot be read", code="EN-TOKEN-KEY") from error


def _common_names(certificate: x509.Certificate) -> set[str]:
    return {str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)}


def _parts(name: x509.Name) -> Parts:
    return frozenset((part.oid.dotted_string, str(part.value)) for part in name)
