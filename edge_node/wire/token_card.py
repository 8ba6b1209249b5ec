"""Whose the certificate is that a token was signed with, and whether it may be trusted.

Knows: the anchors and issuers of cards, the certificates known here, chains, revocation, UZI names.
Must not know: what a token says, whether the signature holds.

What kind of card it is, the CA that issued it says (domain reference GBZ 3.4): a letter anybody can write.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from edge_node.errors import Refused
from edge_node.model.token import Card, CardType, Revoked, SignedToken
from edge_node.wire.issuer_name import Parts, parts_of
from edge_node.wire.revocation import Revocation
from edge_node.wire.trust_certificate import UNREADABLE, parse_uzi_name, read_certificate
from edge_node.wire.trust_judge import Chain
from edge_node.wire.trust_verify import path

#: What is wrong with a chain, in the words of tokens.
_CODES: Final = {"EN-TLS-EXPIRED": "EN-TOKEN-CARD-EXPIRED", "EN-TLS-NOT-YET": "EN-TOKEN-CARD-NOT-YET"}
_REVOKED: Final = frozenset({"EN-TLS-REVOKED", "EN-TLS-CA-REVOKED"})
#: Cards seen before, so that one that is only named can be found.
_MOST_SEEN: Final = 1_000

#: The role that cards are judged in: no peer in the settings can have it, and nobody names its holders.
CARDS: Final = "cards"

#: When the certificate of that CA with that number was revoked; None where it is in no list that is known here.
RevokedAt = Callable[[x509.Certificate, int], datetime | None]


def no_date(_: x509.Certificate, __: int) -> datetime | None:
    """Nobody knows when."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardIssuer:
    """A CA, and the kind of card it issues."""

    name: str  # common name
    card: CardType
    oid_ca: str | None = None


class Paths:
    """Chains that were led to an anchor: whoever signs all day shows the same card each time."""

    def __init__(self) -> None:
        self._chains: dict[tuple[x509.Certificate, ...], Chain] = {}

    def lead(self, shown: tuple[x509.Certificate, ...], anchors: tuple[x509.Certificate, ...], at: datetime) -> Chain:
        """The chain as of that moment: a chain holds at each moment at which all in it do. Raises `Refused`."""
        known = self._chains.get(shown)
        if known is not None and all(one.not_valid_before_utc <= at <= one.not_valid_after_utc for one in known):
            return known
        chain = path(shown, anchors, at, None)
        if len(self._chains) >= _MOST_SEEN:
            self._chains.clear()
        self._chains[shown] = chain
        return chain


@dataclass(frozen=True, slots=True, kw_only=True)
class CardTrust:
    """What is trusted of certificates that sign tokens."""

    anchors: tuple[x509.Certificate, ...]  # roots, and the CAs between: tokens do not hold them
    issuers: tuple[CardIssuer, ...]
    known: tuple[x509.Certificate, ...]  # cards that tokens only name
    revocation: Revocation
    revoked_at: RevokedAt = no_date
    paths: Paths = field(default_factory=Paths, compare=False)  # of these anchors


