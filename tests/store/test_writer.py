"""The one thread that writes."""

import sqlite3
import tempfile
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from edge_node.errors import StoreUnavailable
from edge_node.store.batch import DiskFailed
from edge_node.store.session import Session
from edge_node.store.writer import Writer
from tests.store.shelf import Shelf


def fail_to_sync(_: Session) -> None:
    """What SQLite raises when the disk does not take the bytes."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
    raise error


def find_no_room(_: Session) -> None:
    """What SQLite raises when the disk is full."""
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    raise error


class TestWriter(TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.shelf = Shelf(Path(folder.name) / "store.db")
        self.fatal: Deferred[Exception] = Deferred()
        self.writer = Writer(
            self.shelf.session, reactor.callFromThread, self.fatal.callback, self.shelf.opened.database.close
        )

    async def test_a_value_comes_back_in_the_reactors_thread(self) -> None:
        """The line may use it without a lock."""
        self.writer.start()
        assert await self.writer.do(lambda session: session.run) == 1
        await self.writer.close()

    async def test_a_failed_disk_ends_everything_and_promises_nothing(self) -> None:
        """Whoever waits is refused, whoever comes is refused, and the process is told to end."""
        results = [self.writer.do(fail_to_sync), self.writer.do(lambda session: session.run)]
        self.writer.start()
        error = await self.fatal
        results.append(self.writer.do(lambda session: session.run))
        for result in results:
            with self.assertRaises(StoreUnavailable):
                await result
        assert isinstance(error, DiskFailed)
        self.shelf.die()

    async def test_tells_how_the_last_commit_ended(self) -> None:
        """A node that cannot record must not say that it is well."""
        self.writer.start()
        with self.assertRaises(StoreUnavailable):
            await self.writer.do(find_no_room)
        failed = self.writer.failure
        await self.writer.do(lambda session: session.run)
        assert (failed, self.writer.failure) == ("EN-STORE-FULL", "")
        await self.writer.close()

    async def test_one_commit_takes_at_most_its_cap(self) -> None:
        """A flood must not make the first sender wait for the last one."""
        commits: list[str] = []
        self.shelf.session.fail_point = commits.append
        waiting = [self.writer.do(lambda session: session.run) for _ in range(200)]
        self.writer.start()
        for each in waiting:
            await each
        assert commits.count("after-commit") == 2
        await self.writer.close()

    async def test_large_messages_are_committed_in_smaller_groups(self) -> None:
        """Eight megabytes a commit keep the wait for the disk short."""
        commits: list[str] = []
        self.shelf.session.fail_point = commits.append
        waiting = [self.writer.do(lambda session: session.run, nbytes=5_000_000) for _ in range(6)]
        self.writer.start()
        for each in waiting:
            await each
        assert commits.count("after-commit") == 3
        await self.writer.close()
