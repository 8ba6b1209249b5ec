"""The store as the line and the status use it: real threads, a real file."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from edge_node.errors import Refused, StoreUnavailable
from edge_node.flow.ports import Keeper
from edge_node.model.keeping import Admitted, Known, Renewal, Room
from edge_node.model.lifecycle import Event, State
from edge_node.model.message import Direction, TokenUse
from edge_node.model.overview import By, Choice
from edge_node.model.record import AccessPoint, Action, EventPart, LogEvent, LogRecord, Result, UserKind, UserPart
from edge_node.status.ports import Queue, Renewals
from edge_node.store import pruning
from edge_node.store.store import Store, open_store
from edge_node.store.surroundings import Shell, Surroundings
from tests.store.shelf import ANSWER, Counting, TwoClocks, push


class StoreCase(TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "state" / "store.db"
        self.fatal: list[Exception] = []
        self.points: list[str] = []
        self.store = self.open()
        self.addCleanup(lambda: Deferred.fromCoroutine(self.store.close()))

    def open(self) -> Store:
        around = Surroundings(clock=TwoClocks(), chance=Counting(), fail_point=self.points.append)
        shell = Shell(call_from_thread=reactor.callFromThread, aside=deferToThread, on_fatal=self.fatal.append)
        return open_store(self.path, around, shell)


class TestStore(StoreCase):
    def test_it_fits_what_the_line_and_the_people_need(self) -> None:
        """The type checker sees it here; the names are seen at run time."""
        keeper: Keeper = self.store
        queue: Queue = self.store
        renewals: Renewals = self.store
        assert keeper is queue is renewals

    async def test_what_waits_together_is_committed_together(self) -> None:
        """Sixty-four senders wait for a few turns of the disk, not for sixty-four."""
        await gatherResults([Deferred.fromCoroutine(self.store.keep(push(n), lease=False)) for n in range(64)])
        assert self.points.count("after-commit") < 32

    async def test_the_whole_way_of_a_message(self) -> None:
        """Kept, leased, settled, shown: each durable when it returns."""
        admitted = await self.store.keep(push(1), lease=False)
        assert isinstance(admitted, Admitted)
        (entry,) = await self.store.lease(Direction.OUT, Room(limit=5, bulk=5))
        await self.store.put_back(entry, "EN-NOT-SENT", after_s=0, unknown=False)
        (entry,) = await self.store.lease(Direction.OUT, Room(limit=5, bulk=5))
        await self.store.settle(entry, Event.ACKNOWLEDGED, "CA", ANSWER)
        await self.store.answered(entry.uid, ANSWER)
        shown = await self.store.find(push(1).message_id)
        assert shown is not None
        assert (shown.row.uid, shown.row.state, shown.row.attempts) == (admitted.uid, State.DELIVERED, 2)

    async def test_what_one_kind_of_removal_meets_keeps_none_of_the_others(self) -> None:
        """A damaged page of one table must not have letters stay that are in another."""
        ran: list[str] = []

        def damaged(*_: object) -> int:
            ran.append("damaged")
            raise StoreUnavailable("SQLITE_CORRUPT", code="EN-STORE-DAMAGED")

        def good(*_: object) -> int:
            ran.append("good")
            return 0

        self.patch(pruning, "STEPS", (damaged, good))
        with pytest.raises(StoreUnavailable):
            await self.store.prune(5)
        assert ran == ["damaged", "good"]

    async def test_nothing_due_and_nothing_over_is_said_so(self) -> None:
        """An idle node asks for nothing."""
        asked = [
            await self.store.lease(Direction.OUT, Room(limit=5, bulk=5)),
            await self.store.next_due_s(Direction.OUT),
            await self.store.wake(Direction.OUT, 5),
            await self.store.expire(5),
            await self.store.prune(5),
        ]
        assert asked == [[], None, 0, [], 0]

    async def test_many_that_lived_too_long_end_in_short_units(self) -> None:
        """After an outage of a day thousands end together: a doctor's question does not wait for all of them."""
        given = [push(number, order=str(number), lifetime_s=0) for number in range(120)]
        await gatherResults([Deferred.fromCoroutine(self.store.keep(each, lease=False)) for each in given])
        self.points.clear()
        ended = await self.store.expire(200)
        assert (len(ended), self.points.count("after-commit") >= 3) == (120, True)

    async def test_a_message_whose_token_ended_waits_for_a_signature(self) -> None:
        """The round that ends lifetimes ends tokens as well."""
        ended = TokenUse(b"t1", ends_at=1.0)
        admitted = await self.store.keep(push(1, token=b"t1", token_uses=(ended,)), lease=False)
        assert isinstance(admitted, Admitted)
        over = await self.store.expire(5)
        shown = await self.store.show(admitted.uid)
        assert shown is not None
        assert (over, shown.row.state) == ([], State.NEEDS_TOKEN)

    async def test_a_push_begun_is_answered_again_after_a_restart(self) -> None:
        """The memory is in the same file as all else."""
        await self.store.begin(push(1), holds_s=30)
        await self.store.finish(push(1), ANSWER)
        await self.store.begin(push(2, order="x"), holds_s=30)
        await self.store.abandon(push(2, order="x"), "EN-NOT-SENT", unknown=False)
        await self.store.close()
        self.store = self.open()
        assert await self.store.begin(push(1), holds_s=30) == Known(uid=None, answer=ANSWER)

    async def test_hands_out_the_bytes_of_a_message(self) -> None:
        """Whoever renews its tokens needs the rest of it; of what is gone, that is said."""
        admitted = await self.store.keep(push(1), lease=False)
        assert isinstance(admitted, Admitted)
        assert await self.store.payload(admitted.uid) == push(1).payload
        with pytest.raises(Refused) as refused:
            await self.store.payload("0" * 32)
        assert refused.value.code == "EN-NOT-FOUND"

    async def test_people_hold_and_release(self) -> None:
        """The verbs of the control socket."""
        admitted = await self.store.keep(push(1, token=b"t1"), lease=False)
        assert isinstance(admitted, Admitted)
        by = By(who="j.jansen", why="test")
        states = [
            (await self.store.hold(admitted.uid, by)).state,
            (await self.store.renew(admitted.uid, Renewal(digest=push(1).digest, token=b"t2", body=b"<new/>"))).state,
            (await self.store.release(admitted.uid, by)).state,
            (await self.store.retry(admitted.uid, by)).state,
            (await self.store.discard(admitted.uid, by)).state,
        ]
        assert states == [State.HELD, State.HELD, State.WAITING, State.WAITING, State.DISCARDED]
        assert len(await self.store.list(Choice(state=State.DISCARDED))) == 1
        assert await self.store.show("0" * 32) is None

    async def test_a_line_of_the_access_log_is_durable(self) -> None:
        """No byte of an answer leaves before its line is written."""
        line = LogRecord(
            event=EventPart(type=LogEvent.NODE, action=Action.EXECUTE, result=Result.OK, code="started"),
            user=UserPart(kind=UserKind.NODE),
            access_point=AccessPoint(node="n1"),
        )
        await self.store.record(line)
        assert self.points[-1] == "after-commit"

    async def test_closing_commits_what_waits_and_leaves_one_file(self) -> None:
        """A stop in the evening loses nothing, and the backup at night copies one whole file."""
        waiting: Any = self.store.keep(push(1), lease=False)
        kept = Deferred.fromCoroutine(waiting)
        await self.store.close()
        assert isinstance(await kept, Admitted)
        assert not self.path.with_name("store.db-wal").exists()

    async def test_after_closing_nothing_is_promised(self) -> None:
        """A late sender hears that nothing was accepted."""
        await self.store.close()
        with self.assertRaises(StoreUnavailable):
            await self.store.keep(push(1), lease=False)
