"""The table of what was told of this site's certificates, and how far each way of telling came.

Knows: that a step is written once for a certificate.
Must not know: when a step is due, how it is told.
"""

import sqlite3
from datetime import UTC, datetime
from typing import Any, Final

from edge_node.model.certificate import CertificateNotice, Counted, Part, Telling
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

_COLUMNS: Final = "seq, at, telling, days, fingerprint, part, name, subject, ends_at"
_INSERT: Final = """
    INSERT INTO certificate_notices (at, telling, days, fingerprint, part, name, subject, ends_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
_AFTER: Final = f"SELECT {_COLUMNS} FROM certificate_notices WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608
_NEWEST: Final = "SELECT coalesce(max(seq), 0) FROM certificate_notices"


def told(connection: sqlite3.Connection) -> dict[str, frozenset[int]]:
    """Return the steps of the countdown that were told, by certificate."""
    sql = "SELECT fingerprint, days FROM certificate_notices WHERE telling = ?"
    steps: dict[str, frozenset[int]] = {}
    for fingerprint, days in connection.execute(sql, (Telling.ENDS.value,)):
        steps[fingerprint] = steps.get(fingerprint, frozenset()) | {days}
    return steps


def add(session: Session, certificate: Counted, telling: Telling, days: int, at: Moment) -> bool:
    """Write one down; say whether it is new."""
    of_certificate = (certificate.fingerprint, certificate.part.value, certificate.name, certificate.subject)
    values = (at.now, telling.value, days, *of_certificate, certificate.ends_at.timestamp())
    return session.execute(_INSERT, values).rowcount == 1


def after(connection: sqlite3.Connection, seq: int, limit: int) -> tuple[CertificateNotice, ...]:
    """Return the next ones after that number."""
    return tuple(_notice(row) for row in connection.execute(_AFTER, (seq, limit)))


def cursor(session: Session, way: str) -> int:
    """Return how far this way of telling came. One that is new begins now: what was before it is in the status."""
    newest = int(session.execute(_NEWEST).fetchone()[0])
    session.execute("INSERT OR IGNORE INTO certificate_told VALUES (?, ?)", (way, newest))
    upto = int(session.execute("SELECT upto FROM certificate_told WHERE way = ?", (way,)).fetchone()[0])
    return min(upto, newest)  # a repair may have lost the newest lines, and their numbers are given again


def advance(session: Session, way: str, upto: int) -> None:
    """This way of telling came further."""
    session.execute("UPDATE certificate_told SET upto = ?2 WHERE way = ?1", (way, upto))


def _notice(row: tuple[Any, ...]) -> CertificateNotice:
    seq, at, telling, days, fingerprint, part, name, subject, ends_at = row
    return CertificateNotice(
        seq=seq,
        at=datetime.fromtimestamp(at, UTC),
        telling=Telling(telling),
        days=days,
        certificate=Counted(
            fingerprint=fingerprint,
            part=Part(part),
            name=name,
            subject=subject,
            ends_at=datetime.fromtimestamp(ends_at, UTC),
        ),
    )
