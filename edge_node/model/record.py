"""One line of the access log, in the groups of NEN 7513: what happened to whose data, by whom, where, and with whom.

Knows: the fields of a line, which of them must be there, which of them only the log's own key opens.
Must not know: how a line is written, chained or sealed, how a message says what stands in it.

The moment of a line, its number and its place in the chain are the store's to give.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, Final

from edge_node.model.identifiers import Bsn
from edge_node.model.message import Direction

_SEALED: Final = "sealed"
_SOUGHT: Final = "sought"


def _sealed(*, sought: bool = False) -> Any:
    """A field that names a person: only the log's own key opens it. `sought`: it is looked for by its keyed hash."""
    return field(default="", repr=False, metadata={_SEALED: True, _SOUGHT: sought})


class LogEvent(StrEnum):
    """What kind of thing happened."""

    QUERY = "query"
    PUSH = "push"
    REFUSED = "refused"  # a message the node did not let pass
    ANSWER = "answer"  # the other side's, or the node's own no, to a query or a push
    HANDOVER = "handover"  # an attempt to deliver a kept message, and what came of it
    SIGNING = "token"  # the node signed one
    READING = "reading"  # a person opened a message, or the inbox handed it out
    QUEUE = "queue"  # a person or the node did something to a kept message
    SET_ASIDE = "set aside"  # a message that could not be read
    LOG = "log"  # the access log was read, searched, exported or verified
    SETTINGS = "settings"  # another set of settings is in force
    CONSENT = "consent"  # what a patient allows
    OVERRIDE = "override"  # a waiver, an attestation, a check set aside
    EMERGENCY = "emergency"  # what a person said afterwards of an emergency access
    OPERATOR = "operator"  # any other verb of a person at the control socket
    NODE = "node"  # start, stop, backup, restore, pruning, tampering


class Action(StrEnum):
    """What was done to the data (NEN 7513): the letters of the standard."""

    CREATE = "C"
    READ = "R"
    UPDATE = "U"
    DELETE = "D"
    EXECUTE = "E"


class Result(StrEnum):
    """How it ended."""

    OK = "ok"
    REFUSED = "refused"  # by a rule, ours or the other side's
    ERROR = "error"  # by the world
    UNKNOWN = "unknown"  # it may have reached the other side


class Situation(StrEnum):
    """Whether the way of an emergency was taken (noodprocedure)."""

    NORMAL = "normal"
    EMERGENCY = "emergency"


class UserKind(StrEnum):
    """Who did it."""

    PERSON = "person"  # of the register of care professionals
    PATIENT = "patient"
    DEVICE = "device"  # a system, in its own name
    OPERATOR = "operator"  # a person at this machine
    NODE = "node"  # this node, by itself
    NOT_SUPPLIED = "not supplied"  # the message names nobody: said, never guessed


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPart:
    """What happened."""

    type: LogEvent
    action: Action
    result: Result
    code: str = ""  # of ours, or an acknowledgement's
    direction: Direction | None = None  # None where no message is meant
    interaction: str = ""
    version: str = ""  # of the interaction, or of FHIR with that of the AORTA content
    situation: Situation = Situation.NORMAL
    reason: str = _sealed()  # why a person did it, in his words
    rule: str = ""  # of authorisation, as the token or the mandate names it
    consent: str = ""  # what the local system says the patient allows, where it does
    clock_offset_ms: int | None = None  # None: not known
    details: tuple[tuple[str, str], ...] = ()  # names and codes of what was done, such as hashes before and after


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPart:
    """Who did it, and for whom."""

    kind: UserKind
    name: str = _sealed(sought=True)  # of an operator: the account
    uzi: str = _sealed(sought=True)
    role: str = ""  # UZI role code
    card: str = ""  # type of card: Z N M S zorg-id
    method: str = ""  # of authentication: the class a token names, or that of a caller of this node
    responsible_uzi: str = _sealed(sought=True)
    responsible_role: str = ""
    mandate: str = ""  # digest of the mandate's id
    ura: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPoint:
    """Where it was done: this node, and the system behind it."""

    node: str
    application: str = ""  # ours
    system: str = ""  # the local system, by its name in settings
    product: str = ""  # as settings have it
    product_version: str = ""
    workstation: str = _sealed()  # as the local system names it
    address: str = ""  # of the caller, where one was seen
    connection: str = ""  # how the caller proved who it is: certificate, socket, bearer, basic, key


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterparty:
    """The other side."""

    application: str = ""
    ura: str = ""
    organisation: str = _sealed()  # as it was delivered: small practices bear a person's name
    fingerprint: str = ""  # SHA-256 of its TLS certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectPart:
    """Whose data, and which."""

    patient: str = _sealed(sought=True)  # BSN
    is_named: bool = False  # whether there is a patient; else the line says "patient not found"
    categories: tuple[str, ...] = ()  # kinds of data, as codes
    parameters: tuple[str, ...] = ()  # of a question: their names, never what they hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """By what the same event is found in the logs of others."""

    id: str = ""  # ours, from door to door
    initial_request: str = ""  # AORTA-ID initialRequestID
    request: str = ""  # AORTA-ID requestID
    message: str = ""  # root/extension
    answer: str = ""  # root/extension of the answer
    ack: str = ""  # type of an acknowledgement: AA AE AR CA CE CR, or an HTTP status
    ack_details: tuple[str, ...] = ()  # its codes
    tokens: tuple[str, ...] = ()  # kind and digest of the id of each
    uid: str = ""  # of a kept message


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecord:
    """One line."""

    event: EventPart
    user: UserPart
    access_point: AccessPoint
    counterparty: Counterparty = Counterparty()
    object: ObjectPart = ObjectPart()
    correlation: Correlation = Correlation()

    def ended(self, result: Result, code: str) -> "LogRecord":
        """The same line, of what came of it."""
        return replace(self, event=replace(self.event, result=result, code=code))

    @property
    def bsn(self) -> Bsn | None:
        """The patient, to be hashed."""
        return Bsn(self.object.patient) if self.object.patient else None


