"""What a person does to many messages, one small unit after the other.

Knows: that each message takes the step a single one would, in the order of arrival, at the pace of bulk.
Must not know: which messages are meant, how large a unit is.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from edge_node.errors import Refused
from edge_node.model.keeping import BULK
from edge_node.model.lifecycle import State
from edge_node.model.overview import By, Deed, Errand, Moved
from edge_node.store import history, interventions, messages
from edge_node.store.messages import Message
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

Step = Callable[[Session, Message, By, Moment], Message]

_STEPS: Final[dict[Deed, Step]] = {
    Deed.RETRY: interventions.retry_one,
    Deed.DISCARD: interventions.discard_one,
    Deed.HOLD: interventions.hold_one,
    Deed.RELEASE: interventions.release_one,
}
#: What then leaves by itself.
_SENDS: Final = frozenset({Deed.RETRY, Deed.RELEASE})
_BY_SEQ: Final = f"SELECT {messages.COLUMNS} FROM messages WHERE seq = ? LIMIT ?"  # noqa: S608
#: A thousand messages that are due again at once would stand before the next prescription. A removal never waits.
_SLOW_DOWN: Final = f"UPDATE messages SET priority = {BULK} WHERE seq = ? AND priority = {BULK - 1}"  # noqa: S608


def do(session: Session, errand: Errand, seqs: Sequence[int], at: Moment) -> Moved:
    """Do it to each of these; one to which it cannot be done, or that changed meanwhile, leaves the others alone."""
    done, skipped = 0, Counter[str]()
    for seq in seqs:
        code = _one(session, errand, seq, at)
        if code:
            skipped[code] += 1
        else:
            done += 1
    return Moved(done=done, skipped=dict(skipped))


def _one(session: Session, errand: Errand, seq: int, at: Moment) -> str:
    """Do it; return the code of what stands in its way. Nothing was changed then."""
    found = messages.select(session, _BY_SEQ, (seq, 1))
    if not found:
        return "EN-NOT-FOUND"  # removed, or set aside, meanwhile
    message = found[0]
    deed = errand.deed
    if State(message.state) not in deed.states or history.last_at(session, seq) > errand.seen_at:
        return "EN-ILLEGAL-STEP"
    try:
        _STEPS[deed](session, message, errand.by, at)
    except Refused as error:
        return error.code
    if deed in _SENDS:
        session.execute(_SLOW_DOWN, (seq,))
    return ""
