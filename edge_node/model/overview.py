"""What people and monitoring see of the kept messages, without patient data.

Knows: the rows, steps and counts that a list, a page or a metric shows, and who asked for a change.
Must not know: how they are stored, or how they are shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from edge_node.model.lifecycle import TRANSITIONS, Event, State
from edge_node.model.message import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who asked for a change, and why: kept with the message's history."""

    who: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which messages a list holds; None leaves a column free."""

    direction: Direction | None = None
    state: State | None = None
    receiver: str | None = None
    interaction: str | None = None
    code: str | None = None  # of the last outcome: the cause
    older_s: float | None = None  # kept at least so long ago
    younger_s: float | None = None  # kept less than that ago
    limit: int = 100


class Deed(StrEnum):
    """What a person does to kept messages, many at once or one."""

    RETRY = "retry"
    DISCARD = "discard"
    HOLD = "hold"
    RELEASE = "release"

    @property
    def event(self) -> Event:
        """What then happens to each message."""
        return _EVENTS[self]

    @property
    def states(self) -> frozenset[State]:
        """The states in which it can be done. Never to what is being handed over: only its owner ends a lease."""
        return frozenset(state for state, event in TRANSITIONS if event is self.event) - {State.IN_FLIGHT}


_EVENTS: Final = {
    Deed.RETRY: Event.RETRIED,
    Deed.DISCARD: Event.DISCARDED,
    Deed.HOLD: Event.HELD_BACK,
    Deed.RELEASE: Event.RELEASED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Many messages: those of a choice, in any of these states, that came up to a place and did not change since."""

    choice: Choice
    states: frozenset[State]
    through: int | None = None  # place in the order of arrival of the last one; None: all that are there
    seen_at: float | None = None  # from when ages count, and since when nothing happened to them; None: now


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a deed would be done to, before it is."""

    messages: int
    oldest_s: float
    newest_s: float
    examples: "tuple[Row, ...]"
    through: int  # later ones are not meant
    seen_at: float  # the moment of the look, in seconds since the epoch; what changes after it is not meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What a person wants done to many messages, as they were when that was decided."""

    deed: Deed
    by: By
    seen_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some messages of a crowd, in the order of arrival, and where to go on; None after the last."""

    seqs: tuple[int, ...]
    rows: "tuple[Row, ...]" = ()
    following: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What came of one small unit of a deed: how many it was done to, and to how many it could not be, by code."""

    done: int
    skipped: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why messages are stuck: so many to one receiver, of one interaction, with one code."""

    code: str
    state: State
    direction: Direction
    receiver: str
    interaction: str
    messages: int
    oldest: datetime  # when the first and the last of them were kept
    newest: datetime
    examples: tuple[str, ...]  # the uids of these


#: The ages by which a queue is shown: now, a quarter (acute care is late), an hour, four, a day, a week.
AGES_S: Final = (0, 900, 3600, 4 * 3600, 86_400, 7 * 86_400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """So many messages in one state for one receiver, of about one age."""

    direction: Direction
    state: State
    receiver: str
    age_s: int  # one of `AGES_S`: at least so old, to five minutes
    messages: int


class Rest(StrEnum):
    """What a message waits for that has no moment at which it is due."""

    DESTINATION = "destination"  # its receiver takes nothing now
    LINE = "line"  # nobody can be reached that way
    INBOX = "inbox"  # its system fetches it


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One kept message, as a list shows it. Moments are aware UTC."""

    uid: str
    direction: Direction
    message_id: str  # root/extension
    interaction: str
    sender: str
    receiver: str
    state: State
    attempts: int
    unknown: bool  # a handover may have reached the other side
    code: str  # of the last outcome; empty before the first
    correlation: str
    kept_at: datetime
    due_in_s: float | None  # None when it rests, waits for a person or is over
    ends_at: datetime | None  # None: its life never ends
    rests: Rest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A message that could not be read any more; what of it could not either is empty."""

    uid: str
    direction: str
    message_id: str
    interaction: str
    sender: str
    receiver: str
    state: str  # the one it had
    unknown: bool  # it may have reached the other side
    why: str
    at: datetime
    needs_repair: bool  # a part of it is in the store's own tables yet
    replaced_by: str  # uid of a copy its sender handed in again
    has_bytes: bool  # False: they were removed when their time was over


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a message's life."""

    at: datetime
    event: Event
    state: State  # the one it led to
    code: str = ""
    who: str = ""  # of a step by a person
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One message with its history, oldest step first."""

    row: Row
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many messages are in one state, and how old the oldest is."""

    direction: Direction
    state: State
    messages: int
    oldest_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The queue in figures: one count for each direction and state that has messages."""

    counts: tuple[Count, ...]
    set_aside: int = 0  # messages that could not be read, to be looked at
    late: int = 0  # pushes in that wait too long, up to a thousand
