"""The inbox: what a local system fetches by itself, and what it shows to end it.

Knows: the values that cross between the local API and the store.
Must not know: HTTP, how a lock is stored, when one ends.
"""

from dataclasses import dataclass
from datetime import datetime

from edge_node.model.lifecycle import State
from edge_node.model.message import Payload
from edge_node.model.overview import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """A local system, with the applications it may fetch for."""

    system: str
    applications: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How many messages are wanted, and for how long they are to be locked."""

    most: int
    lock_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What the owner of a lock shows: the message, and the lock it was given."""

    uid: str
    lock: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One message, locked for who asked. Moments are aware UTC."""

    key: Key
    message_id: str  # root/extension
    interaction: str
    sender: str
    receiver: str
    kept_at: datetime
    size: int  # bytes of the body
    attempts: int  # handovers begun, this one counted
    redelivery: bool  # an earlier handover may have reached the system
    correlation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One message of the inbox, as people see it."""

    row: Row
    locked_by: str  # the local system that has it in hand; empty: nobody
    lock_s: float | None  # seconds until that lock ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One message with its bytes, opened for its owner or for a named person."""

    row: Row
    payload: Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Where a message is after a lock was used."""

    uid: str
    state: State
