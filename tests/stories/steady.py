"""Traffic that goes on, both ways and on connections that stay open, while something is changed under it.

Knows: how requests are paced, what counts as failed, that an old connection goes on.
Must not know: what is changed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, DeferredList, ensureDeferred
from twisted.internet.task import LoopingCall, deferLater
from twisted.web.client import Agent, FileBodyProducer, HTTPConnectionPool
from twisted.web.http_headers import Headers

from edge_node.sandbox.reading import parse, read
from edge_node.sandbox.samples.making import Sample
from tests.stories import moves
from tests.stories.caller import Caller, Wire, _One, _Whole
from tests.stories.site import HIS
from tests.stories.story import Story, a_prescription, a_query

reactor: Any = _reactor

#: Requests a second that nobody may notice a change at.
PER_S = 50.0
#: So many are counted at that pace: the beat that begins and the one cut off at the end make a count a little short.
LEAST_PER_S = 48.0
#: Connections of the switchboard's that stay open.
_KEPT = 4
#: Requests that are not answered yet, at most: who waits longer ends by a time-out, which says nothing of a change.
_UNDER_WAY = 12


@dataclass(slots=True)
class Tally:
    """What became of the requests."""

    due: int = 0  # by the clock
    sent: int = 0
    lasted_s: float = 0.0  # from the first that was due to the last
    failed: list[str] = field(default_factory=list)
    good: dict[str, int] = field(default_factory=dict)
    took_s: list[float] = field(default_factory=list)

    def note(self, way: str, failure: str | None, took_s: float) -> None:
        """One more came to its end."""
        self.took_s.append(took_s)
        if failure is None:
            self.good[way] = self.good.get(way, 0) + 1
        else:
            self.failed.append(f"{way}: {failure}")

    @property
    def due_per_s(self) -> float:
        """The pace that was kept. What was due and could not go at its moment went after it."""
        return (self.due - 1) / self.lasted_s if self.lasted_s else 0.0

    @property
    def p99_ms(self) -> float:
        """So long took the slowest but one in a hundred; told, not judged: the machine has other work."""
        ordered = sorted(self.took_s)
        return 1000 * ordered[len(ordered) * 99 // 100] if ordered else 0.0


class KeptOpen:
    """One who calls on the same few connections, as long as they last."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._pool = HTTPConnectionPool(reactor, persistent=True)
        self._pool.maxPersistentPerHost = _KEPT
        self._pool.retryAutomatically = False  # a request that fails must be seen to fail
        self._agent = Agent.usingEndpointFactory(reactor, _One(caller.endpoint), self._pool)

    async def post(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Post, and return the whole answer."""
        named = {**self._caller.headers, **headers, "content-type": "text/xml; charset=utf-8"}
        sent = Headers({name: [value] for name, value in named.items()})
        producer = FileBodyProducer(BytesIO(body))
        response = await self._agent.request(b"POST", f"http://node{path}".encode(), sent, producer)
        whole = _Whole()
        response.deliverBody(whole)
        return response.code, await whole.done

    async def close(self) -> None:
        """Hang up."""
        await self._pool.closeCachedConnections()


class Steady:
    """So many requests a second: a question out, a push out, a question in, in turn."""

    def __init__(self, story: Story, per_s: float = PER_S) -> None:
        self.tally = Tally()
        self.local = KeptOpen(story.local())
        self.outside = KeptOpen(story.outside())
        self._story = story
        self._old: Wire | None = None
        self._per_s = per_s
        self._began_s = 0.0
        self._under_way: set[Deferred[None]] = set()
        self._call = LoopingCall.withCount(self._send)

    async def begin(self, warm_s: float = 0.4) -> None:
        """Begin, and let connections be made for it."""
        self._old = await self._story.outside().wire()
        self._began_s = reactor.seconds()
        self._call.start(1 / self._per_s)
        await deferLater(reactor, warm_s, lambda: None)

    async def go_on(self, seconds: float) -> None:
        """Let it go on for a while."""
        await deferLater(reactor, seconds, lambda: None)

    async def is_old_one_served(self) -> bool:
        """Whether a connection that was there before the change is answered on now."""
        assert self._old is not None
        return await is_served(self._old)

    async def end(self) -> Tally:
        """Let no more be due, wait for every answer, hang up."""
        if self._call.running:
            self._call.stop()
        while self._under_way:
            await DeferredList(list(self._under_way))
        if self._old is not None:
            self._old.close()
        await self.local.close()
        await self.outside.close()
        return self.tally

    def _send(self, count: int) -> None:
        # A reactor that was late sends what it missed, so that the pace is what it says.
        self.tally.due += count
        self.tally.lasted_s = reactor.seconds() - self._began_s
        self._send_due()

    def _send_due(self) -> None:
        # What a machine cannot keep up with is sent as soon as it can: fewer at a time, and none left out.
        while self.tally.sent < self.tally.due and len(self._under_way) < _UNDER_WAY:
            self.tally.sent += 1
            self._one(self.tally.sent % 4)

    def _one(self, turn: int) -> None:
        way, by, sample = _KINDS[turn]
        going = ensureDeferred(self._answered(way, getattr(self, by), sample()))
        self._under_way.add(going)
        going.addBoth(lambda _: self._ended(going))

    def _ended(self, going: Deferred[None]) -> None:
        self._under_way.discard(going)
        self._send_due()

    async def _answered(self, way: str, by: KeptOpen, sample: Sample) -> None:
        began_s = reactor.seconds()
        service = sample.kind.service.removesuffix("Batch")
        headers = {"soapaction": f'"urn:hl7-org:v3/{service}_{sample.kind.operation}"'}
        try:
            status, body = await by.post(f"/{service}", sample.body, headers)
            failure = None if status == 200 and read(body).is_positive else f"status {status}: {_reason(body)}"
        except Exception as error:  # noqa: BLE001  whatever it is, that request failed
            failure = repr(error)
        self.tally.note(way, failure, reactor.seconds() - began_s)


async def is_served(wire: Wire) -> bool:
    """Whether a question on that connection gets its answer."""
    sample = a_query(moves.ELSEWHERE, HIS)
    head = f"POST /{sample.kind.service} HTTP/1.1\r\nhost: node\r\ncontent-length: {len(sample.body)}\r\n"
    action = f"urn:hl7-org:v3/{sample.kind.service}_{sample.kind.operation}"
    head += f'content-type: text/xml; charset=utf-8\r\nsoapaction: "{action}"\r\n\r\n'
    wire.say(head.encode() + sample.body)
    return (await wire.until(b"</soap:Envelope>")).startswith(b"HTTP/1.1 200 ")


#: The ways requests go, by whom, and what.
_KINDS: tuple[tuple[str, str, Callable[[], Sample]], ...] = (
    ("question out", "local", a_query),
    ("question in", "outside", lambda: a_query(moves.ELSEWHERE, HIS)),
    ("push out", "local", a_prescription),
    ("question in", "outside", lambda: a_query(moves.ELSEWHERE, HIS)),
)


def _reason(body: bytes) -> str:
    """What an answer that says no gives as its reason."""
    found = [element for element in parse(body).iter() if str(element.tag).endswith("acknowledgementDetail")]
    return ", ".join(" ".join("".join(one.itertext()).split()) for one in found) or "no reason"
