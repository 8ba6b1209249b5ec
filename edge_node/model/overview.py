"""What people and monitoring see of the kept messages, without patient data.

Knows: the rows, steps and counts that a list, a page or a metric shows, and who asked for a change.
Must not know: how they are stored, or how they are shown.
"""

from dataclasses import dataclass
from datetime import datetime

from edge_node.model.lifecycle import Event, State
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
    limit: int = 100


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
    due_in_s: float | None  # None when it waits for a person or is over
    ends_at: datetime | None  # None: its life never ends


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
