"""Space of the store's own: set apart, given up when the disk is full, made whole again."""

import errno
import os
import tempfile
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from edge_node.errors import StoreUnavailable
from edge_node.model.keeping import Admitted
from edge_node.store import admission
from edge_node.store.admission import Asked
from edge_node.store.batch import DiskFailed
from edge_node.store.reserve import NothingToSetApart, Reserve, ReserveState, give_back
from edge_node.store.session import Session
from edge_node.store.writer import Emergency, Writer
from tests.store.shelf import Shelf, push
from tests.store.test_writer import fail_to_sync, find_no_room

RECORDS = 500


class TestReserve(TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "store.db"
        self.shelf = Shelf(self.path)
        self.addCleanup(self.shelf.close)
        self.reserve = Reserve(self.path, RECORDS)

    def fill(self) -> None:
        while self.shelf.do(self.reserve.fill):
            pass
        self.reserve.filled()

    def grow_no_more(self) -> None:
        pages = self.shelf.session.execute("PRAGMA page_count").fetchone()[0]
        self.shelf.session.execute(f"PRAGMA max_page_count = {pages}")

    def test_pages_are_given_up_to_what_is_written_then(self) -> None:
        """The file cannot grow by a page, and yet a message goes in."""
        self.fill()
        self.grow_no_more()
        assert self.reserve.give_up(self.shelf.session)
        asked = Asked("9" * 32, self.shelf.at)
        big = push(9, body=b"x" * 100_000)
        assert isinstance(self.shelf.do(lambda session: admission.keep(session, big, asked)), Admitted)
        assert (self.reserve.state.is_open, self.reserve.state.is_used_up) == (True, False)

    def test_is_scarce_when_half_of_it_is_gone(self) -> None:
        """From then on what is refused is not logged in it: a doctor's questions are."""
        self.fill()
        self.reserve.give_up(self.shelf.session)
        assert not self.reserve.state.is_scarce
        asked = Asked("9" * 32, self.shelf.at)
        big = push(9, body=b"x" * (RECORDS * 2048 // 2 + 200_000))
        self.shelf.do(lambda session: admission.keep(session, big, asked))
        self.reserve.look(self.shelf.session)
        assert (self.reserve.state.is_scarce, self.reserve.state.is_used_up) == (True, False)

    def test_what_cannot_be_set_apart_is_not_given_up(self) -> None:
        """Twenty free megabytes are too few for a reserve, and enough for the questions of a week."""

        def no_room(*_: int) -> None:
            raise OSError(errno.ENOSPC, "no space")

        self.patch(os, "posix_fallocate", no_room)
        emergency = Emergency(give_up_reserve=self.reserve.give_up, look_at_reserve=self.reserve.look)
        writer = Writer(self.shelf.session, lambda call, *of: call(*of), print, lambda: None, emergency=emergency)
        (outcome,) = writer._run([self.reserve.fill])
        assert isinstance(outcome.error, NothingToSetApart)
        assert self.reserve.state == ReserveState()

    def test_the_next_start_knows_that_it_is_in_use(self) -> None:
        """Pushes stay refused until it is whole, also after a restart."""
        self.fill()
        self.reserve.give_up(self.shelf.session)
        assert Reserve(self.path, RECORDS).state.is_open

    def test_a_start_without_room_gives_the_file_back_once(self) -> None:
        """Then it finds room; twice there is nothing to give."""
        self.fill()
        assert [give_back(self.path), give_back(self.path)] == [True, False]

    def test_it_is_whole_again_when_there_is_room(self) -> None:
        """Nobody has to restart anything."""
        self.fill()
        self.reserve.give_up(self.shelf.session)
        self.fill()
        assert (self.reserve.state.is_open, self.shelf.count("reserve_pages") > 0) == (False, True)


class TestEmergency(TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.shelf = Shelf(Path(folder.name) / "store.db")
        self.fatal: Deferred[Exception] = Deferred()
        self.tries = 0
        self.is_readonly = True

    def writer(self, emergency: Emergency) -> Writer:
        made = Writer(
            self.shelf.session,
            reactor.callFromThread,
            self.fatal.callback,
            self.shelf.opened.database.close,
            emergency=emergency,
        )
        made.start()
        return made

    def full_once(self, session: Session) -> int:
        self.tries += 1
        return session.run if self.tries > 1 else find_no_room(session) or 0

    async def test_what_found_no_room_is_tried_once_more(self) -> None:
        """A doctor's question is logged from the reserve without the doctor seeing anything of it."""
        writer = self.writer(Emergency(give_up_reserve=lambda _: True))
        others = [writer.do(lambda session: session.run), writer.do(self.full_once)]
        assert [await each for each in others] == [1, 1]
        assert self.tries == 2
        await writer.close()

    async def test_on_a_read_only_disk_it_refuses_and_stays(self) -> None:
        """The local systems get an answer they can read; when the disk is writable a new start looks at it."""
        writer = self.writer(Emergency(is_readonly=lambda: self.is_readonly))
        for _ in range(2):
            with self.assertRaises(StoreUnavailable) as refused:
                await writer.do(fail_to_sync)
            assert refused.exception.code == "EN-STORE-READONLY"
        self.is_readonly = False
        last = writer.do(lambda session: session.run)
        assert isinstance(await self.fatal, DiskFailed)
        with self.assertRaises(StoreUnavailable):
            await last
        self.shelf.die()