def find_certificates(
    token: SignedToken, beside: Iterable[SignedToken], known: Iterable[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """The certificate it was signed with first, then others it shows; empty where it is only named and not known.

    Raises `Refused`.
    """
    shown = _read(token.certificates)
    if token.names is None:
        if not shown:
            raise Refused("the signature names no certificate", code="EN-TOKEN-KEY")
        return _leaf_first(shown)
    named, serial = parts_of(token.names[0]), token.names[1]
    others = [one for other in beside for one in _read(other.certificates)]
    for one in (*shown, *others, *known):
        if one.serial_number == serial and _parts(one) == named:
            return (one, *(other for other in shown if other != one))
    if shown:
        raise Refused("another certificate stands there than is named", code="EN-TOKEN-KEY")
    return ()


class SeenCards:
    """Cards that proved to be somebody's: another token may only name one. Used by one thread alone."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, int], x509.Certificate] = OrderedDict()

    def remember(self, certificate: x509.Certificate) -> None:
        """It proved to be somebody's."""
        key = certificate.issuer.rfc4514_string(), certificate.serial_number
        self._seen[key] = certificate
        self._seen.move_to_end(key)
        while len(self._seen) > _MOST_SEEN:
            self._seen.popitem(last=False)

    def all(self) -> tuple[x509.Certificate, ...]:
        """All of them."""
        return tuple(self._seen.values())


def read_card(
    shown: tuple[x509.Certificate, ...], trust: CardTrust, at: datetime, now: datetime | None = None
) -> Card:
    """Whose the first certificate is, as of that moment, and whether it is revoked by `now`. Raises `Refused`."""
    try:
        chain = trust.paths.lead(shown, trust.anchors, at)
    except Refused as error:
        raise Refused(_without_names(error), code=_CODES.get(error.code, "EN-TOKEN-CARD-CHAIN")) from None
    revoked, why = _revoked(chain, trust, now or at)
    return _card(chain, trust, (revoked, why))


def _card(chain: Chain, trust: CardTrust, standing: tuple[Revoked, str]) -> Card:
    leaf, issuer = chain[0], chain[min(1, len(chain) - 1)]
    try:
        said = read_certificate(leaf)
        if said.uzi is None:
            raise Refused("the certificate has no UZI name", code="EN-TOKEN-CARD-NAME")
        uzi, usage = parse_uzi_name(said.uzi), _usage(leaf)
    except Refused as error:
        raise Refused(error.detail, code="EN-TOKEN-CARD-NAME") from error
    name = _common_name(issuer)
    by = next((one for one in trust.issuers if one.name == name), None)
    revoked, why = standing
    return Card(
        type=None if by is None else by.card,
        letter=uzi.card_type,
        oid_ca=uzi.oid_ca,
        expected_oid_ca=None if by is None else by.oid_ca,
        number=uzi.number,
        role=uzi.role,
        ura=uzi.ura,
        issuer=name,
        issuer_name=leaf.issuer.rfc4514_string(),
        serial=leaf.serial_number,
        not_before=leaf.not_valid_before_utc,
        not_after=leaf.not_valid_after_utc,
        signs=usage.digital_signature,
        commits=usage.content_commitment,
        revoked=revoked,
        revoked_at=trust.revoked_at(issuer, leaf.serial_number) if revoked is Revoked.YES else None,
        why=why,
    )


def _revoked(chain: Chain, trust: CardTrust, at: datetime) -> tuple[Revoked, str]:
    try:
        trust.revocation.check(chain, at, None, frozenset({CARDS}))
    except Refused as error:
        return (Revoked.YES, "") if error.code in _REVOKED else (Revoked.UNKNOWN, _without_names(error))
    return Revoked.NO, ""


def _without_names(error: Refused) -> str:
    """What is wrong, without the certificate it is wrong with: its name is a person's."""
    return error.detail.partition(":")[0]


def _usage(certificate: x509.Certificate) -> x509.KeyUsage:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError) as error:
        raise Refused("the certificate does not say what it is for", code="EN-TOKEN-CARD-NAME") from error


def _common_name(certificate: x509.Certificate) -> str:
    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if len(found) == 1 else ""


def _leaf_first(shown: tuple[x509.Certificate, ...]) -> tuple[x509.Certificate, ...]:
    """The one that issued none of the others; a signature may show them in any order (XML Signature, 4.5.4)."""
    issuers = {_der_name(one, "issuer") for one in shown}
    leaves = [one for one in shown if _der_name(one, "subject") not in issuers]
    return (leaves[0], *(one for one in shown if one != leaves[0])) if len(leaves) == 1 else shown


def _der_name(certificate: x509.Certificate, which: str) -> bytes:
    try:
        name: x509.Name = getattr(certificate, which)
        return name.public_bytes()
    except UNREADABLE as error:
        raise Refused("a certificate in the token cannot be read", code="EN-TOKEN-KEY") from error


def _parts(certificate: x509.Certificate) -> Parts:
    """Its issuer. A name is only read when it is asked for, and may be no text at all."""
    try:
        return frozenset((part.oid.dotted_string, str(part.value)) for part in certificate.issuer)
    except UNREADABLE as error:
        raise Refused("a certificate in the token cannot be read", code="EN-TOKEN-KEY") from error


def _read(certificates: Iterable[bytes]) -> tuple[x509.Certificate, ...]:
    try:
        return tuple(x509.load_der_x509_certificate(one) for one in certificates)
    except UNREADABLE as error:
        raise Refused("a certificate in the token cannot be read", code="EN-TOKEN-KEY") from error
