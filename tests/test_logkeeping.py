"""The access log of a running node is signed, filed, looked at, and its alarms are told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge_node.errors import EdgeNodeError, Refused, StoreUnavailable
from edge_node.logkeeping import Logkeeping, Parts
from edge_node.model.log_state import Bend, Breach, Found, Proof, SignedHead
from edge_node.model.overview import By

BENT = Found(Bend.CHANGED, 22, 22, "store")
CUT = Found(Bend.CUT_END, 90, 99)
SOUND = Proof(records=9, first=1, last=9, head=None, chains=("c",), found=())
HEAD = SignedHead(seq=9, hash="ab" * 32, at="2026-11-22T09:00:00.000Z", chain="c", key="k")


class Desk:
    """A log that does as a test says."""

    def __init__(self) -> None:
        self.head: SignedHead | None = HEAD
        self.public = SimpleNamespace(id="k")
        self.pem = "pem"
        self.done: list[str] = []
        self.fails: StoreUnavailable | None = None
        self.proof = SOUND
        self.found: list[Breach] = []
        self.is_shut = False
        self.newest = SOUND
        self.files: dict[str, tuple[int, ...]] = {"log-000001": (1,)}
        self.filed: tuple[str, ...] = ()
        self.pruned: str | None = None
        self.others = 1
        self.proving: Deferred[None] | None = None  # what a look at all of it waits for
        self.is_unreadable = False  # the disk gives errors for a file
        self.refuses = False  # who asks brought no head

    def publish_key(self) -> None:
        self.done.append("publish")

    async def sign_head(self) -> None:
        self.done.append("sign")
        if self.fails is not None:
            raise self.fails

    async def file(self) -> tuple[str, ...]:
        self.done.append("file")
        filed, self.filed = self.filed, ()
        self.files |= dict.fromkeys(filed, (7,))
        return filed

    async def prune(self) -> str | None:
        self.done.append("prune")
        pruned, self.pruned = self.pruned, None
        self.files.pop(pruned or "", None)
        return pruned

    async def index(self, pause: Callable[[], None] = lambda: None) -> bool:
        self.done.append("index")
        return False

    async def outline(self) -> dict[str, tuple[int, ...]]:
        return dict(self.files)

    async def writes_of_others(self) -> int:
        return self.others

    async def prove_newest(self, pause: Callable[[], None] = lambda: None) -> Proof:
        self.done.append("newest")
        return self.newest

    async def prove(self, wanted: str = "", pause: Callable[[], None] = lambda: None) -> Proof:
        self.done.append("prove")
        if self.proving is not None:
            await self.proving
        if self.refuses:
            raise Refused("no head", code="EN-CONTROL-REQUEST")
        if self.is_unreadable:
            raise EdgeNodeError("a disk", code="EN-LOG-UNREADABLE")
        return self.proof

    async def seal_off(self, proof: Proof) -> bool:
        known = {each.key for breach in self.found for each in breach.found}
        new = tuple(each for each in proof.found if each.key not in known)
        if new:
            self.found.append(Breach(id=len(self.found) + 1, at=0.0, chain="c", found=new))
        return bool(new)

    async def breaches(self) -> tuple[Breach, ...]:
        return tuple(self.found)

    async def see(self, by: By) -> int:
        count, self.found = len(self.found), []
        return count


class Node:
    def __init__(self) -> None:
        self.desk = Desk()
        self.reactor = Clock()
        self.journal = SimpleNamespace(
            head_interval_s=60.0, proof_interval_s=3600.0, look_interval_s=600.0, when_bent="go_on"
        )
        self.watch = SimpleNamespace(is_quiet=False)
        desk: Any = self.desk
        watch: Any = self.watch
        settings: Any = SimpleNamespace(journal=self.journal)
        self.keeping = Logkeeping(
            Parts(
                desk=desk,
                settings=lambda: settings,
                reactor=self.reactor,
                clock_watch=watch,
                moment=lambda: datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
                pause=lambda _: None,
            )
        )

    def prove(self, wanted: str = "") -> None:
        Deferred.fromCoroutine(self.keeping.prove(wanted)).addErrback(lambda failure: failure.raiseException())

    def see(self) -> None:
        Deferred.fromCoroutine(self.keeping.see(By(who="anna", why="incident 12")))


@pytest.fixture
def node() -> Node:
    return Node()


class TestRounds:
    def test_sign_and_file_each_minute(self, node: Node) -> None:
        """What is new is vouched for within a minute."""
        node.keeping.begin()
        node.reactor.advance(60)
        assert node.desk.done.count("sign") == 2
        assert node.desk.done[0] == "publish"

    def test_prune_nothing_while_the_clock_is_in_doubt(self, node: Node) -> None:
        """A clock that is years ahead would end all that is kept."""
        node.watch.is_quiet = True
        node.keeping.begin()
        node.reactor.advance(60)
        assert "prune" not in node.desk.done

    def test_look_at_all_of_it_once_in_an_interval(self, node: Node) -> None:
        """It takes seconds of a large log."""
        node.keeping.begin()
        node.reactor.pump([60] * 65)
        assert node.desk.done.count("prove") == 2

    def test_end_with_the_node(self, node: Node) -> None:
        """No round runs in a store that is closed."""
        node.keeping.begin()
        node.keeping.stop()
        node.reactor.advance(600)
        assert node.desk.done.count("sign") == 1

    def test_that_fail_are_told_in_the_status(self, node: Node) -> None:
        """A full disk files nothing; people see why."""
        node.desk.fails = StoreUnavailable("no room", code="EN-STORE-FULL")
        node.keeping.begin()
        assert node.keeping.fact.hindrance == "EN-STORE-FULL"
        node.desk.fails = None
        node.reactor.advance(60)
        assert node.keeping.fact.hindrance == ""


class TestLooking:
    @pytest.fixture
    def looked(self, node: Node) -> Node:
        """A node that looked at all of its log a moment ago."""
        node.keeping.begin()
        node.reactor.advance(60)
        node.desk.done.clear()
        return node

    def test_at_the_newest_comes_more_often(self, looked: Node) -> None:
        """What is in the store is what somebody who covers his tracks is after, and it is small."""
        looked.reactor.pump([60] * 25)
        assert (looked.desk.done.count("newest"), looked.desk.done.count("prove")) == (2, 0)

    @pytest.mark.parametrize("files", [{"log-000001": (2,)}, {}, {"log-000001": (1,), "log-000009": (1,)}])
    def test_at_all_of_it_comes_soon_where_a_file_was_touched(
        self, looked: Node, files: dict[str, tuple[int, ...]]
    ) -> None:
        """Nobody but this node has business in that folder."""
        looked.desk.files = files
        looked.reactor.pump([60] * 3)
        assert looked.desk.done.count("prove") == 1

    def test_at_all_of_it_does_not_come_for_what_the_node_did(self, looked: Node) -> None:
        """A segment a week becomes a file, and one goes."""
        looked.desk.filed, looked.desk.pruned = ("log-000002",), "log-000001"
        looked.reactor.pump([60] * 3)
        assert (looked.desk.done.count("prove"), set(looked.desk.files)) == (0, {"log-000002"})

    def test_at_all_of_it_does_not_come_again_for_what_the_node_did_meanwhile(self, looked: Node) -> None:
        """A look at years of log takes minutes, in which a segment becomes a file."""
        looked.desk.files["log-000001"], looked.desk.proving = (2,), Deferred()
        looked.reactor.advance(20)
        looked.desk.filed = ("log-000002",)
        looked.reactor.advance(40)
        looked.desk.proving.callback(None)
        looked.desk.proving = None
        looked.reactor.pump([20] * 6)
        assert (looked.desk.done.count("prove"), "log-000002" in looked.desk.files) == (1, True)

    def test_at_what_a_disk_does_not_give_comes_no_more_often_than_at_the_newest(self, looked: Node) -> None:
        """Each reads years of log: three a minute would take a core from the questions of doctors."""
        looked.desk.files["log-000001"], looked.desk.is_unreadable = (2,), True
        looked.reactor.pump([20.0] * 29)
        assert (looked.desk.done.count("prove"), looked.keeping.fact.hindrance) == (1, "EN-LOG-UNREADABLE")
        looked.desk.is_unreadable = False
        looked.reactor.pump([20.0] * 33)
        assert (looked.desk.done.count("prove"), looked.keeping.fact.hindrance) == (2, "")

    def test_for_a_head_that_is_none_puts_nothing_off(self, looked: Node) -> None:
        """A typing error of an operator is no fault of the disk."""
        looked.desk.refuses = True
        refused: list[Any] = []
        Deferred.fromCoroutine(looked.keeping.prove("no head")).addErrback(refused.append)
        looked.desk.refuses = False
        looked.reactor.pump([20.0] * 6)
        assert ([each.type for each in refused], looked.keeping.fact.hindrance) == ([Refused], "")

    def test_for_the_first_time_comes_again_soon_where_the_disk_did_not_give_it(self, node: Node) -> None:
        """A day without a look would be told of in one line of a minute."""
        node.desk.is_unreadable = True
        node.keeping.begin()
        node.reactor.pump([20.0] * 29)
        assert (node.desk.done.count("prove"), node.keeping.fact.hindrance) == (1, "EN-LOG-UNREADABLE")
        node.desk.is_unreadable = False
        node.reactor.pump([20.0] * 15)
        assert node.keeping.fact.is_sound

    def test_finds_what_was_done_to_the_newest(self, looked: Node) -> None:
        """The same is sealed off and told as by a look at all of it."""
        looked.desk.newest = Proof(records=9, first=1, last=9, head=None, chains=("c",), found=(BENT,))
        looked.reactor.pump([60] * 15)
        assert (looked.keeping.fact.found, looked.keeping.fact.is_sound) == ((BENT,), False)

    def test_comes_within_seconds_where_somebody_else_wrote_into_the_store(self, looked: Node) -> None:
        """Who changes a line with a tool of his own is told of while he still sits there."""
        looked.reactor.advance(20)
        looked.desk.others, looked.desk.newest = 2, replace(SOUND, found=(BENT,))
        looked.reactor.advance(20)
        assert looked.keeping.fact.found == (BENT,)

    def test_comes_within_seconds_where_a_file_was_touched(self, looked: Node) -> None:
        """The file of a segment is never written again."""
        looked.desk.files["log-000001"], looked.desk.proof = (2,), replace(SOUND, found=(BENT,))
        looked.reactor.advance(20)
        assert looked.keeping.fact.found == (BENT,)

    def test_reads_nothing_while_nobody_was_there(self, looked: Node) -> None:
        """Once in twenty seconds, for years."""
        looked.desk.done.clear()
        looked.reactor.pump([20.0, 20.0])
        assert looked.desk.done == []

    def test_tells_what_the_end_of_the_chain_showed(self, looked: Node) -> None:
        """That is found when the next line is written, by whoever writes it."""
        looked.desk.found.append(Breach(id=1, at=0.0, chain="c", found=(BENT,)))
        looked.reactor.advance(60)
        assert looked.keeping.fact.found == (BENT,)


class TestABentLog:
    def test_is_in_the_status_until_it_was_seen(self, node: Node) -> None:
        """Somebody has to look at it."""
        node.desk.proof = Proof(records=9, first=1, last=9, head=None, chains=("c",), found=(BENT,))
        node.prove()
        assert (node.keeping.fact.found, node.keeping.fact.is_sound) == ((BENT,), False)
        node.see()
        assert node.keeping.fact.found == ()

    def test_stops_nothing_unless_the_site_chose_so(self, node: Node) -> None:
        """A doctor is not kept from a patient by what somebody did to a file."""
        node.desk.proof = Proof(records=9, first=1, last=9, head=None, chains=("c",), found=(BENT,))
        node.prove()
        assert (node.keeping.fact.is_shut, node.desk.is_shut) == (False, False)

    def test_stops_the_intake_of_a_site_that_chose_so(self, node: Node) -> None:
        """Until somebody has seen it."""
        node.journal.when_bent = "stop_intake"
        node.desk.proof = Proof(records=9, first=1, last=9, head=None, chains=("c",), found=(BENT,))
        node.prove()
        assert node.desk.is_shut
        node.see()
        assert not node.desk.is_shut

    def test_a_reload_that_chooses_otherwise_counts_at_once(self, node: Node) -> None:
        """The board decided that the work goes on."""
        node.journal.when_bent = "stop_intake"
        node.desk.proof = Proof(records=9, first=1, last=9, head=None, chains=("c",), found=(BENT,))
        node.prove()
        node.journal.when_bent = "go_on"
        node.keeping.become()
        assert not node.desk.is_shut

    def test_is_not_one_that_a_foreign_head_does_not_fit(self, node: Node) -> None:
        """Whoever brings the head of another node must not seal off this log."""
        node.desk.proof = Proof(records=9, first=1, last=9, head=None, chains=("c",), found=(CUT,))
        node.prove("99:ab")
        assert node.desk.found == []

    def test_is_one_that_the_head_of_the_node_does_not_fit(self, node: Node) -> None:
        """Its own newest head it was held to: the end is gone."""
        node.desk.proof = Proof(records=9, first=1, last=9, head=None, chains=("c",), found=(CUT,))
        node.prove()
        assert node.keeping.fact.found == (CUT,)


class TestTheFact:
    def test_names_the_newest_head(self, node: Node) -> None:
        """It goes into the metrics, the report and the daily mail."""
        assert (node.keeping.fact.head_name, node.keeping.fact.key) == (HEAD.name, "k")
