"""The lines of the access log, in the same commit as what they tell.

Knows: in which commit which line is written, what a line lacks that only the store knows.
Must not know: who reads it, how a line is chained and sealed.
"""

import json
import sqlite3
from collections.abc import Mapping
from typing import Final

from edge_node.model.keeping import Push
from edge_node.model.lifecycle import State
from edge_node.model.message import StoredAnswer
from edge_node.model.overview import By
from edge_node.model.record import Action, LogRecord, missing, split
from edge_node.model.record_ends import answered, begun, consented, unanswered
from edge_node.store import emergencies, journal_lines, log_line
from edge_node.store.life import Change
from edge_node.store.log_line import MISSING, PATIENT, Line
from edge_node.store.messages import Message
from edge_node.store.session import Session

#: Messages in this order say where others may ask for the data of a patient (`formats.interactions`).
_INDEX: Final = "index"


def add(session: Session, record: LogRecord, now: float, *, patient: bytes | None = None) -> None:
    """Add a line; `patient` is the hash of one whose number the line has not.

    A line that lacks what the standard wants is written all the same, and says what it lacks: it is found by that.
    """
    line = log_line.of(record, session.key)
    opened = {**_known_here(session), **line.open}
    lacks = [name for name in missing(record) if name not in opened and not (name == PATIENT and patient is not None)]
    if lacks:
        opened[MISSING] = lacks
    hashes = line.hashes
    if patient is not None and PATIENT not in hashes:
        hashes = {**hashes, PATIENT: patient}
    line = Line(opened, line.sealed, hashes)
    session.log.append(line, now)
    emergencies.note(session, record, now)


def add_push(session: Session, push: Push, code: str, now: float) -> None:
    """Add the line of a push as it goes on: kept, begun, renewed."""
    add(session, begun(_line(push), code), now)


def add_answered(session: Session, push: Push, given: StoredAnswer, now: float) -> None:
    """Add the line of a push that was answered."""
    line = _line(push)
    add(session, answered(line, given.said), now)
    if _is_of_index(push.order) and given.said.is_good:
        add_consent(session, line, now, is_removal=line.event.action is Action.DELETE)


def add_unanswered(session: Session, push: Push, code: str, how: tuple[bool, float]) -> None:
    """Add the line of a push that was not taken; `how` says whether it may have been, and the moment."""
    is_unknown, now = how
    line = _line(push)
    add(session, unanswered(line, code, is_unknown=is_unknown), now)


def add_handover(session: Session, message: Message, change: Change) -> None:
    """Add the line of how a handover of a kept message ended."""
    line = journal_lines.of_handover(message, change)
    add(session, line, change.at.now, patient=message.patient)
    if _is_of_index(message.ordering) and message.state == State.DELIVERED:
        add_consent(session, line, change.at.now, is_removal=bool(message.removal), patient=message.patient)


def add_consent(
    session: Session, record: LogRecord, now: float, *, is_removal: bool, patient: bytes | None = None
) -> None:
    """Add the line of a change of what a patient allows, beside the line of what changed it."""
    add(session, consented(record, is_removal=is_removal), now, patient=patient)


def add_change(session: Session, message: Message, change: Change) -> None:
    """Add the line of something a person did to a kept message, or the system that fetched it."""
    add(session, journal_lines.of_change(message, change), change.at.now, patient=message.patient)


def add_reading(session: Session, message: Message, by: By, now: float) -> None:
    """Add the line of a person who opened a message that waits: who, and why, as the access log is asked for."""
    add(session, journal_lines.of_reading(message, by), now, patient=message.patient)


def add_set_aside(session: Session, facts: Mapping[str, str | None], now: float) -> None:
    """Add the line of a message that could not be read; what of it could not either is left empty."""
    add(session, journal_lines.of_set_aside({name: text or "" for name, text in facts.items()}), now)


def add_deed(to: Session | sqlite3.Connection, what: str, by: By, now: float) -> None:
    """Add the line of something a person did to the store as a whole."""
    record = journal_lines.of_deed(what, by)
    if isinstance(to, Session):
        add(to, record, now)
        return
    # Whoever repairs a store has no key of it: the next start chains the line.
    parts = split(record)
    written = json.dumps({"open": dict(parts.open), "sealed": dict(parts.sealed)})
    to.execute("INSERT INTO log_waiting (at, line) VALUES (?, ?)", (now, written))


def _is_of_index(order: str) -> bool:
    return order.partition(":")[0] == _INDEX


def _known_here(session: Session) -> dict[str, str | int]:
    """What a line has of the node that writes it, where it does not say so itself."""
    known: dict[str, str | int] = {"access_point.node": session.log.node} if session.log.node else {}
    if session.clock_offset_ms is not None:
        known["event.clock_offset_ms"] = session.clock_offset_ms
    return known


def _line(push: Push) -> LogRecord:
    return push.log or journal_lines.of_push(push)
