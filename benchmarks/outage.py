"""Eight hours without the switchboard, on a simulated clock: how often it was tried, when what waited was away.

Knows: the real line over the real store, a far end that is away and then answers, how simulated time goes on.
Must not know: how the line decides what goes when.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from queue import SimpleQueue
from random import Random
from typing import Any, Final, cast

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater
from twisted.python.failure import Failure

from benchmarks.exchange import Template, make_push
from benchmarks.keeping import bsns, pushes
from edge_node.errors import NotSent
from edge_node.flow.answers import Answers, Pen
from edge_node.flow.breaker import BreakerPolicy
from edge_node.flow.ports import AccessTokens, TokenJudge, TokenSigner
from edge_node.flow.retry import RetryPolicy
from edge_node.formats import error_codes, interactions
from edge_node.line import Choices, Fittings, Line
from edge_node.model.exchange import Answer, Outgoing
from edge_node.model.identifiers import ApplicationId, Oid
from edge_node.model.message import Direction, Format
from edge_node.model.site import Environment, Site, Timing
from edge_node.policy.acknowledgement import CodeClass
from edge_node.store.store import Store, open_store
from edge_node.store.surroundings import Shell, Surroundings

OUTAGE_S: Final = 8 * 3_600.0
LATER_S: Final = 1_800.0  # after the repair
MESSAGES: Final = 5_000
DESTINATIONS: Final = 100
SEED: Final = 20_260_101
_ANSWER_S: Final = 0.2  # the far end thinks
_NOON: Final = 1_795_262_400.0
_CONCURRENCY: Final = 8
#: It takes five failures, beside which others are on their way.
_BEFORE_IT_IS_KNOWN: Final = 5 + _CONCURRENCY


@dataclass(slots=True)
class Outage:
    """What was seen. Moments are in simulated seconds since the switchboard went away."""

    messages: int
    tries_s: list[float] = field(default_factory=list)  # while it was away
    away_s: list[float] = field(default_factory=list)  # when each message arrived

    @property
    def closest_s(self) -> float:
        """The shortest time between two tries, those left out that it took to know that the line is down."""
        known = self.tries_s[_BEFORE_IT_IS_KNOWN:]
        return min(later - earlier for earlier, later in pairwise(known))

    def within_s(self, share: float) -> float:
        """How long after the repair that share of the messages had arrived; for ever where it has not."""
        count = round(self.messages * share)
        return sorted(self.away_s)[count - 1] - OUTAGE_S if len(self.away_s) >= count else float("inf")


def simulate(folder: Path, messages: int = MESSAGES, destinations: int = DESTINATIONS) -> Outage:
    """Let messages come evenly while the switchboard is away, then let it come back."""
    world = _World(folder, Outage(messages))
    world.line.begin()
    make, chance = pushes(), Random(SEED)
    for number, patient in enumerate(bsns(messages)):
        receiver = ApplicationId(str(80_000_100 + chance.randrange(destinations)))
        push = replace(make.push(number, patient), receiver=receiver)
        world.clock.callLater(number * OUTAGE_S / messages, world.take, push)
    world.run(OUTAGE_S + LATER_S)
    world.close()
    return world.seen


class _Chance:
    """The same in every run."""

    def __init__(self) -> None:
        self._random = Random(SEED)

    def uniform(self) -> float:
        return self._random.random()

    def hex(self, nbytes: int) -> str:
        return self._random.randbytes(nbytes).hex()


class _Receipt:
    """An accept acknowledgement."""

    status, content_type = 200, "text/xml; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()

    def __init__(self, body: bytes) -> None:
        self._pieces = [body]

    async def read(self) -> bytes:
        return self._pieces.pop() if self._pieces else b""

    def abort(self) -> None:
        """Nothing more is read."""


class _FarEnd:
    """Cannot be reached at first, then answers."""

    def __init__(self, clock: Clock, seen: Outage) -> None:
        self._clock = clock
        self._seen = seen
        exchange = make_push()
        self._receipt = Template(exchange.answer, exchange.question_id)
        self._id = len("20260101000000-") + 16

    async def ask(self, outgoing: Outgoing, *, timeout_s: float, connect_s: float) -> Answer:
        if self._clock.seconds() < OUTAGE_S:
            self._seen.tries_s.append(self._clock.seconds())
            await deferLater(self._clock, connect_s)
            raise NotSent("no connection")
        await deferLater(self._clock, _ANSWER_S)
        self._seen.away_s.append(self._clock.seconds())
        at = outgoing.payload.body.index(b"20260101000000-")
        return _Receipt(self._receipt.filled(outgoing.payload.body[at : at + self._id]))

    async def reach(self, outgoing: Outgoing, *, connect_s: float) -> None:
        """No broker is asked here."""


class _Unwatched:
    """Nobody counts."""

    def handled(self, direction: Direction, kind: str, outcome: str, took_s: float) -> None: ...
    def attempted(self, direction: Direction, outcome: str, took_s: float) -> None: ...
    def warned(self, direction: Direction, code: str) -> None: ...
    def destinations_closed(self, direction: Direction, count: int) -> None: ...
    def link_changed(self, name: str, is_up: bool) -> None: ...


class _Times:
    """Both clocks of a machine, as simulated time has them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def monotonic(self) -> float:
        return self._clock.seconds()

    def now(self) -> float:
        return _NOON + self._clock.seconds()


