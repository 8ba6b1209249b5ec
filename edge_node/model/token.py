"""A security token whose signature holds: what it says, and of whom the certificate is that it was signed with.

Knows: the fields of transaction, mandate and enrolment tokens and of the older AORTA token that the rules ask about.
Must not know: XML, X.509, which rules there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from edge_node.model.fhir import SamlTokens
from edge_node.model.finding import Finding
from edge_node.model.identifiers import ApplicationId, Bsn, InteractionId, MessageId
from edge_node.model.message import AuthorIds, Binding, Token, TokenUse


class TokenKind(StrEnum):
    """What a token is for (domain reference 6.2)."""

    TRANSACTION = "transaction"
    MANDATE = "mandate"
    ENROLMENT = "enrolment"
    AORTA_805 = "aorta805"  # the older one, made for one message
    PATIENT = "patient"  # of DigiD
    OTHER = "other"  # of a contract, …

    @property
    def is_judged_here(self) -> bool:
        """Whether the node judges it. The others are the switchboard's to judge (design 5)."""
        return self not in {TokenKind.PATIENT, TokenKind.OTHER}

    @property
    def is_for_one_message(self) -> bool:
        """Whether it was made for one message."""
        return self in {TokenKind.TRANSACTION, TokenKind.AORTA_805}


class CardType(StrEnum):
    """What kind of certificate signed; the CA that issued it says so, never the certificate alone."""

    PROFESSIONAL = "Z"
    EMPLOYEE = "N"
    UNNAMED = "M"
    SERVER = "S"
    ZORG_ID = "zorg-id"

    @property
    def letter(self) -> str | None:
        """What stands in its UZI name; of a ZORG-ID certificate that is not public."""
        return None if self is CardType.ZORG_ID else self.value


class Revoked(StrEnum):
    """What is known of a revocation."""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The certificate that signed: whose it is, and how it stands. Numbers of persons are never shown."""

    type: CardType | None  # None: its issuer is in no list of the settings
    letter: str  # as its UZI name says
    oid_ca: str
    expected_oid_ca: str | None  # of its issuer, where the settings know it
    number: str = field(repr=False)  # UZI number
    role: str
    ura: str
    issuer: str  # common name of the CA
    issuer_name: str = field(repr=False)  # RFC 4514
    serial: int = field(repr=False)
    not_before: datetime
    not_after: datetime
    signs: bool  # key usage digitalSignature
    commits: bool  # key usage nonRepudiation
    revoked: Revoked = Revoked.NO
    revoked_at: datetime | None = None  # None where only the fact is known
    why: str = ""  # why it is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCard:
    """What is known of a certificate that is only named, by issuer and serial number."""

    type: CardType | None  # None: its issuer is in no list of the settings
    revoked_at: datetime | None = None  # as the list of its issuer says; None: it is not in one that is known here


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedToken:
    """A token with its signature, as it stands in a message; nothing in it has been proven yet.

    `xml` is a document of its own. The signature stands at `location` in it, and names what it signs by `id`.
    """

    kind: str  # "saml" or "aorta805"
    id: str = field(repr=False)
    xml: bytes = field(repr=False)
    location: str
    id_attribute: str
    certificates: tuple[bytes, ...] = field(default=(), repr=False)  # in the signature, DER
    names: tuple[str, int] | None = field(default=None, repr=False)  # issuer and serial, where only they stand there
    issued: str = ""  # as it says


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenToken:
    """What was signed, read from the signed bytes alone. `card` is None where its certificate could not be found."""

    kind: TokenKind
    id: str = field(repr=False)
    version: str = "2.0"
    issuer: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)  # NameID
    method: str = ""  # of the subject confirmation
    confirms: tuple[str, int] | None = field(default=None, repr=False)  # issuer and serial it names
    confirms_card: bool = True  # whether that is the certificate it was signed with
    issued: str = ""
    not_before: str | None = None
    not_after: str | None = None
    audiences: tuple[str, ...] = ()
    context_class: str = ""
    binding: Binding = field(default=Binding(), repr=False)
    rule: str | None = None  # autorisatieregel/context
    bsns: tuple[str, ...] = field(default=(), repr=False)
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    card: Card | None = None
    named: NamedCard | None = None  # what is known of one that could not be found


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSubject:
    """What a message says that its tokens must say too, whatever its format."""

    interaction: str
    message: tuple[str, str] | None  # root and extension of its id; None where a format has none in its tokens
    application: str
    own_ura: str
    zim: str
    bsn: str | None = field(default=None, repr=False)
    by: str | None = None  # "person", "patient", "device"; None where the message names nobody
    author: AuthorIds | None = None  # the same
    overseers: tuple[str, ...] = field(default=(), repr=False)  # their UZI numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLimits:
    """What a site chooses of the rules on tokens."""

    skew_s: float = 5.0
    queue_delay_s: float = 0.0
    longest_s: float = 300.0  # of a token for one message
    longest_mandate_s: float = 1096 * 86400.0
    longest_enrolment_s: float = 549 * 86400.0
    blocks_unchecked: bool = False  # a card of which nobody can tell whether it was revoked
    blocks_unknown: bool = False  # a certificate that is only named, and not known here
    mandate_warn_s: float = 30 * 86400.0  # before its end
    blocks_passed: bool = False  # a token that only the switchboard can prove


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedTokens:
    """The tokens of one message as they were handed in, for whoever proves them."""

    subject: TokenSubject
    body: bytes = field(default=b"", repr=False)  # of a SOAP message
    read: tuple[Token, ...] | None = field(default=None, repr=False)  # what the line read of them there
    saml: SamlTokens | None = None  # of a FHIR request
    uses: tuple[TokenUse, ...] = field(default=(), repr=False)  # of a question: those made for it alone
    of: bytes = field(default=b"", repr=False)  # what tells that question from others


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a judge of tokens found, and what the tokens say, for the access log."""

    findings: tuple[Finding, ...] = ()  # what blocks first; empty when nothing is wrong
    tokens: tuple[ProvenToken, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedToken:
    """A transaction token to be made, for what, and the mandate and enrolment it rests on."""

    handed: HandedTokens
    context: tuple[str, str] | None = None  # code system and code
    rule: str | None = None  # None: that of the mandate
    asker: str = ""  # name of the local system
    correlation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedToken:
    """A transaction token as a local system asks for one. The tokens are base64url of each assertion."""

    application: ApplicationId
    interaction: InteractionId
    message: MessageId | None  # None in FHIR
    bsn: Bsn = field(repr=False)
    rule: str | None
    context: tuple[str, str] | None  # code system and code
    mandate: str = field(repr=False)
    enrolment: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFacts:
    """What a transaction token signed by a server says (domain reference 6.4). It names no person."""

    id: str
    ura: str
    zim: str
    application: str
    interaction: str
    message: tuple[str, str] | None  # root and extension
    bsn: str = field(repr=False)
    rule: str | None
    context: tuple[str, str] | None  # code system and code
    issued: datetime
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeToken:
    """A transaction token, signed. It counts once, and soon ends."""

    id: str
    ends: datetime
    xml: bytes = field(repr=False)
