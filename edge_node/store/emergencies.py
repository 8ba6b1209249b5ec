"""The emergency accesses that wait for review, in the commit of their lines in the access log.

Knows: the table of them, what may be done to one, which line of the access log tells of it.
Must not know: how an access says that it is of an emergency, who may review it.
"""

import sqlite3
from datetime import UTC, datetime
from typing import Final

from edge_node.errors import Refused
from edge_node.model.emergency import Emergency, EmergencyState, Verdict
from edge_node.model.identifiers import InvalidIdentifier, MessageId
from edge_node.model.overview import By
from edge_node.model.record import LogEvent, LogRecord, Situation
from edge_node.store import emergency_lines
from edge_node.store.access_log import AccessLog
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

#: How an access begins: what follows is of the same one.
_BEGINS: Final = frozenset({"asked", "kept", "begun"})
_REQUESTS: Final = frozenset({LogEvent.QUERY, LogEvent.PUSH})
_SHOWN: Final = (
    "id, at, direction, interaction, application, counterparty, system, role, ura, message, correlation, result, "
    "explained_at, explained_by, signed_at, signed_by, verdict"
)
_OPEN: Final = f"""
    SELECT {_SHOWN} FROM emergencies INDEXED BY emergencies_open
    WHERE signed_at IS NULL ORDER BY id LIMIT ?"""  # noqa: S608  columns of ours
_ALL: Final = f"SELECT {_SHOWN} FROM emergencies ORDER BY id DESC LIMIT ?"  # noqa: S608  columns of ours
_ONE: Final = f"SELECT {_SHOWN} FROM emergencies WHERE id = ?"  # noqa: S608  columns of ours
_STATE: Final = """
    SELECT count(*), coalesce(sum(explained_at IS NULL), 0), min(at)
    FROM emergencies INDEXED BY emergencies_open WHERE signed_at IS NULL"""
_HAS: Final = "SELECT 1 FROM emergencies WHERE correlation = ? LIMIT 1"
_PRUNE: Final = """
    DELETE FROM emergencies WHERE id IN (
        SELECT id FROM emergencies INDEXED BY emergencies_signed WHERE signed_at < ? ORDER BY signed_at LIMIT ?)"""


def note(session: Session, record: LogRecord, now: float) -> None:
    """Put an access on the list, where its line is of an emergency; every other line passes."""
    event = record.event
    if event.situation is not Situation.EMERGENCY:
        return
    if event.type is not LogEvent.REFUSED and not (event.type in _REQUESTS and event.code in _BEGINS):
        return
    session.execute(
        """INSERT INTO emergencies (at, direction, interaction, application, counterparty, system, role, ura, message,
           correlation, result, patient, explained_at, explained_by, signed_by, verdict)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', '')""",
        (now, event.direction or "", event.interaction, record.access_point.application,
         record.counterparty.application, record.access_point.system, record.user.role, record.user.ura,
         record.correlation.message, record.correlation.id, event.result,
         session.key.patient(record.bsn), now if event.reason else None),
    )  # fmt: skip


def explain(session: Session, number: int, by: By, at: Moment) -> Emergency:
    """Write down that somebody said why; what he said stands in the log. It can be said anew until it is reviewed."""
    found = _open_one(session, number)
    session.execute(
        "UPDATE emergencies SET explained_at = ?, explained_by = ? WHERE id = ?", (at.now, by.who, number)
    )
    emergency_lines.add(session, found, by, ("explained", at.now, _patient(session, number)))
    return one(session.connection, number)


def sign_off(session: Session, number: int, verdict: Verdict, how: tuple[By, Moment]) -> Emergency:
    """Write down what came of the review. What nobody could give a reason for was not justified."""
    by, at = how
    found = _open_one(session, number)
    if verdict is Verdict.JUSTIFIED and found.explained_at is None:
        raise Refused(f"nobody said yet why emergency access {number} was needed", code="EN-EMERGENCY-UNEXPLAINED")
    session.execute(
        "UPDATE emergencies SET signed_at = ?, signed_by = ?, verdict = ? WHERE id = ?",
        (at.now, by.who, verdict, number),
    )
    emergency_lines.add(session, found, by, (str(verdict), at.now, _patient(session, number)))
    return one(session.connection, number)


def listed(connection: sqlite3.Connection, limit: int, *, reviewed: bool) -> tuple[Emergency, ...]:
    """Return those that wait, the oldest first; or all, the newest first."""
    return tuple(map(_shown, connection.execute(_ALL if reviewed else _OPEN, (limit,))))


def has(connection: sqlite3.Connection, correlation: str) -> bool:
    """Whether there is one of that correlation."""
    return connection.execute(_HAS, (correlation,)).fetchone() is not None


def one(connection: sqlite3.Connection, number: int) -> Emergency:
    """Return one. Raises `Refused` where there is none."""
    row = connection.execute(_ONE, (number,)).fetchone()
    if row is None:
        raise Refused(f"no emergency access {number}", code="EN-NOT-FOUND")
    return _shown(row)


def state(connection: sqlite3.Connection) -> EmergencyState:
    """Count those that wait."""
    count, unexplained, oldest = connection.execute(_STATE).fetchone()
    return EmergencyState(open=count, unexplained=unexplained, oldest_at=_moment(oldest))


def prune(session: Session, limit: int, at: Moment) -> int:
    """Remove those that were reviewed so long ago that the log may not have them either; say how many."""
    if not isinstance(session.log, AccessLog):
        return 0
    before = at.now - session.log.plan.retention_s
    return session.execute(_PRUNE, (before, limit)).rowcount


def _open_one(session: Session, number: int) -> Emergency:
    found = one(session.connection, number)
    if found.signed_at is not None:
        raise Refused(f"emergency access {number} was signed off already", code="EN-ILLEGAL-STEP")
    return found


def _patient(session: Session, number: int) -> bytes | None:
    (found,) = session.execute("SELECT patient FROM emergencies WHERE id = ?", (number,)).fetchone()
    return None if found is None else bytes(found)


def _shown(row: tuple[object, ...]) -> Emergency:
    number, at, *texts = row[:12]
    explained_at, explained_by, signed_at, signed_by, verdict = row[12:]
    names = ("direction", "interaction", "application", "counterparty", "system", "role", "ura", "message",
             "correlation", "result")  # fmt: skip
    told = {name: str(text) for name, text in zip(names, texts, strict=True)}
    moment = _moment(at)
    assert moment is not None
    return Emergency(
        id=int(str(number)),
        at=moment,
        **told | {"message": _harmless(told["message"])},
        explained_at=_moment(explained_at),
        explained_by=str(explained_by),
        signed_at=_moment(signed_at),
        signed_by=str(signed_by),
        verdict=Verdict(str(verdict)) if verdict else None,
    )


def _harmless(message: str) -> str:
    """Some systems use a patient's number as an id: a list shows it to nobody."""
    root, _, extension = message.partition("/")
    try:
        return MessageId(root, extension).shown
    except InvalidIdentifier:
        return ""


def _moment(at: object) -> datetime | None:
    return datetime.fromtimestamp(at, UTC) if isinstance(at, float | int) else None
