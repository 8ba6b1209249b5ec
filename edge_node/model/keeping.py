"""What the store is asked to keep, and what it hands out.

Knows: the values that cross between the line and the store.
Must not know: how they are stored, or what the line does with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from edge_node.model.identifiers import ApplicationId, Bsn, InteractionId, MessageId
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction, Format, Payload, StoredAnswer, TokenUse
from edge_node.model.record import LogRecord

#: The lowest of the priorities.
BULK: Final = 2


def way_of(format_: Format) -> str:
    """Return the name of the way that all messages of a format take."""
    return str(format_)


def place_of(receiver: ApplicationId | str, format_: Format) -> str:
    """Return the name of a destination: a receiver as it is reached by a format."""
    return f"{format_} {receiver}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much may be claimed at once."""

    limit: int
    bulk: int  # of them at most
    closed: Mapping[str, int] = field(default_factory=dict)  # places that are down or slow: how many may go


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A push that was read and judged, as the store is asked to admit it."""

    direction: Direction
    message_id: MessageId
    interaction: InteractionId
    sender: ApplicationId
    receiver: ApplicationId
    order: str  # ordering group
    patient: Bsn | None = field(repr=False)
    digest: bytes
    payload: Payload
    priority: int
    lifetime_s: float | None  # None: never ends (a push in that was answered CA)
    correlation: str
    token: bytes = b""  # digest of its tokens' ids; empty without a token
    duplicates: bool = True  # False for signals: every copy is admitted
    supersedes: str | None = None  # a removal: ordering group whose waiting registrations it replaces
    is_repeatable: bool = False  # the other side recognises a copy, also with the same token
    token_uses: tuple[TokenUse, ...] = ()  # the tokens made for this message alone
    log: LogRecord | None = None  # its line in the access log

    @property
    def has_token(self) -> bool:
        """Whether it is bound to a token."""
        return bool(self.token)

    @property
    def is_bulk(self) -> bool:
        """Whether it is of the lowest priority: a night of registrations and the like."""
        return self.priority == BULK


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """The same message with another token."""

    digest: bytes | None  # of the content, which must be the same; None: it is not handed in again
    token: bytes  # digest of the new token's ids
    body: bytes | None = field(repr=False)
    headers: tuple[tuple[str, str], ...] | None = field(default=None, repr=False)  # None leaves them as they are
    token_uses: tuple[TokenUse, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A kept message, as the store hands it out."""

    uid: str  # random, the public name in addresses and lists; 32 hexadecimal digits
    direction: Direction
    message_id: MessageId
    interaction: InteractionId
    sender: ApplicationId
    receiver: ApplicationId
    state: State
    attempts: int  # handovers begun, this one not counted
    fence: int  # of the lease; a settle with another one is refused
    unknown: bool  # an earlier handover may have reached the other side
    has_token: bool
    correlation: str
    payload: Payload
    is_bulk: bool = False
    is_repeatable: bool = False  # the other side recognises a copy, also with the same token
    code: str = ""  # how the last handover ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A new message, committed. `entry` is leased when that was asked for and its lane is free."""

    uid: str
    entry: Entry | None
    unknown: bool = False  # an earlier handover of the same message may have reached the other side
    overtaken: bool = False  # a removal: what it removes may arrive after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The same message again. `answer` is the first one given; None while there is none."""

    uid: str | None
    answer: StoredAnswer | None
    code: str = (
        ""  # why there is no answer, when the first copy is in nobody's hand: it needs a token, or was discarded
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IdReused:
    """The id was used before with other content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneClosed:
    """An earlier message of the lane waits for a person (`closed`), or is only not delivered yet."""

    uid: str
    message_id: MessageId
    state: State
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenReused:
    """Its token was used for another message."""


#: Why a push is not taken as a new one.
NotNew = Known | IdReused | LaneClosed | TokenReused
Admission = Admitted | NotNew
