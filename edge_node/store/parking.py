"""Messages that are never pushed: they rest from when the line comes to them, until their system is pushed to.

Knows: which applications fetch, that what is for them rests under a place of its own.
Must not know: who locks a message, who decided that a system fetches.

Nothing of this is written but that they rest: after a restart they are due again and rest again, one by one, and a
release that knows no inbox would push them.
"""

from typing import Final

from edge_node.model.message import Direction
from edge_node.store import resting
from edge_node.store.messages import Message
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

_PREFIX: Final = "inbox "
_NEXT_PLACE: Final = """
    SELECT min(place) FROM resting INDEXED BY resting_place WHERE direction = 'in' AND place > ?"""


def park(session: Session, message: Message) -> bool:
    """Keep a due message from being pushed, if its system fetches; say whether it does."""
    if message.direction != Direction.IN or message.receiver not in session.fetched_by:
        return False
    resting.rest(session, message, _PREFIX + message.receiver)
    return True


def is_inbox(place: str) -> bool:
    """Whether what rests there waits to be fetched."""
    return place.startswith(_PREFIX)


def unpark(session: Session, limit: int, at: Moment) -> int:
    """Make messages due whose system is pushed to, again or for the first time; say how many were looked at."""
    place, done = _PREFIX, 0
    while done < limit:
        (place,) = session.execute(_NEXT_PLACE, (place,)).fetchone()
        if place is None or not place.startswith(_PREFIX):
            return done
        if place.removeprefix(_PREFIX) not in session.fetched_by:
            done += resting.rouse(session, (Direction.IN, place), limit - done, at)
    return done
