"""The mark on a message that a restore holds back, and what its end does.

Knows: the code that marks it.
Must not know: how a store is restored, who lets a message go.
"""

from typing import Final

from edge_node.model.lifecycle import OPEN, State
from edge_node.store.messages import Message

CODE: Final = "EN-RESTORED"


def is_on(message: Message) -> bool:
    """Whether a restore holds this message back."""
    return message.state == State.HELD and message.last_code == CODE


def lifted(before: Message, after: Message, now: float) -> Message:
    """Return the message after a step; where that ended the hold, the mark is gone and its life begins anew.

    While a restore holds it nothing of it ends, also of what a person held before: whether it was sent since, only
    a person can find out.
    """
    if before.state != State.HELD or after.state == State.HELD:
        return after
    if is_on(before) and after.last_code == CODE:
        after = after._replace(last_code="")
    if State(after.state) not in OPEN or (after.expires_at is not None and not is_on(before)):
        return after
    return after._replace(expires_at=None if after.lifetime_s is None else now + after.lifetime_s)
