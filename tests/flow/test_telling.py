"""Telling goes on by itself: in order, at its own pace, again until it was taken."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge_node.errors import StoreUnavailable, Unavailable
from edge_node.flow.clock_watch import ClockWatch
from edge_node.flow.lateness import Lateness
from edge_node.flow.pacing import Pace
from edge_node.flow.retry import RetryPolicy
from edge_node.flow.telling import Teller, Telling, TellingTools
from edge_node.flow.telling_ways import MailWay, Readers, WebhookWay
from edge_node.formats import interactions, notices
from edge_node.formats.notice_mail import Letterhead
from edge_node.model.identifiers import MessageId
from edge_node.model.letter import Letter
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction
from edge_node.model.notice import Ages, Notice, NoticeKind, Told
from edge_node.model.overview import Row
from tests.doubles import FixedChance

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ACUTE = "ZTAZ_IN000001NL01"
EXPIRED = Notice(
    seq=1,
    at=AT,
    kind=NoticeKind.EXPIRED,
    application="300",
    uid="0123456789abcdef0123456789abcdef",
    direction=Direction.OUT,
    message_id=MessageId("1.2", "a"),
    interaction="PORX_IN932000NL",
    sender="300",
    receiver="400",
    state=State.EXPIRED,
    code="EN-LIFETIME-ENDED",
    unknown=False,
    kept_at=AT - timedelta(days=1),
)
HEAD = Letterhead(node="gp-1", environment="test", language="nl")


@dataclass
class Board:
    """Notices in memory, with how far each way came."""

    notices: list[Notice] = field(default_factory=list)
    upto: dict[tuple[str, str], int] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    is_broken: bool = False
    hearers: set[Callable[[], None]] = field(default_factory=set)
    asked: list[Ages] = field(default_factory=list)

    def hear(self, hearer: Callable[[], None]) -> Callable[[], None]:
        self.hearers.add(hearer)
        return lambda: self.hearers.discard(hearer)

    def add(self, *changed: Notice) -> None:
        for notice in changed:
            self.notices.append(replace(notice, seq=len(self.notices) + 1))
        for hearer in tuple(self.hearers):
            hearer()

    async def after(self, applications: frozenset[str] | None, seq: int, limit: int) -> tuple[Notice, ...]:
        if self.is_broken:
            raise StoreUnavailable("disk")
        found = [n for n in self.notices if n.seq > seq and (applications is None or n.application in applications)]
        return tuple(found[:limit])

    async def cursor(self, application: str, way: str) -> int:
        return self.upto.setdefault((application, way), 0)

    async def advance(self, application: str, way: str, upto: int) -> None:
        self.upto[application, way] = upto

    async def late(self, ages: Ages, limit: int) -> tuple[Row, ...]:
        self.asked.append(ages)
        return self.rows


@dataclass
class Ear:
    """The other side: a webhook and a mail server that fail when told to."""

    failures: int = 0
    calls: list[tuple[str, bytes]] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    hanging: Deferred[None] | None = None

    async def call(self, headers: tuple[tuple[str, str], ...], body: bytes) -> None:
        self.calls.append((dict(headers)["webhook-id"], body))
        if self.hanging is not None:
            await self.hanging
        self._fail("EN-WEBHOOK-FAILED")

    async def send(self, letter: Letter) -> None:
        self.letters.append(letter)
        self._fail("EN-MAIL-FAILED")

    def _fail(self, code: str) -> None:
        if self.failures:
            self.failures -= 1
            raise Unavailable("HTTP status 500", code=code)


def describe(notice: Notice) -> Told:
    return notices.tell(notice, interactions.load(), {})


class Bench:
    """One teller with everything around it."""

    def __init__(self) -> None:
        self.clock, self.board, self.ear = Clock(), Board(), Ear()
        self.chance = FixedChance(0.999)
        self.tools = TellingTools(
            notices=self.board,
            clock=self.clock,
            chance=self.chance,
            retry=lambda: RetryPolicy(first_s=4, cap_s=16),
        )

    def webhook(self) -> Teller:
        way = WebhookWay(
            application="300",
            node="gp-1",
            secrets=(b"s",),
            hook=self.ear,
            describe=describe,
            now=lambda: 1_790_000_000.0,
        )
        return Teller(way, self.tools)

    def mail(self, *, is_urgent: bool = False, application: str = "300") -> Teller:
        readers = Readers(
            application=application,
            to=("a@example.org",),
            sender="n@example.org",
            is_urgent=is_urgent,
        )
        pace = Pace(interval_s=60 if is_urgent else 900)
        way = MailWay(readers=readers, head=HEAD, post=self.ear, describe=describe, now=lambda: 1.0, pace=pace)
        return Teller(way, self.tools)

    def names(self) -> list[str]:
        return [name for name, _ in self.ear.calls]

    def run(self, seconds: int) -> None:
        self.clock.pump([1] * seconds)


class TestWebhook:
    def test_tells_what_comes_in_order_once_each(self) -> None:
        """A HIS that reads "released" before "held" shows the wrong thing."""
        bench = Bench()
        bench.webhook().begin()
        bench.board.add(EXPIRED, EXPIRED)
        bench.run(1)
        bench.board.add(EXPIRED)
        bench.run(1)
        assert bench.names() == ["gp-1.1", "gp-1.2", "gp-1.3"]

    def test_one_that_fails_is_tried_again_before_the_next(self) -> None:
        """At least once, in order; the same id says that it is the same."""
        bench = Bench()
        bench.ear.failures = 2
        bench.webhook().begin()
        bench.board.add(EXPIRED, EXPIRED)
        bench.run(30)
        assert bench.names() == ["gp-1.1", "gp-1.1", "gp-1.1", "gp-1.2"]

    def test_pauses_grow_while_it_stays_broken(self) -> None:
        """A HIS that starts is not hammered."""
        bench = Bench()
        bench.ear.failures = 100
        bench.webhook().begin()
        bench.board.add(EXPIRED)
        bench.run(60)
        assert 4 <= len(bench.ear.calls) <= 7

    def test_says_that_it_fails_and_since_when_until_it_works(self) -> None:
        """The status names it, so that somebody mends it."""
        bench = Bench()
        bench.ear.failures = 1
        teller = bench.webhook()
        teller.begin()
        bench.board.add(EXPIRED)
        bench.run(1)
        assert teller.fact.code == "EN-WEBHOOK-FAILED"
        assert teller.fact.since_s is not None
        bench.run(10)
        assert (teller.fact.code, teller.fact.since_s) == ("", None)

    def test_goes_on_where_it_was_after_a_restart(self) -> None:
        """What was taken is not told again, what was not is."""
        bench = Bench()
        bench.board.add(EXPIRED, EXPIRED)
        bench.board.upto["300", "webhook"] = 1
        bench.webhook().begin()
        assert bench.names() == ["gp-1.2"]

    def test_a_store_that_cannot_be_read_is_asked_again_later(self) -> None:
        """A full disk is no reason to fall silent for good."""
        bench = Bench()
        bench.board.is_broken = True
        bench.webhook().begin()
        bench.board.add(EXPIRED)
        bench.board.is_broken = False
        bench.run(20)
        assert bench.names() == ["gp-1.1"]

    def test_stop_waits_for_the_call_on_its_way_and_begins_none(self) -> None:
        """A call that is broken off would come twice."""
        bench = Bench()
        bench.ear.hanging = Deferred()
        teller = bench.webhook()
        teller.begin()
        bench.board.add(EXPIRED, EXPIRED)
        bench.run(1)
        stopping = Deferred.fromCoroutine(teller.stop(5.0))
        assert not stopping.called
        bench.ear.hanging.callback(None)
        bench.run(20)
        assert (stopping.called, bench.names()) == (True, ["gp-1.1"])

    def test_new_settings_take_the_place_of_the_old_ones(self) -> None:
        """Nobody is told twice because a setting changed."""
        bench = Bench()
        telling = Telling(bench.tools)
        way = bench.webhook()._way
        telling.become((way,))
        telling.become((way,))
        bench.board.add(EXPIRED)
        bench.run(5)
        assert (bench.names(), len(telling.facts)) == (["gp-1.1"], 1)


class TestMail:
    def test_first_trouble_is_mailed_at_once_and_the_rest_together(self) -> None:
        """A night with the line down is two mails, not a thousand."""
        bench = Bench()
        bench.mail().begin()
        bench.board.add(EXPIRED, EXPIRED)
        bench.run(6)
        for _ in range(50):
            bench.board.add(EXPIRED)
        bench.run(600)
        assert len(bench.ear.letters) == 1
        bench.run(400)
        assert [letter.text.count("Bericht-id") for letter in bench.ear.letters] == [2, 25]

    def test_acute_care_never_waits_for_the_summary(self) -> None:
        """A quarter of an hour is too long for who is on the way to the hospital."""
        bench = Bench()
        for is_urgent in (True, False):
            bench.mail(is_urgent=is_urgent).begin()
        bench.board.add(EXPIRED)
        bench.run(10)
        bench.board.add(replace(EXPIRED, interaction=ACUTE))
        bench.run(10)
        assert [letter.is_urgent for letter in bench.ear.letters] == [False, True]

    def test_staff_of_the_site_hear_only_of_trouble(self) -> None:
        """They look after the node, not after each prescription."""
        bench = Bench()
        bench.mail(application="").begin()
        bench.board.add(replace(EXPIRED, kind=NoticeKind.DELIVERED), replace(EXPIRED, application="301"))
        bench.run(10)
        assert [letter.text.count("Bericht-id") for letter in bench.ear.letters] == [1]
        assert bench.board.upto["", "mail"] == 2

    def test_a_mail_server_that_is_down_gets_it_later(self) -> None:
        """Nothing that is to be told is lost."""
        bench = Bench()
        bench.ear.failures = 3
        bench.mail().begin()
        bench.board.add(EXPIRED)
        bench.run(60)
        assert len(bench.ear.letters) == 4
        assert bench.board.upto["300", "mail"] == 1


class TestLateness:
    def late(self, bench: Bench) -> Lateness:
        watch = ClockWatch(bench.clock, bench.clock.seconds)
        lateness = Lateness(bench.board, lambda: Ages(), bench.clock, watch)
        lateness.begin()
        return lateness

    def test_looks_again_and_again(self) -> None:
        """Nobody else sees a message that nobody takes."""
        bench = Bench()
        self.late(bench)
        bench.run(960)
        assert len(bench.board.asked) >= 3

    def test_tells_of_no_age_while_the_clock_cannot_be_trusted(self) -> None:
        """A clock that jumped a day makes everything look old."""
        bench = Bench()
        self.late(bench)
        bench.run(890)
        assert bench.board.asked == []

    def test_stops(self) -> None:
        """A node that stops looks at nothing."""
        bench = Bench()
        self.late(bench).stop()
        assert bench.clock.getDelayedCalls() == []
