"""How the access log is: where its chain is, what was found when it was proven, which of its records are wanted.

Knows: the values that cross between the store, the status and the commands.
Must not know: how a chain is made or proven, where records lie.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Bend(StrEnum):
    """What was done to a record, or to several."""

    CHANGED = "changed"
    DELETED = "deleted"
    INSERTED = "inserted"
    MOVED = "moved"
    REWRITTEN = "rewritten"  # with all hashes after it: which of them was changed, nobody can tell
    CUT_START = "start cut off"
    CUT_END = "end cut off"
    HEAD_FORGED = "head forged"
    HEADS_REMOVED = "heads removed"
    OTHER_KEY = "signed by another key"
    OTHER_LOG = "not the log of that head"
    UNREADABLE = "unreadable"  # a file that is none; which records it had, those around it say


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong, and at which records."""

    bend: Bend
    first: int
    last: int
    place: str = ""  # the file, or that it is the store
    detail: str = ""

    @property
    def key(self) -> tuple[str, int, int]:
        """By which the same is known again."""
        return self.bend.value, self.first, self.last

    @property
    def shown(self) -> str:
        """What and where, on one line."""
        which = f"record {self.first}" if self.first == self.last else f"records {self.first} to {self.last}"
        parts = (f"{self.bend}: {which}", self.place, self.detail)
        return "; ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """What the node signed of where its chain was."""

    seq: int
    hash: str
    at: str
    chain: str
    key: str  # id of the node's key

    @property
    def name(self) -> str:
        """What is published, and given to a later check: the number and the hash."""
        return f"{self.seq}:{self.hash}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What came of looking at a whole log."""

    records: int
    first: int
    last: int
    head: SignedHead | None  # the last one that was signed
    chains: tuple[str, ...]
    found: tuple[Found, ...]
    wanted: str = ""  # the head it was held to; empty: none, so that a cut at the end cannot be excluded

    @property
    def is_sound(self) -> bool:
        """Nothing is wrong with it."""
        return not self.found

    @property
    def unsigned(self) -> int:
        """How many records no head vouches for yet."""
        return self.last - (self.head.seq if self.head is not None else self.first - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One time that something was found."""

    id: int
    at: float
    chain: str  # the one that was sealed off
    found: tuple[Found, ...]
    seen_at: float | None = None
    seen_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogWanted:
    """Which records; what is empty is free. Moments are as records have them, in UTC."""

    sought: Mapping[str, str] = field(default_factory=dict, repr=False)  # field: value, of those that are marked
    open: Mapping[str, str] = field(default_factory=dict)  # field: value
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFact:
    """How the log of a node that runs is."""

    head: SignedHead | None = None
    key: str = ""  # id of the node's public key
    proven_at: datetime | None = None  # the last time that all of it was looked at
    is_sound: bool | None = None  # None: it was not looked at yet
    records: int = 0  # at that time
    found: tuple[Found, ...] = ()  # what no person has seen yet
    is_shut: bool = False  # nothing more is taken in until a person has seen it
    hindrance: str = ""  # code of what keeps it from being signed, filed or proven

    @property
    def head_name(self) -> str | None:
        """What is published of the newest head."""
        return None if self.head is None else self.head.name
