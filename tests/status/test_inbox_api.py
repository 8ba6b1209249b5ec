"""What a local system can fetch, and how it says what it did with it."""

import json
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge_node.errors import EdgeNodeError, Refused, StoreUnavailable
from edge_node.model.finding import Finding
from edge_node.model.identifiers import ApplicationId
from edge_node.model.inbox import Ended, Fetcher, Key, Offer, Opened, Wish
from edge_node.model.keeping import Renewal
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction, Payload, Reading
from edge_node.model.overview import Row
from edge_node.model.peer import LocalCaller
from edge_node.status.answers import ApiAnswer
from edge_node.status.api import LocalApi
from edge_node.status.bell import Bell
from edge_node.status.inbox_api import InboxApi, InboxLimits

from .doubles import NOW, UID, MemoryQueue, row

HIS = LocalCaller(name="his", method="bearer")
LOCK = "a" * 32
PAYLOAD = Payload(path="Letter", soap_action="urn:hl7-org:v3/Letter_Send", body=b"<letter/>")


class MemoryInbox:
    """An inbox in memory, that remembers what was asked of it."""

    def __init__(self) -> None:
        self.offers: list[Offer] = []
        self.asked: list[tuple[Any, ...]] = []
        self.trouble: EdgeNodeError | None = None
        self.payload = PAYLOAD

    async def lock(self, fetcher: Fetcher, wish: Wish) -> tuple[Offer, ...]:
        self._note("lock", fetcher, wish)
        given, self.offers = self.offers[: wish.most], self.offers[wish.most :]
        return tuple(given)

    async def open(self, fetcher: Fetcher, key: Key) -> Opened:
        self._note("open", fetcher, key)
        return Opened(row=row(direction=Direction.IN, unknown=True), payload=self.payload)

    async def confirm(self, fetcher: Fetcher, key: Key) -> Ended:
        self._note("confirm", fetcher, key)
        return Ended(uid=key.uid, state=State.DELIVERED)

    async def release(self, fetcher: Fetcher, key: Key) -> Ended:
        self._note("release", fetcher, key)
        return Ended(uid=key.uid, state=State.WAITING)

    async def extend(self, fetcher: Fetcher, key: Key, lock_s: float) -> Ended:
        self._note("extend", fetcher, key, lock_s)
        return Ended(uid=key.uid, state=State.IN_FLIGHT)

    def _note(self, *asked: Any) -> None:
        self.asked.append(asked)
        if self.trouble is not None:
            raise self.trouble


def offer(uid: str = UID, **other: Any) -> Offer:
    values: dict[str, Any] = {
        "key": Key(uid=uid, lock=LOCK),
        "message_id": "1.2/3",
        "interaction": "MCAA_IN000001NL",
        "sender": "9",
        "receiver": "111",
        "kept_at": NOW,
        "size": 9,
        "attempts": 1,
        "redelivery": False,
        "correlation": "c1",
    }
    return Offer(**(values | other))