Value = str | int | list[str] | list[list[str]]


@dataclass(frozen=True, slots=True)
class Split:
    """A line as it is written: what stands open in it, what is sealed, and which of that is sought by its hash.

    Names are "group.field"; what is empty is left out. All three are of plain values, in the order of the fields.
    """

    open: Mapping[str, Value]
    sealed: Mapping[str, str] = field(repr=False)
    sought: Mapping[str, str] = field(repr=False)


def split(record: LogRecord) -> Split:
    """Take a line apart."""
    opened: dict[str, Value] = {}
    sealed: dict[str, str] = {}
    sought: dict[str, str] = {}
    for group, names in _GROUPS:
        part = getattr(record, group)
        for name, key, is_sealed, is_sought in names:
            value = getattr(part, name)
            if value is None or value == "" or value == ():
                continue
            if is_sealed:
                sealed[key] = value
                if is_sought:
                    sought[key] = value
            else:
                opened[key] = _plain(value)
    return Split(opened, sealed, sought)


def missing(record: LogRecord) -> tuple[str, ...]:
    """Which fields are not there that NEN 7513 wants of such a line; empty when it is whole."""
    return tuple(_missing(record))


#: Events of a message: these have an interaction, a direction and a way to find the message again.
MESSAGE_EVENTS: Final = frozenset({LogEvent.QUERY, LogEvent.PUSH, LogEvent.ANSWER})


def _missing(record: LogRecord) -> Iterator[str]:
    event, user = record.event, record.user
    if not record.access_point.node:
        yield "access_point.node"
    if event.type in MESSAGE_EVENTS:
        yield from (f"event.{name}" for name in ("interaction", "direction") if not getattr(event, name))
        correlation = record.correlation
        if not (correlation.message or correlation.request or correlation.id):
            yield "correlation.message"
        if not record.counterparty.application:
            yield "counterparty.application"
    if event.result is not Result.OK and not event.code:
        yield "event.code"
    if user.kind is UserKind.OPERATOR and not user.name:
        yield "user.name"
    if record.object.is_named != bool(record.object.patient):
        yield "object.patient"


def _plain(value: Any) -> Value:
    if isinstance(value, tuple):
        return [list(item) for item in value] if isinstance(value[0], tuple) else list(value)
    return value if isinstance(value, int) else str(value)


def _names(group: str, part: type) -> tuple[tuple[str, str, bool, bool], ...]:
    return tuple(
        (one.name, f"{group}.{one.name}", bool(one.metadata.get(_SEALED)), bool(one.metadata.get(_SOUGHT)))
        for one in fields(part)
    )


_GROUPS: Final = (
    ("event", _names("event", EventPart)),
    ("user", _names("user", UserPart)),
    ("access_point", _names("access_point", AccessPoint)),
    ("counterparty", _names("counterparty", Counterparty)),
    ("object", _names("object", ObjectPart)),
    ("correlation", _names("correlation", Correlation)),
)
