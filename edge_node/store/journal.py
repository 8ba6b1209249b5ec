"""The lines of the access log, in the same commit as what they tell.

Knows: what of a push, of a kept message and of a deed stands in a line.
Must not know: who reads it, how a line is chained and sealed.
"""

import json
import sqlite3
from collections.abc import Mapping
from typing import Final

from edge_node.model.keeping import Push, Record
from edge_node.model.overview import By
from edge_node.model.record import LogRecord
from edge_node.store import log_line
from edge_node.store.log_line import PATIENT, Line
from edge_node.store.messages import Message
from edge_node.store.session import Session

_BY: Final = "user.name"
_WHY: Final = "event.reason"


def add_record(session: Session, record: LogRecord, now: float, *, patient: bytes | None = None) -> None:
    """Add a line; `patient` is the hash of one whose number the line has not."""
    line = log_line.of(record, session.key)
    if patient is not None and PATIENT not in line.hashes:
        line = Line(line.open, line.sealed, {**line.hashes, PATIENT: patient})
    session.log.append(line, now)


def add(session: Session, record: Record, now: float) -> None:
    """Add a line; the patient is sealed, and found by a keyed hash."""
    opened = {
        "event.direction": record.direction,
        "event.type": record.event,
        "event.interaction": record.interaction,
        "event.code": record.outcome,
        "correlation.message": record.message_id,
        "correlation.id": record.correlation,
        "sender": record.sender,
        "receiver": record.receiver,
    }
    patient = record.patient
    sealed = {} if patient is None else {PATIENT: patient.value}
    _append(session, opened, sealed, session.key.patient(patient), now)


def add_push(session: Session, push: Push, outcome: str, now: float) -> None:
    """Add the line of a push."""
    opened = {
        "event.direction": push.direction.value,
        "event.type": "push",
        "event.interaction": push.interaction.value,
        "event.code": outcome,
        "correlation.message": str(push.message_id),
        "correlation.id": push.correlation,
        "sender": push.sender.value,
        "receiver": push.receiver.value,
    }
    sealed = {} if push.patient is None else {PATIENT: push.patient.value}
    _append(session, opened, sealed, session.key.patient(push.patient), now)


def add_change(session: Session, message: Message, event: str, now: float) -> None:
    """Add the line of something a person did to a kept message; who and why are in its history."""
    _append(session, {**_kept(message), "event.type": event, "event.code": message.state}, {}, message.patient, now)


def add_reading(session: Session, message: Message, by: By, now: float) -> None:
    """Add the line of a person who opened a message that waits: who, and why, as the access log is asked for."""
    opened = {**_kept(message), "event.type": "reading", "event.action": "R"}
    _append(session, opened, {_BY: by.who, _WHY: by.why}, message.patient, now)


def add_set_aside(session: Session, facts: Mapping[str, str | None], now: float) -> None:
    """Add the line of a message that could not be read; what of it could not either is left empty."""
    known = {name: text or "" for name, text in facts.items()}
    opened = {
        "event.direction": known["direction"],
        "event.type": "set aside",
        "event.interaction": known["interaction"],
        "event.code": known["state"],
        "correlation.message": f"{known['root']}/{known['extension']}" if known["extension"] else "",
        "correlation.id": known["correlation"],
        "sender": known["sender"],
        "receiver": known["receiver"],
    }
    _append(session, opened, {}, None, now)


def add_deed(to: Session | sqlite3.Connection, event: str, by: By, now: float) -> None:
    """Add the line of something a person did to the store as a whole."""
    opened, sealed = {"event.type": "node", "event.code": event, "user.kind": "operator"}, {_BY: by.who, _WHY: by.why}
    if isinstance(to, Session):
        _append(to, opened, sealed, None, now)
    else:  # whoever repairs a store has no key of it: the next start chains the line
        written = json.dumps({"open": opened, "sealed": sealed})
        to.execute("INSERT INTO log_waiting (at, line) VALUES (?, ?)", (now, written))


def _kept(message: Message) -> dict[str, str]:
    return {
        "event.direction": message.direction,
        "event.interaction": message.interaction,
        "correlation.message": str(message.message_id),
        "correlation.id": message.correlation,
        "sender": message.sender,
        "receiver": message.receiver,
    }


def _append(
    session: Session, opened: Mapping[str, str], sealed: Mapping[str, str], patient: bytes | None, now: float
) -> None:
    hashes = {} if patient is None else {PATIENT: patient}
    if _BY in sealed:
        hashes[_BY] = session.key.name(sealed[_BY])
    said = {name: str(value) for name, value in opened.items() if value}
    session.log.append(Line(said, {name: value for name, value in sealed.items() if value}, hashes), now)
