"""What a local system is told of a kept message, without patient data.

Knows: the kinds of notice and the fields each has.
Must not know: who reads it, in which words it is told, how it is stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from edge_node.model.identifiers import MessageId
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction


class NoticeKind(StrEnum):
    """What there is to tell."""

    NEEDS_TOKEN = "needs-token"  # noqa: S105  to be signed again
    UNKNOWN = "outcome-unknown"  # sent, no answer: the node tries again by itself
    DELIVERED = "delivered"  # after its sender was told "kept", or its receiver's people that it waits too long
    DEAD = "dead"  # refused for good
    EXPIRED = "expired"
    HELD = "held"
    RELEASED = "released"  # a person lets it go again
    DISCARDED = "discarded"
    SET_ASIDE = "set-aside"  # kept, and not to be read any more
    LATE = "late"  # a push in that nobody takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice. `seq` orders them and is never given twice. Moments are aware UTC."""

    seq: int
    at: datetime
    kind: NoticeKind
    application: str  # ours: whom it is for
    uid: str
    direction: Direction
    message_id: MessageId
    interaction: str
    sender: str
    receiver: str
    state: State
    code: str  # what the other side or the node gave as reason; may be empty
    unknown: bool  # a handover may have reached the other side
    kept_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text in both languages of the product."""

    nl: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notice in words: what happened, on whose side, what to do, and whether it cannot wait."""

    notice: Notice
    meaning: str  # of the interaction, as the table has it
    group: Words  # the kind of care it is about
    own_name: str  # what the settings call our application
    other_name: str  # the same for the other one, where it is ours too; else empty
    is_acute: bool
    is_trouble: bool  # the message is not where it should be
    side: str  # whose turn it is; empty: nobody's
    what: Words
    do: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """From which age on a push in is called late; the interactions of acute care sooner."""

    acute: frozenset[str] = field(default=frozenset())
    acute_s: float = 900.0
    other_s: float = 4 * 3600.0

    @property
    def first_s(self) -> float:
        """The age at which any message is first looked at."""
        return min(self.acute_s, self.other_s)


Names = Mapping[str, str]
