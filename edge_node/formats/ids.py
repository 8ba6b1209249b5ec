"""Ids and moments of the messages the node makes itself.

Knows: how a root of our own is formed, what makes an extension unique, how Dutch local time is written.
Must not know: what time it is, where chance comes from.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from edge_node.model.identifiers import ApplicationId, MessageId, Oid

_DUTCH_TIME: Final = "Europe/Amsterdam"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a new message is given: an id never used before, and when it was made."""

    id: MessageId
    at: datetime  # aware

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a moment without a time zone")


def message_root(node: Oid, application: ApplicationId) -> Oid:
    """The root of one application's messages, below the node's own (domain reference 3.2)."""
    return Oid(f"{node}.{application.arc}")


def stamp(root: Oid, at: datetime, chance: str) -> Stamp:
    """A new id under `root`: the moment to the microsecond, then `chance` (hexadecimal, 8 bytes or more).

    The moment alone could come again after a clock step, chance alone only by an accident nobody will see.
    """
    if len(chance) < 16:
        raise ValueError("too little chance for an id")
    return Stamp(id=MessageId(root.value, f"{at:%Y%m%d%H%M%S%f}-{chance}"), at=at)


def creation_time(at: datetime) -> str:
    """Dutch local time to the second, as HL7 writes it."""
    return f"{at.astimezone(ZoneInfo(_DUTCH_TIME)):%Y%m%d%H%M%S}"
