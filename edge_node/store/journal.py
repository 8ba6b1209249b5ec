"""The lines of the access log, in the same commit as what they tell.

Knows: the table of lines.
Must not know: who reads it. Its hash chain has its place here: a line is only ever added, by `add`.
"""

from edge_node.model.keeping import Push, Record
from edge_node.store.messages import Message
from edge_node.store.session import Session


def add(session: Session, record: Record, now: float) -> None:
    """Add a line; the patient becomes a keyed hash."""
    _insert(session, now, record, session.key.patient(record.patient))


def add_push(session: Session, push: Push, outcome: str, now: float) -> None:
    """Add the line of a push."""
    record = Record(
        direction=push.direction,
        event="push",
        interaction=str(push.interaction),
        message_id=str(push.message_id),
        sender=str(push.sender),
        receiver=str(push.receiver),
        outcome=outcome,
        correlation=push.correlation,
        patient=push.patient,
    )
    add(session, record, now)


def add_change(session: Session, message: Message, event: str, now: float) -> None:
    """Add the line of something a person did to a kept message; who and why are in its history."""
    session.execute(
        """INSERT INTO journal (at, direction, event, interaction, message_id, sender, receiver, outcome,
           correlation, patient) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (now, message.direction, event, message.interaction, str(message.message_id), message.sender,
         message.receiver, message.state, message.correlation, message.patient),
    )  # fmt: skip


def _insert(session: Session, now: float, record: Record, patient: bytes | None) -> None:
    session.execute(
        """INSERT INTO journal (at, direction, event, interaction, message_id, sender, receiver, outcome,
           correlation, patient) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (now, record.direction, record.event, record.interaction, record.message_id, record.sender,
         record.receiver, record.outcome, record.correlation, patient),
    )  # fmt: skip
