"""A store is opened: a new run begins, and what older runs had in hand is taken back.

Knows: the run counter, the key file that belongs to the store, the recovery before serving.
Must not know: threads, the reactor.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_node.errors import StoreUnavailable
from edge_node.model.overview import By, Row
from edge_node.model.record import LogRecord
from edge_node.store import (
    aside,
    database,
    interventions,
    journal,
    queue,
    rehashing,
    rekeying,
    replacing,
    rotation,
    sealed_files,
    taking_up,
    unlocking,
    views,
)
from edge_node.store.batch import transact
from edge_node.store.database import Database
from edge_node.store.faults import translated
from edge_node.store.inbox_desk import InboxDesk, Look
from edge_node.store.log_desk import LogDesk
from edge_node.store.messages import Message
from edge_node.store.reader import Reader
from edge_node.store.reserve import give_back
from edge_node.store.sealing import Sealer
from edge_node.store.session import Session
from edge_node.store.stock import Stock, at_once
from edge_node.store.surroundings import Moment, Surroundings, moment

Verb = Callable[[Session, str, By, Moment], Message]


@dataclass(slots=True)
class Opened:
    """An open store of this run."""

    database: Database
    session: Session


def open_run(path: Path, around: Surroundings) -> Opened:
    """Open the store; on a full disk with what was set apart for that."""
    try:
        return _open_run(path, around)
    except StoreUnavailable as error:
        if error.code != "EN-STORE-FULL" or not give_back(path):
            raise
    return _open_run(path, around)


def _open_run(path: Path, around: Surroundings) -> Opened:
    """Open the store for changing and recover it. Takes as long as a handful of statements, however full it is."""
    replacing.check_finished(path)
    opened = database.open_exclusively(path)
    try:
        patient_key = unlocking.patient_key(opened.connection, path, around.chance)
        ring = unlocking.ring(opened.connection, path, around)
        session = Session(
            connection=opened.connection,
            key=patient_key,
            sealer=Sealer(opened.connection, ring, around.clock.now, around.chance),
            log=taking_up.log_of(opened.connection, ring, around),
            run=_next_run(opened.connection),
            retention=around.retention,
            fail_point=around.fail_point,
            moment=lambda: moment(around.clock),
            floor=aside.floor(opened.connection),
            stuck=aside.stuck(opened.connection),
        )
        if not around.sealing.may_be_absent:
            transact(session, lambda session: _take_up_keys(session, path, around))
        rehashing.go_on(session, path, lambda _table, _rows: None)
        transact(session, lambda session: taking_up.go_on(session, moment(around.clock)))
        transact(session, rekeying.rekey)
        transact(session, lambda session: queue.take_back(session, moment(around.clock)))
    except BaseException as error:
        opened.abandon()
        if isinstance(error, sqlite3.Error):
            raise translated(error) from error
        raise
    return Opened(opened, session)


def _take_up_keys(session: Session, path: Path, around: Surroundings) -> None:
    plan = rotation.plan(path, around)
    rotation.take_up(session, plan)
    if around.sealing.recovery is not None:
        rotation.recover_for(session, around.sealing.recovery, plan)


def _next_run(connection: sqlite3.Connection) -> int:
    sql = (
        "INSERT INTO meta (key, value) VALUES ('run', 1) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value"
    )
    return int(connection.execute(sql).fetchall()[0][0])


class Offline:
    """The queue while no daemon runs: the verbs of people, under the exclusive lock."""

    def __init__(self, session: Session, around: Surroundings) -> None:
        self._session = session
        self._around = around

    def retry(self, uid: str, by: By) -> Row:
        """Make it due now."""
        return self._do(interventions.retry, uid, by)

    def discard(self, uid: str, by: By) -> Row:
        """End it undelivered."""
        return self._do(interventions.discard, uid, by)

    def hold(self, uid: str, by: By) -> Row:
        """Keep it from being sent."""
        return self._do(interventions.hold, uid, by)

    def release(self, uid: str, by: By) -> Row:
        """Let it be sent again."""
        return self._do(interventions.release, uid, by)

    def inbox(self, look: Look) -> InboxDesk:
        """The inbox: each unit of work is committed before it returns; nothing here waits."""

        async def do(work: Callable[[Session], Any]) -> Any:
            return transact(self._session, work)

        return InboxDesk(do, self._around, self._session.run, look)

    def record(self, record: LogRecord) -> None:
        """Add a line to the access log."""
        at = moment(self._around.clock)
        transact(self._session, lambda session: journal.add(session, record, at.now))

    def seal(self, path: Path, secret: bytes) -> None:
        """Keep a secret in a file that opens with what opens the store. Raises `EN-SEALING-KEY`."""
        sealed_files.seal(path, secret, self._session.sealer.ring, self._around.chance)

    def log(self, path: Path) -> LogDesk:
        """The access log, under the same lock; nothing of it waits."""

        async def do(work: Callable[[Session], Any]) -> Any:
            return transact(self._session, work)

        return LogDesk(path, self._session, do, (at_once, self._around))

    def stock(self, reader: Reader) -> Stock:
        """Return the messages in numbers, under the same lock; nothing of it waits."""

        async def do(work: Callable[[Session], Any]) -> Any:
            return transact(self._session, work)

        return Stock(do, reader, at_once, self._around.clock)

    def _do(self, verb: Verb, uid: str, by: By) -> Row:
        at = moment(self._around.clock)
        message = transact(self._session, lambda session: verb(session, uid, by, at))
        return views.row(message, self._session.run, at)


@contextmanager
def open_offline(path: Path, around: Surroundings) -> Iterator[Offline]:
    """Open the store to change it without a daemon. Raises `EN-STORE-IN-USE` while one runs."""
    opened = open_run(path, around)
    try:
        yield Offline(opened.session, around)
    finally:
        opened.database.close()
