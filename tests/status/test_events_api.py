"""What a local system reads at /v1/events, and how it waits for it."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge_node.errors import Refused, Unavailable
from edge_node.model.identifiers import ApplicationId, MessageId
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction
from edge_node.model.notice import Notice, NoticeKind
from edge_node.model.peer import LocalCaller
from edge_node.status.answers import ApiAnswer
from edge_node.status.bell import Bell
from edge_node.status.events_api import EventLimits, EventsApi

from .doubles import NOW, UID

HIS = LocalCaller(name="his", method="bearer")
AIS = LocalCaller(name="ais", method="basic")
APPLICATIONS = {"his": frozenset({ApplicationId("300")}), "ais": frozenset({ApplicationId("301")})}
DEAD = Notice(
    seq=1,
    at=NOW,
    kind=NoticeKind.DEAD,
    application="300",
    uid=UID,
    direction=Direction.OUT,
    message_id=MessageId("1.2", "a"),
    interaction="PORX_IN932000NL",
    sender="300",
    receiver="400",
    state=State.DEAD,
    code="RTUDEST",
    unknown=False,
    kept_at=NOW,
)


@dataclass
class Board:
    """Notices in memory."""

    notices: list[Notice] = field(default_factory=list)
    before_the_restore: int = 0

    async def after(self, applications: frozenset[str] | None, seq: int, limit: int) -> tuple[Notice, ...]:
        assert applications is not None
        return tuple(n for n in self.notices if n.seq > seq and n.application in applications)[:limit]

    async def known(self, seq: int) -> int:
        return self.before_the_restore if seq > len(self.notices) else seq


class Counter:
    """The address, on notices in memory."""

    def __init__(self, *notices: Notice) -> None:
        self.clock, self.board = Clock(), Board()
        self.api = EventsApi(
            notices=self.board,
            bell=Bell(self.clock),
            applications_of=lambda caller: APPLICATIONS[caller.name],
            describe=lambda notice: {"id": notice.seq},
            limits=lambda: EventLimits(longest_wait_s=30, pollers=2),
        )
        for notice in notices:
            self.add(notice)

    def add(self, notice: Notice = DEAD) -> None:
        self.board.notices.append(replace(notice, seq=len(self.board.notices) + 1))
        self.api.ring()

    def asking(self, query: str = "", *, caller: LocalCaller = HIS, method: str = "GET") -> Deferred[ApiAnswer]:
        return Deferred.fromCoroutine(self.api.handle(caller, method, f"/v1/events{query}", ((), b"")))

    def ask(self, query: str = "", **other: Any) -> dict[str, Any]:
        return said(self.asking(query, **other))

    def error(self, query: str, **other: Any) -> Exception:
        failures: list[Exception] = []
        self.asking(query, **other).addErrback(lambda failure: failures.append(failure.value))
        return failures[0]


def said(answer: Deferred[ApiAnswer]) -> dict[str, Any]:
    answers: list[ApiAnswer] = []
    answer.addCallback(answers.append)
    return dict(json.loads(answers[0].body))


class TestReading:
    def test_gives_what_came_after_and_where_to_go_on(self) -> None:
        """A HIS keeps one number, and misses nothing."""
        counter = Counter(DEAD, DEAD, DEAD)
        assert counter.ask("?after=1") == {"events": [{"id": 2}, {"id": 3}], "next": 3, "reset": False}

    def test_gives_no_more_than_asked(self) -> None:
        """After a long outage it reads in pieces."""
        assert Counter(DEAD, DEAD).ask("?limit=1")["next"] == 1

    def test_gives_a_caller_only_its_own(self) -> None:
        """The pharmacy is no party to what the practice sends."""
        assert Counter(DEAD).ask(caller=AIS)["events"] == []

    def test_stays_where_it_was_when_there_is_nothing(self) -> None:
        """An empty answer moves nobody."""
        assert Counter(DEAD).ask("?after=1")["next"] == 1

    def test_begins_anew_for_who_read_further_than_there_is(self) -> None:
        """The store was replaced by an older one: waiting for its old number it would hear nothing for months."""
        assert Counter(DEAD).ask("?after=500&wait_s=10") == {"events": [{"id": 1}], "next": 1, "reset": True}

    def test_goes_on_where_the_backup_ended_for_who_read_what_is_lost(self) -> None:
        """What was told between the backup and the end of the machine is lost; what came since is not."""
        counter = Counter(DEAD, DEAD)
        counter.board.before_the_restore = 1
        assert counter.ask("?after=500") == {"events": [{"id": 2}], "next": 2, "reset": True}

    def test_says_so_when_nothing_came_since(self) -> None:
        """An answer that waits for news would hide for a minute that some are lost."""
        counter = Counter(DEAD, DEAD)
        counter.board.before_the_restore = 2
        assert counter.ask("?after=500&wait_s=10") == {"events": [], "next": 2, "reset": True}

    @pytest.mark.parametrize(
        "query",
        ["?after=x", "?after=-1", "?after=1&after=2", "?since=1", "?after", "?wait_s=1e3", "?after=" + "9" * 30],
    )
    def test_refuses_what_it_does_not_understand(self, query: str) -> None:
        """A mistyped name would poll from the start for ever."""
        error = Counter().error(query)
        assert isinstance(error, Refused)
        assert error.code == "EN-REQUEST"

    def test_takes_only_reading(self) -> None:
        """Nothing is changed here."""
        assert Counter().error("", method="POST").code == "EN-METHOD"  # type: ignore[attr-defined]

    def test_has_no_addresses_below(self) -> None:
        """What is not there is not there."""
        assert Counter().error("/1").code == "EN-NOT-FOUND"  # type: ignore[attr-defined]


class TestWaiting:
    def test_answers_as_soon_as_there_is_something(self) -> None:
        """A HIS that waits hears it within the second."""
        counter = Counter()
        waiting = counter.asking("?wait_s=20")
        counter.clock.advance(3)
        assert not waiting.called
        counter.add()
        assert said(waiting)["events"] == [{"id": 1}]

    def test_goes_on_waiting_when_the_news_is_another_s(self) -> None:
        """An empty answer for every message of the pharmacy would be no waiting at all."""
        counter = Counter()
        waiting = counter.asking("?wait_s=20")
        counter.add(replace(DEAD, application="301"))
        assert not waiting.called
        counter.clock.pump([1] * 20)
        assert said(waiting) == {"events": [], "next": 0, "reset": False}

    def test_waits_no_longer_than_the_site_allows(self) -> None:
        """Proxies cut what is silent for a minute."""
        counter = Counter()
        waiting = counter.asking("?wait_s=3600")
        counter.clock.pump([1] * 30)
        assert waiting.called

    def test_no_more_wait_than_there_is_room_for(self) -> None:
        """A HIS that forgets to close its polls must not take the connections of messages."""
        counter = Counter()
        waiting = [counter.asking("?wait_s=20") for _ in range(2)]
        error = counter.error("?wait_s=20")
        assert isinstance(error, Unavailable)
        assert (error.code, error.retry_after_s) == ("EN-BUSY", 5.0)
        counter.clock.pump([1] * 20)
        assert all(each.called for each in waiting)

    def test_one_system_takes_no_place_of_another(self) -> None:
        """A pharmacy that opens a request for each of its windows must not make the practice deaf."""
        counter = Counter()
        waiting = [counter.asking("?wait_s=20", caller=AIS) for _ in range(2)]
        waiting += [counter.asking("?wait_s=20") for _ in range(2)]
        assert not any(each.called for each in waiting)
        counter.clock.pump([1] * 20)

    def test_a_place_is_free_again_after_the_answer(self) -> None:
        """Who asks again and again, as he should, is never refused."""
        counter = Counter()
        first = [counter.asking("?wait_s=20") for _ in range(2)]
        counter.clock.pump([1] * 20)
        again = [counter.asking("?wait_s=20") for _ in range(2)]
        counter.clock.pump([1] * 20)
        assert [said(each)["events"] for each in (*first, *again)] == [[]] * 4

    def test_who_hangs_up_makes_room(self) -> None:
        """His connection is gone, and so is his place."""
        counter = Counter()
        waiting = [counter.asking("?wait_s=20") for _ in range(2)]
        for each in waiting:
            each.addErrback(lambda _: None)
            each.cancel()
        assert counter.api.bell.waiting == 0
        assert not counter.asking("?wait_s=20").called
        counter.clock.pump([1] * 20)