class Counter:
    """A local API with an inbox in memory, and time moved by hand."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.inbox = MemoryInbox()
        self.bell = Bell(self.clock)
        self.woken: list[Direction] = []
        queue = MemoryQueue([])
        limits = InboxLimits(lock_s=60, longest_lock_s=600, longest_wait_s=30, most=100, most_waiting=2)
        room = InboxApi(
            inbox=self.inbox,  # type: ignore[arg-type]  # what people ask is not asked here
            bell=self.bell,
            applications_of=lambda _caller: frozenset({ApplicationId("111")}),
            wake=self.woken.append,
            limits=lambda: limits,
        )
        self.api = LocalApi(
            queue=queue,
            renewals=queue,
            read=_unread,
            judge=_unjudged,
            fhir_renewal=_unrenewed,
            applications_of=lambda _caller: frozenset({ApplicationId("111")}),
            rooms={"inbox": room},
        )

    def begin(self, path: str, asked: Any = None, method: str = "POST", headers: Any = ()) -> "Deferred[ApiAnswer]":
        body = asked if isinstance(asked, bytes) else b"" if asked is None else json.dumps(asked).encode()
        return Deferred.fromCoroutine(self.api.handle(HIS, method, path, (tuple(headers), body)))

    def raw(self, path: str, asked: Any = None, method: str = "POST", headers: Any = ()) -> ApiAnswer:
        answers: list[ApiAnswer] = []
        self.begin(path, asked, method, headers).addCallback(answers.append)
        return answers[0]

    def ask(self, path: str, asked: Any = None, method: str = "POST", headers: Any = ()) -> tuple[int, Any]:
        answer = self.raw(path, asked, method, headers)
        return answer.status, json.loads(answer.body)


async def _unread(_body: bytes) -> Reading:
    raise AssertionError("no message is handed in here")


async def _unrenewed(_caller: LocalCaller, _row: Row, _headers: Any) -> Renewal:
    raise AssertionError("no token is handed in here")


async def _unjudged(_caller: LocalCaller, _reading: Reading, _body: bytes) -> tuple[Finding, ...]:
    raise AssertionError("no token is handed in here")


@pytest.fixture
def counter() -> Counter:
    return Counter()


class TestLock:
    def test_gives_what_waits_with_its_locks(self, counter: Counter) -> None:
        """All that a system needs to fetch the bytes and to say what it did."""
        counter.inbox.offers = [offer(redelivery=True)]
        status, document = counter.ask("/v1/inbox/lock")
        assert (status, document) == (
            200,
            {
                "items": [
                    {
                        "id": UID,
                        "lock": LOCK,
                        "lock_s": 60,
                        "message_id": "1.2/3",
                        "interaction": "MCAA_IN000001NL",
                        "sender": "9",
                        "receiver": "111",
                        "received_at": "2026-03-02T12:00:00Z",
                        "redelivery": True,
                        "attempt": 1,
                        "size_bytes": 9,
                        "body": f"/v1/inbox/{UID}/body",
                        "correlation": "c1",
                    }
                ]
            },
        )

    def test_asks_only_for_the_callers_own_applications(self, counter: Counter) -> None:
        """Nobody fetches another organisation's letters."""
        counter.ask("/v1/inbox/lock", {"limit": 5, "lock_s": 90})
        assert counter.inbox.asked == [
            ("lock", Fetcher(system="his", applications=frozenset({"111"})), Wish(most=5, lock_s=90))
        ]

    def test_an_empty_inbox_is_no_error(self, counter: Counter) -> None:
        """Most questions find nothing."""
        assert counter.ask("/v1/inbox/lock") == (200, {"items": []})

    @pytest.mark.parametrize(
        "asked",
        [
            {"limit": 0},
            {"limit": 101},
            {"limit": True},
            {"limit": "5"},
            {"lock_s": 0},
            {"lock_s": 601},
            {"wait_s": 31},
            {"wait_s": -1},
            {"wait_s": None},
            {"patience": 1},
            [],
            b"{",
            b'"' + b"x" * 5000 + b'"',
            b"[" * 4000,
        ],
    )
    def test_refuses_what_it_cannot_do(self, counter: Counter, asked: Any) -> None:
        """A number that is cut in silence is a lock that ends in the middle of the work."""
        status, document = counter.ask("/v1/inbox/lock", asked)
        assert (status, document["code"], counter.inbox.asked) == (400, "EN-REQUEST", [])

    def test_tells_that_the_store_cannot_record(self, counter: Counter) -> None:
        """A message that cannot be locked durably is given to nobody."""
        counter.inbox.trouble = StoreUnavailable("the disk is full", code="EN-STORE-FULL")
        status, document = counter.ask("/v1/inbox/lock")
        assert (status, document["code"]) == (503, "EN-STORE-FULL")


class TestWait:
    def test_ends_when_something_comes(self, counter: Counter) -> None:
        """A referral is there within the second, without asking every second."""
        waiting = counter.begin("/v1/inbox/lock", {"wait_s": 30})
        counter.clock.advance(0.3)
        counter.inbox.offers = [offer()]
        counter.bell.ring()
        assert json.loads(waiting.result.body)["items"][0]["id"] == UID  # type: ignore[attr-defined]

    def test_looks_by_itself_every_second(self, counter: Counter) -> None:
        """A pause that is over or a lock that ended rings no bell."""
        waiting = counter.begin("/v1/inbox/lock", {"wait_s": 30})
        counter.inbox.offers = [offer()]
        counter.clock.advance(1)
        assert len(json.loads(waiting.result.body)["items"]) == 1  # type: ignore[attr-defined]

    def test_ends_with_nothing_when_its_time_is_over(self, counter: Counter) -> None:
        """No proxy between them breaks off what is answered in time."""
        waiting = counter.begin("/v1/inbox/lock", {"wait_s": 2.5})
        counter.clock.pump([1, 1, 0.4])
        assert not waiting.called
        counter.clock.advance(0.1)
        assert json.loads(waiting.result.body) == {"items": []}  # type: ignore[attr-defined]

    def test_ends_when_the_node_stops(self, counter: Counter) -> None:
        """A stop never waits for those who wait."""
        waiting = counter.begin("/v1/inbox/lock", {"wait_s": 30})
        counter.bell.close()
        assert json.loads(waiting.result.body) == {"items": []}  # type: ignore[attr-defined]

    def test_locks_nothing_for_who_hung_up(self, counter: Counter) -> None:
        """Else the message would lie locked for nobody."""
        waiting = counter.begin("/v1/inbox/lock", {"wait_s": 30})
        waiting.addErrback(lambda _gone: None)
        waiting.cancel()
        counter.bell.ring()
        counter.clock.advance(5)
        assert (len(counter.inbox.asked), counter.bell.waiting, counter.clock.getDelayedCalls()) == (1, 0, [])

    def test_more_than_so_many_at_once_are_answered_at_once(self, counter: Counter) -> None:
        """A system that loses its connections cannot pile up waiting requests."""
        waiting = [counter.begin("/v1/inbox/lock", {"wait_s": 30}) for _ in range(3)]
        assert [each.called for each in waiting] == [False, False, True]


