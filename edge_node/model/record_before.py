"""A line of the access log in the columns of the release before.

Knows: which field was which column.
Must not know: how either is stored.
"""

from edge_node.model.keeping import Record
from edge_node.model.message import Direction
from edge_node.model.record import LogRecord, UserKind


def as_before(record: LogRecord) -> Record:
    """Write it in those columns."""
    event = record.event
    by_hand = record.user.kind is UserKind.OPERATOR
    is_in = event.direction is Direction.IN
    ours, theirs = record.access_point.application, record.counterparty.application
    return Record(
        direction=event.direction or Direction.OUT,
        event=f"operator {event.code}" if by_hand else str(event.type),
        interaction=event.interaction,
        message_id=record.correlation.message or record.correlation.uid,
        sender=(theirs if is_in else ours) or record.user.name,
        receiver=ours if is_in else theirs,
        outcome=event.reason if by_hand else event.code,
        correlation=record.correlation.id,
        patient=record.bsn,
    )