class _World:
    """A line, its store with a thread of its own, and time that goes on when neither has anything to do."""

    def __init__(self, folder: Path, seen: Outage) -> None:
        self.clock, self.seen = Clock(), seen
        self._failed: list[Failure] = []
        self._calls: SimpleQueue[tuple[Callable[..., Any], tuple[Any, ...]]] = SimpleQueue()
        self._store = self._open(folder)
        self.line = Line(_choices(), self._fittings())

    def take(self, push: Any) -> None:
        """A message comes while the switchboard is away: it is kept."""
        Deferred.fromCoroutine(self._store.keep(push, lease=False)).addErrback(self._failed.append)
        self.line.deliverers[Direction.OUT].wake()

    def run(self, until_s: float) -> None:
        """Let time go on from one event to the next."""
        self._settle()
        while (calls := self.clock.getDelayedCalls()) and (next_s := min(it.getTime() for it in calls)) <= until_s:
            self.clock.advance(max(0.0, next_s - self.clock.seconds()))
            self._settle()

    def close(self) -> None:
        """End the store's thread. Raises what a message could not be kept for."""
        done = Deferred.fromCoroutine(self._store.close())
        while not done.called:
            self._call()
        if self._failed:
            self._failed[0].raiseException()

    def _settle(self) -> None:
        """Wait until the store has nothing in hand: until nothing is told but the answer to a last question."""
        told = 0
        while told != 1:
            asked, told = Deferred.fromCoroutine(self._store.next_due_s(Direction.IN)), 0
            while not asked.called:
                told += self._call()

    def _call(self) -> int:
        """Do what the store's thread asks of the reactor's; return how many units it tells of."""
        call, given = self._calls.get()
        call(*given)
        return len(given[0]) if given and isinstance(given[0], list) else 0

    def _open(self, folder: Path) -> Store:
        def failed(error: Exception) -> None:
            raise error

        async def aside(work: Callable[[], Any]) -> Any:
            return work()

        shell = Shell(
            call_from_thread=lambda call, *given: self._calls.put((call, given)), aside=aside, on_fatal=failed
        )
        around = Surroundings(clock=_Times(self.clock), chance=_Chance())
        return open_store(folder / "state" / "store.db", around, shell)

    def _fittings(self) -> Fittings:
        far_end = _FarEnd(self.clock, self.seen)
        return Fittings(
            keeper=self._store,
            doors={(direction, format_): far_end for direction in Direction for format_ in Format},
            to_broker=far_end,
            access_tokens=cast("AccessTokens", None),
            tokens=cast("TokenJudge", None),
            signer=cast("TokenSigner", None),
            answers=Answers(Pen(root=Oid("2.16.840.1.99"), now=lambda: _NOON, chance=_Chance())),
            classes={code: CodeClass(row.klass) for code, row in error_codes.load().items()},
            clock=self.clock,
            chance=_Chance(),
            watch=_Unwatched(),
            has_room=lambda: True,
            can_record=lambda: True,
        )


def _choices() -> Choices:
    site = Site(
        node_id="node",
        environment=Environment.TEST,
        zim=ApplicationId("1"),
        identities={},
        applications={},
        timing=Timing(),
        processing_codes=frozenset({"P"}),
    )
    return Choices(
        site=site,
        catalogue=interactions.load(),
        breaker=BreakerPolicy(),
        retry=RetryPolicy(),
        out_concurrency=_CONCURRENCY,
        in_concurrency=4,
    )
