"""The lines of the access log, in the same commit as what they tell.

Knows: the table of lines.
Must not know: who reads it. Its hash chain has its place here: a line is only ever added, by `add`.
"""

import sqlite3
from collections.abc import Mapping

from edge_node.model.keeping import Push, Record
from edge_node.model.overview import By
from edge_node.store.messages import Message
from edge_node.store.session import Session


def add(session: Session, record: Record, now: float) -> None:
    """Add a line; the patient becomes a keyed hash."""
    _insert(
        session,
        (now, record.direction, record.event, record.interaction, record.message_id, record.sender,
         record.receiver, record.outcome, record.correlation, session.key.patient(record.patient)),
    )  # fmt: skip


def add_push(session: Session, push: Push, outcome: str, now: float) -> None:
    """Add the line of a push."""
    _insert(
        session,
        (now, push.direction.value, "push", push.interaction.value, str(push.message_id), push.sender.value,
         push.receiver.value, outcome, push.correlation, session.key.patient(push.patient)),
    )  # fmt: skip


def add_change(session: Session, message: Message, event: str, now: float) -> None:
    """Add the line of something a person did to a kept message; who and why are in its history."""
    _insert(
        session,
        (now, message.direction, event, message.interaction, str(message.message_id), message.sender,
         message.receiver, message.state, message.correlation, message.patient),
    )  # fmt: skip


def add_reading(session: Session, message: Message, by: By, now: float) -> None:
    """Add the line of a person who opened a message that waits: who, and why, as the access log is asked for."""
    _insert(
        session,
        (now, message.direction, "read by a person", message.interaction, str(message.message_id), by.who,
         message.receiver, by.why, message.correlation, message.patient),
    )  # fmt: skip


def add_set_aside(session: Session, facts: Mapping[str, str | None], now: float) -> None:
    """Add the line of a message that could not be read; what of it could not either is left empty."""
    known = {name: text or "" for name, text in facts.items()}
    message_id = f"{known['root']}/{known['extension']}" if known["extension"] else ""
    _insert(
        session,
        (now, known["direction"], "set aside", known["interaction"], message_id, known["sender"], known["receiver"],
         known["state"], known["correlation"], None),
    )  # fmt: skip


def add_deed(to: Session | sqlite3.Connection, event: str, by: By, now: float) -> None:
    """Add the line of something a person did to the store as a whole."""
    _insert(to, (now, "", event, "", "", by.who, "", by.why, "", None))


def _insert(to: Session | sqlite3.Connection, line: tuple[object, ...]) -> None:
    to.execute(
        """INSERT INTO journal (at, direction, event, interaction, message_id, sender, receiver, outcome,
           correlation, patient) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        line,
    )
