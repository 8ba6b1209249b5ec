"""The life of a kept message: every state, every event and every step between.

Knows: which event leads from which state to which.
Must not know: where a message is kept, who sends it, what time it is.

Nothing else assigns a state. It is a plain table because a state lives in a database row and must survive a
restart. The drawing in the docs is made from it.
"""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a message is in its life."""

    RECEIVED = "RECEIVED"  # arrived and read, not judged
    KEPT = "KEPT"  # committed, never tried
    IN_FLIGHT = "IN_FLIGHT"  # leased: being handed over
    WAITING = "WAITING"  # tried, to be tried again
    NEEDS_TOKEN = "NEEDS_TOKEN"  # noqa: S105  a state, not a secret: to be signed again
    HELD = "HELD"  # by an operator, a restore, or a configuration error
    DELIVERED = "DELIVERED"  # a matching acknowledgement came
    REFUSED = "REFUSED"  # a check said no; the body is not stored
    EXPIRED = "EXPIRED"  # its lifetime ended
    DEAD = "DEAD"  # the other side refused it for good
    DISCARDED = "DISCARDED"  # by a named person, with a reason


class Event(StrEnum):
    """What happens to a message."""

    CHECKS_PASSED = "CHECKS_PASSED"
    CHECKS_FAILED = "CHECKS_FAILED"
    LEASED = "LEASED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    DELIVERY_FAILED = "DELIVERY_FAILED"  # to be retried; also where the outcome is unknown
    REFUSED_FOR_GOOD = "REFUSED_FOR_GOOD"
    CONFIGURATION_ERROR = "CONFIGURATION_ERROR"  # an answer that says: somebody must put a setting right
    TOKEN_SPENT = "TOKEN_SPENT"  # noqa: S105  used or expired; only a new signature lets it go on
    TOKEN_RENEWED = "TOKEN_RENEWED"  # noqa: S105
    LEASE_EXPIRED = "LEASE_EXPIRED"  # who held it is gone: the process, or a local system that fetched it
    LIFETIME_ENDED = "LIFETIME_ENDED"
    HELD_BACK = "HELD_BACK"
    RELEASED = "RELEASED"  # by a person; of one that was fetched, by the local system that gives it back
    RETRIED = "RETRIED"  # by a person
    DISCARDED = "DISCARDED"  # by a person
    CONFIRMED = "CONFIRMED"  # the local system took it from the inbox, or a person by hand


class IllegalTransition(Exception):
    """This event cannot happen in this state: a programming error, never a message's fault."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(f"{event} cannot happen in {state}")


TRANSITIONS: Final[dict[tuple[State, Event], State]] = {
    (State.RECEIVED, Event.CHECKS_PASSED): State.KEPT,
    (State.RECEIVED, Event.CHECKS_FAILED): State.REFUSED,
    # A message tried at once is born leased: these two steps are then one commit.
    (State.KEPT, Event.LEASED): State.IN_FLIGHT,
    (State.KEPT, Event.LIFETIME_ENDED): State.EXPIRED,
    (State.KEPT, Event.HELD_BACK): State.HELD,
    (State.KEPT, Event.DISCARDED): State.DISCARDED,
    (State.KEPT, Event.CONFIRMED): State.DELIVERED,
    (State.KEPT, Event.TOKEN_SPENT): State.NEEDS_TOKEN,
    (State.IN_FLIGHT, Event.ACKNOWLEDGED): State.DELIVERED,
    (State.IN_FLIGHT, Event.DELIVERY_FAILED): State.WAITING,
    (State.IN_FLIGHT, Event.REFUSED_FOR_GOOD): State.DEAD,
    (State.IN_FLIGHT, Event.CONFIGURATION_ERROR): State.HELD,
    (State.IN_FLIGHT, Event.TOKEN_SPENT): State.NEEDS_TOKEN,
    (State.IN_FLIGHT, Event.LIFETIME_ENDED): State.EXPIRED,
    # A message that a local system fetched is in flight until that system says what it did with it.
    (State.IN_FLIGHT, Event.CONFIRMED): State.DELIVERED,
    (State.IN_FLIGHT, Event.RELEASED): State.WAITING,
    # After a crash we cannot know whether the other side got it: send again under the same message id.
    (State.IN_FLIGHT, Event.LEASE_EXPIRED): State.WAITING,
    (State.WAITING, Event.LEASED): State.IN_FLIGHT,
    (State.WAITING, Event.RETRIED): State.WAITING,
    (State.WAITING, Event.LIFETIME_ENDED): State.EXPIRED,
    (State.WAITING, Event.HELD_BACK): State.HELD,
    (State.WAITING, Event.DISCARDED): State.DISCARDED,
    (State.WAITING, Event.CONFIRMED): State.DELIVERED,
    (State.WAITING, Event.TOKEN_SPENT): State.NEEDS_TOKEN,
    (State.NEEDS_TOKEN, Event.TOKEN_RENEWED): State.WAITING,
    (State.NEEDS_TOKEN, Event.HELD_BACK): State.HELD,
    (State.NEEDS_TOKEN, Event.LIFETIME_ENDED): State.EXPIRED,
    (State.NEEDS_TOKEN, Event.DISCARDED): State.DISCARDED,
    (State.HELD, Event.RELEASED): State.WAITING,
    (State.HELD, Event.RETRIED): State.WAITING,
    (State.HELD, Event.TOKEN_RENEWED): State.HELD,
    (State.HELD, Event.LIFETIME_ENDED): State.EXPIRED,
    (State.HELD, Event.DISCARDED): State.DISCARDED,
    # Held after it was fetched, by a person or a restore: whoever has it, has it.
    (State.HELD, Event.CONFIRMED): State.DELIVERED,
    (State.EXPIRED, Event.RETRIED): State.WAITING,
    (State.EXPIRED, Event.DISCARDED): State.DISCARDED,
    (State.DEAD, Event.RETRIED): State.WAITING,
    (State.DEAD, Event.DISCARDED): State.DISCARDED,
}

#: States in which a message holds its lane: nothing behind it may go before it.
OPEN: Final = frozenset({State.KEPT, State.IN_FLIGHT, State.WAITING, State.NEEDS_TOKEN, State.HELD})
#: States that close the lane of a message to new ones: a person has to act first.
CLOSING: Final = frozenset({State.NEEDS_TOKEN, State.HELD})
#: States in which a message may be leased.
LEASABLE: Final = frozenset({State.KEPT, State.WAITING})


def advance(state: State, event: Event) -> State:
    """Return the state that follows, or raise `IllegalTransition`."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransition(state, event) from None
