"""A message as the node knows it once read: its wrapper, its patient, and its bytes.

Knows: the fields of the HL7v3 transmission wrapper that routing, judging, correlating and answering need.
Must not know: how they are written in XML, or what the payload says.
"""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from edge_node.model.identifiers import ApplicationId, Bsn, InteractionId, MessageId
from edge_node.model.moment import moments_of


class Direction(StrEnum):
    """Which way a message goes."""

    OUT = "out"  # from a local system to the switchboard
    IN = "in"  # from the switchboard to a local system


@dataclass(frozen=True, slots=True)
class AttentionLine:
    """One `attentionLine`: keyword and value. Only the fact of a PATID is kept here, never its number."""

    keyword: str
    root: str
    extension: str = field(repr=False)
    keyword_system: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Detail:
    """One `acknowledgementDetail`, or the code of a `justifiedDetectedIssue`."""

    type_code: str  # E, W or I
    code: str  # empty where only a text was given
    code_system: str
    is_named: bool = field(default=False, compare=False)  # whether a displayName stands beside the code
    has_text: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """The `acknowledgement` of an answer: what it says and which message it answers."""

    type_code: str  # AA AE AR CA CE CR
    target: MessageId | None  # targetMessage or, in a batch, targetTransmission
    details: tuple[Detail, ...] = ()

    @property
    def is_positive(self) -> bool:
        """Whether the other side took the message."""
        return self.type_code in {"AA", "CA"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorIds:
    """How the author of a message is identified. A person's number is never shown."""

    uzi: str | None = field(default=None, repr=False)  # of a professional
    role: str | None = None  # UZI role code of a professional
    application: str | None = None  # of a system
    ura: str | None = None  # of the organisation
    organisation: str = field(default="", repr=False)  # its name, which may be a person's
    has_other_number: bool = False  # a person's, of another register
    is_at_desk: bool = False  # that register is the customer desk's, and he has no number of the UZI register


@dataclass(frozen=True, slots=True, kw_only=True)
class Overseer:
    """How a professional who is responsible for a message is named. His name is not kept."""

    has_number: bool = False
    has_name: bool = False
    role: str | None = None  # UZI role code
    ura: str | None = None  # of his organisation
    uzi: str | None = field(default=None, repr=False)  # his number, where it is of that register


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryParameters:
    """What a `queryByParameter` says of the question itself; None where it says nothing."""

    has_id: bool
    status_code: str | None = None
    modify_code: str | None = None
    priority_code: str | None = None
    quantity_unit: str | None = None  # of initialQuantity
    contexts: frozenset[str] = frozenset()  # of a generic query


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryAck:
    """The quantities of a `queryAck`; None where one is left out or is no number."""

    total: int | None = None
    current: int | None = None
    remaining: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapper:
    """The transmission wrapper and the parts of the control act the node reads (domain reference 3.2 to 3.6)."""

    interaction: InteractionId
    root_name: str  # local name of the message element
    id: MessageId
    creation_time: str
    version_code: str
    profile_id: str  # extension; the root has been checked
    processing_code: str
    processing_mode_code: str
    accept_ack_code: str  # empty in a batch answer
    receiver: ApplicationId
    sender: ApplicationId
    attention_lines: tuple[AttentionLine, ...] = ()
    acknowledgement: Acknowledgement | None = None
    mood_code: str | None = None  # of the control act; None where there is no control act
    trigger_event: str | None = None
    trigger_system: str | None = None
    author: str | None = None  # "person", "device", "patient", or None where the message names none
    author_ids: AuthorIds = AuthorIds()
    overseers: tuple[Overseer, ...] = ()
    query_id: MessageId | None = None  # of the queryByParameter or the queryAck
    query_response_code: str | None = None  # of the queryAck: OK NF AE QE
    response_modality_code: str | None = None  # R or B
    issues: tuple[Detail, ...] = ()  # codes of reason/reasonOf justifiedDetectedIssue
    query: QueryParameters | None = None
    query_ack: QueryAck | None = None
    subjects: int = 0  # in the control act
    transmission_quantity: int | None = None  # of a batch answer
    respond_to: str | None = None  # extension of its id
    unused: tuple[str, ...] = ()  # elements the schema has and the national rules leave out, by name


@dataclass(frozen=True, slots=True, kw_only=True)
class Patients:
    """The patient numbers a message names, by the place where each was found."""

    found: tuple[tuple[str, Bsn], ...] = field(default=(), repr=False)

    @property
    def one(self) -> Bsn | None:
        """The patient, when the message names exactly one."""
        numbers = {bsn for _, bsn in self.found}
        return numbers.pop() if len(numbers) == 1 else None

    @property
    def disagree(self) -> bool:
        """Whether two places name two patients."""
        return len({bsn for _, bsn in self.found}) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """For which message, by whom and in which context a token was made, as it says; None where it does not say."""

    message_root: str | None = None
    message_extension: str | None = None
    interaction: str | None = None
    trigger_event: str | None = None
    application: str | None = None
    context: str | None = None
    subject: str | None = field(default=None, repr=False)  # the NameID; empty when a server signed
    issuer: str | None = field(default=None, repr=False)  # the organisation of the card, as written


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What identifies a security token in the SOAP header, without its content."""

    kind: str  # "saml" or "aorta805"
    id: str = field(repr=False)
    not_after: str | None = None  # as written
    binding: Binding = field(default=Binding(), repr=False)

    @property
    def is_for_one_message(self) -> bool:
        """Whether it names a message: mandate, enrolment and DigiD tokens do not."""
        return self.binding.message_extension is not None or self.binding.interaction is not None

    @property
    def ends_at(self) -> float | None:
        """The end of its time window in seconds since the epoch; None where it gives none that can be read."""
        # Of the two that it may be in autumn the later: what is remembered of it must last, and others judge it too.
        return max((moment.timestamp() for moment in moments_of(self.not_after)), default=None)


@dataclass(frozen=True, slots=True)
class TokenUse:
    """A token that signs one message, by a digest of its id."""

    token: bytes
    ends_at: float | None  # seconds since the epoch; None: it does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that was read from one body: the wrapper, the patients, the tokens, and a digest.

    `digest` is SHA-256 over the bytes without the SOAP header: a renewal with another token has the same one.
    """

    wrapper: Wrapper
    patients: Patients
    digest: bytes
    tokens: tuple[Token, ...] = ()
    in_soap: bool = True
    enclosed: tuple[Wrapper, ...] = ()  # of a batch answer: the wrappers of its answers
    data_kinds: frozenset[str] = frozenset()  # gegevenssoorten the payload names

    @property
    def token(self) -> bytes:
        """What tells the tokens of this message from others: a digest of their ids; empty without a token."""
        # A mandate that comes or goes beside it makes no other token of one that was made for this message.
        own = [token for token in self.tokens if token.is_for_one_message] or self.tokens
        ids = sorted(f"{token.kind} {token.id}" for token in own)
        return hashlib.sha256("\0".join(ids).encode()).digest() if ids else b""

    @property
    def token_uses(self) -> tuple[TokenUse, ...]:
        """The tokens that were made for this message; mandates and enrolments go with many."""
        own = (token for token in self.tokens if token.is_for_one_message and token.id)
        return tuple(
            TokenUse(hashlib.sha256(f"{token.kind} {token.id}".encode()).digest(), token.ends_at) for token in own
        )


class Format(StrEnum):
    """How a message is carried."""

    SOAP = "soap"
    FHIR = "fhir"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """The bytes of a message and how they are addressed. Nobody below `formats` may open `body`.

    In FHIR the path has the query behind it, and the headers may hold tokens: neither is ever shown.
    """

    path: str  # without leading slash: the service, such as "Ping"; in FHIR "fhir/R4/Task/1" with its query
    soap_action: str  # without quotes; empty in FHIR
    body: bytes
    content_type: str = "text/xml; charset=utf-8"
    format: Format = Format.SOAP
    method: str = "POST"
    headers: tuple[tuple[str, str], ...] = ()  # beside the content type, what goes along; names in lower case

    def __repr__(self) -> str:
        shown = self.path if self.format is Format.SOAP else f"fhir {self.method}"
        return f"<Payload {shown} {len(self.body)} bytes>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an answer says, in codes, for the access log."""

    ack: str = ""  # AA AE AR CA CE CR of an acknowledgement, or an HTTP status
    details: tuple[str, ...] = ()  # codes of what is wrong
    answer: str = ""  # root/extension of its own id
    is_good: bool = True  # False: the other side says no


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """An answer as it was given the first time, to be given again byte for byte."""

    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    said: Said = field(default=Said(), compare=False)  # known while it is in hand, and not stored with it

    def __repr__(self) -> str:
        return f"<StoredAnswer {self.status} {len(self.body)} bytes>"