class TestBody:
    def test_is_the_bytes_as_they_came(self, counter: Counter) -> None:
        """What was signed stays signed; what is beside it stands in headers."""
        answer = counter.raw(f"/v1/inbox/{UID}/body", method="GET", headers=[("edge-node-lock", LOCK)])
        assert (answer.status, answer.content_type, answer.body) == (200, "text/xml; charset=utf-8", b"<letter/>")
        assert dict(answer.headers) == {
            "soapaction": "urn:hl7-org:v3/Letter_Send",
            "edge-node-method": "POST",
            "edge-node-path": "Letter",
            "edge-node-redelivery": "1",
            "cache-control": "no-store",
        }

    @pytest.mark.parametrize("headers", [[], [("edge-node-lock", "x")], [("edge-node-lock", LOCK)] * 2])
    def test_is_only_for_who_shows_the_lock(self, counter: Counter, headers: Any) -> None:
        """The bytes are patient data: nobody reads along."""
        status, document = counter.ask(f"/v1/inbox/{UID}/body", method="GET", headers=headers)
        assert (status, document["code"], counter.inbox.asked) == (400, "EN-REQUEST", [])


class TestEnd:
    @pytest.mark.parametrize(("verb", "state"), [("confirm", "DELIVERED"), ("release", "WAITING")])
    def test_tells_where_the_message_is_now(self, counter: Counter, verb: str, state: str) -> None:
        """The answer is the system's proof."""
        assert counter.ask(f"/v1/inbox/{UID}/{verb}", {"lock": LOCK}) == (200, {"id": UID, "state": state})

    @pytest.mark.parametrize("verb", ["confirm", "release"])
    def test_has_those_who_wait_look_again(self, counter: Counter, verb: str) -> None:
        """The next of the lane goes on at once."""
        waiting = counter.begin("/v1/inbox/lock", {"wait_s": 30})
        counter.inbox.offers = [offer()]
        counter.ask(f"/v1/inbox/{UID}/{verb}", {"lock": LOCK})
        assert waiting.called

    @pytest.mark.parametrize("verb", ["confirm", "release"])
    def test_has_the_line_look_too(self, counter: Counter, verb: str) -> None:
        """What was given back, or stood behind it, is pushed at once where it is pushed."""
        counter.ask(f"/v1/inbox/{UID}/{verb}", {"lock": LOCK})
        assert counter.woken == [Direction.IN]

    def test_extends_a_lock(self, counter: Counter) -> None:
        """A slow import says that it is still at it."""
        status, document = counter.ask(f"/v1/inbox/{UID}/extend", {"lock": LOCK, "lock_s": 300})
        assert (status, document) == (200, {"id": UID, "state": "IN_FLIGHT", "lock_s": 300})

    @pytest.mark.parametrize("asked", [None, {}, {"lock": 1}, {"lock": "short"}, {"lock": LOCK, "lock_s": 5}])
    def test_takes_the_lock_and_nothing_else(self, counter: Counter, asked: Any) -> None:
        """A request that is half understood confirms nothing."""
        status, document = counter.ask(f"/v1/inbox/{UID}/confirm", asked)
        assert (status, document["code"], counter.inbox.asked) == (400, "EN-REQUEST", [])

    @pytest.mark.parametrize(("code", "status"), [("EN-INBOX-LOCK", 409), ("EN-NOT-FOUND", 404)])
    def test_tells_why_not(self, counter: Counter, code: str, status: int) -> None:
        """A stable code, so that a system knows whether to lock again."""
        counter.inbox.trouble = Refused("no", code=code)
        assert counter.ask(f"/v1/inbox/{UID}/confirm", {"lock": LOCK})[0] == status


class TestAddresses:
    @pytest.mark.parametrize(
        "path",
        [
            "/v1/inbox",
            "/v1/inbox/",
            "/v1/inbox/lock/",
            f"/v1/inbox/{UID}",
            f"/v1/inbox/{UID[:-1]}/body",
            "/v1/inboxes",
        ],
    )
    def test_that_are_none_are_not_found(self, counter: Counter, path: str) -> None:
        """A slip in an address is told as one."""
        assert counter.ask(path)[0] == 404

    @pytest.mark.parametrize(
        ("path", "method", "allowed"),
        [
            ("/v1/inbox/lock", "GET", "POST"),
            (f"/v1/inbox/{UID}/body", "POST", "GET"),
            (f"/v1/inbox/{UID}/confirm", "DELETE", "POST"),
        ],
    )
    def test_take_one_method(self, counter: Counter, path: str, method: str, allowed: str) -> None:
        """What fetches and what changes is never mistaken, not by a link checker either."""
        answer = counter.raw(path, method=method)
        assert (answer.status, dict(answer.headers)["allow"]) == (405, allowed)
