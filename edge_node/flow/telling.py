"""Tells what became of kept messages, each way in order and at its own pace, until it was taken.

Knows: how far each way came, when it may be used again, how long it rests after a failure.
Must not know: how a call or a mail is made, where notices are stored, which settings there are.

A way that fails holds nothing else up: messages go on, other ways go on, and what was not told waits for it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import structlog
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

from edge_node.errors import EdgeNodeError, StoreUnavailable
from edge_node.flow.ports import Chance
from edge_node.flow.retry import RetryPolicy, pause_s
from edge_node.flow.waiting import Promise, start
from edge_node.model.notice import Ages, Notice
from edge_node.model.overview import Row

log = structlog.get_logger()

_BATCH = 200
_STORE_PAUSE_S = 15.0
_LEAST_PAUSE_S = 1.0
_DAY_S = 24 * 3600.0
_MOST_TOLD = 100  # moments remembered of one way; more than a mail way ever asks about


class Numbered(Protocol):
    """What is told in the order of its numbers."""

    @property
    def seq(self) -> int:
        """Its number."""
        ...


N = TypeVar("N", bound=Numbered)
Out = TypeVar("Out", bound=Numbered, covariant=True)
In = TypeVar("In", bound=Numbered, contravariant=True)


class News(Protocol[Out]):
    """What there is to tell, and how far each way of telling came."""

    def hear(self, hearer: Callable[[], None]) -> Callable[[], None]:
        """Call this after every commit with news; return what ends that."""
        ...

    async def after(self, applications: frozenset[str] | None, seq: int, limit: int) -> tuple[Out, ...]:
        """Return the next ones after that number, of these applications; None: of all."""
        ...

    async def cursor(self, application: str, way: str) -> int:
        """Return how far this way of telling came; one that is new begins now."""
        ...

    async def advance(self, application: str, way: str, upto: int) -> None:
        """This way of telling came further."""
        ...


class Notices(News[Notice], Protocol):
    """The notices of messages."""

    async def late(self, ages: Ages, limit: int) -> tuple[Row, ...]:
        """Tell of pushes in that became late; return them."""
        ...


class Way(Protocol[In]):
    """One way of telling, of one application or of the whole site."""

    @property
    def name(self) -> str:
        """What the way is called in the store, in the log and in the status."""
        ...

    @property
    def application(self) -> str:
        """Whom it tells of; empty: of every application."""
        ...

    @property
    def gather_s(self) -> float:
        """How long it waits for more once there is something to tell."""
        ...

    @property
    def most(self) -> int:
        """How many it tells at once."""
        ...

    def wants(self, notice: In) -> bool:
        """Whether it tells of this."""
        ...

    def rest_s(self, notices: Sequence[In], ago_s: Sequence[float]) -> float:
        """How long it rests before it tells these; `ago_s` is how long ago it told, the newest last."""
        ...

    async def tell(self, notices: Sequence[In]) -> None:
        """Tell, and return when it was taken. Raises `EdgeNodeError`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingTools(Generic[N]):
    """What every teller works with."""

    notices: News[N]
    clock: IReactorTime
    chance: Chance
    retry: Callable[[], RetryPolicy]


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingFact:
    """How one way of telling is: the code of its failure, empty while it works."""

    name: str
    application: str
    code: str
    since_s: float | None  # on the monotonic clock


class Teller(Generic[N]):
    """Tells one way."""

    def __init__(self, way: Way[N], tools: TellingTools[N]) -> None:
        self._way = way
        self._tools = tools
        self._timer: IDelayedCall | None = None
        self._turn: Promise[None] | None = None
        self._again = False
        self._stopped = True
        self._told_at_s: list[float] = []  # in the last day
        self._is_pacing = False  # it rests, and nothing failed: news may be worth an end of that
        self._failures = 0
        self._code = ""
        self._since_s: float | None = None
        self._deaf: Callable[[], None] = _nothing

    @property
    def fact(self) -> TellingFact:
        """How it is now."""
        return TellingFact(
            name=self._way.name, application=self._way.application, code=self._code, since_s=self._since_s
        )

    def begin(self) -> None:
        """Tell what is there, and what comes."""
        self._stopped = False
        self._deaf = self._tools.notices.hear(self._news)
        self._wake()

    async def stop(self, wait_s: float) -> None:
        """Begin nothing new; let what is on its way end, for a bounded time."""
        self._stopped = True
        self._deaf()
        self._cancel()
        if self._turn is not None:
            await self._turn.within(self._tools.clock, wait_s)

    def _news(self) -> None:
        if self._turn is not None:
            self._again = True
        elif self._timer is None or self._is_pacing:
            self._is_pacing = False
            self._sleep(self._way.gather_s)

    def _wake(self) -> None:
        self._timer = None
        if not self._stopped and self._turn is None:
            turn: Promise[None] = Promise()
            self._turn = turn
            start(self._go(turn), self._broken)

    async def _go(self, turn: Promise[None]) -> None:
        rest_s: float | None = None
        self._again = self._is_pacing = False
        try:
            rest_s = await self._tell_all()
            self._is_pacing = rest_s is not None
        except StoreUnavailable:
            rest_s = _STORE_PAUSE_S
        except EdgeNodeError as error:
            rest_s = self._failed(error)
        finally:
            self._turn = None
            turn.keep(None)
        if self._again and (rest_s is None or self._is_pacing):
            rest_s, self._is_pacing = self._way.gather_s, False
        if rest_s is not None:
            self._sleep(rest_s)

    async def _tell_all(self) -> float | None:
        """Tell until nothing is left; return the seconds to rest where something is."""
        way, notices = self._way, self._tools.notices
        of = frozenset({way.application}) if way.application else None
        upto = await notices.cursor(way.application, way.name)
        while not self._stopped and (found := await notices.after(of, upto, _BATCH)):
            for part in self._parts(found):
                rest_s = await self._tell(part)
                if rest_s > 0 or self._stopped:
                    return rest_s
            upto = found[-1].seq
        return None

    async def _tell(self, part: Sequence[N]) -> float:
        """Tell of these, or return for how long the way is not to be used yet."""
        way = self._way
        if wanted := [notice for notice in part if way.wants(notice)]:
            rest_s = way.rest_s(wanted, self._ago_s())
            if rest_s > 0:
                return rest_s
            await way.tell(wanted)
            self._worked()
        await self._tools.notices.advance(way.application, way.name, part[-1].seq)
        return 0.0

    def _parts(self, found: Sequence[N]) -> Iterator[Sequence[N]]:
        """As many at a time as hold what it tells at once."""
        part: list[N] = []
        wanted = 0
        for notice in found:
            part.append(notice)
            wanted += self._way.wants(notice)
            if wanted == self._way.most:
                yield part
                part, wanted = [], 0
        if part:
            yield part

    def _ago_s(self) -> tuple[float, ...]:
        now_s = self._tools.clock.seconds()
        return tuple(now_s - told_s for told_s in self._told_at_s)

    def _worked(self) -> None:
        now_s = self._tools.clock.seconds()
        self._told_at_s = [*(told_s for told_s in self._told_at_s if now_s - told_s < _DAY_S), now_s][-_MOST_TOLD:]
        self._failures = 0
        if self._code:
            log.info("telling.works", way=self._way.name, application=self._way.application)
        self._code, self._since_s = "", None

    def _failed(self, error: EdgeNodeError) -> float:
        """Remember it, and say for how long to rest. A way that stays broken has one line in the log."""
        self._failures += 1
        if self._code != error.code:
            log.warning(
                "telling.failed",
                way=self._way.name,
                application=self._way.application,
                code=error.code,
                detail=error.detail,
            )
        if not self._code:
            self._since_s = self._tools.clock.seconds()
        self._code = error.code
        return max(_LEAST_PAUSE_S, pause_s(self._failures, self._tools.chance.uniform(), self._tools.retry()))

    def _broken(self, failure: Failure) -> None:
        """A mistake of ours: it rests, and the daemon goes on."""
        log.error("telling.broken", way=self._way.name, error=type(failure.value).__name__)
        self._sleep(_STORE_PAUSE_S)

    def _sleep(self, wait_s: float) -> None:
        self._cancel()
        if not self._stopped:
            self._timer = self._tools.clock.callLater(max(0.0, wait_s), self._wake)

    def _cancel(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None


class Telling(Generic[N]):
    """Every way of telling, as the settings have them now."""

    def __init__(self, tools: TellingTools[N]) -> None:
        self._tools = tools
        self._tellers: tuple[Teller[N], ...] = ()

    @property
    def facts(self) -> tuple[TellingFact, ...]:
        """How each way is."""
        return tuple(teller.fact for teller in self._tellers)

    def become(self, ways: Sequence[Way[N]]) -> None:
        """Go on with these ways. What an older one has in hand ends by itself; how far it came is in the store."""
        for teller in self._tellers:
            start(teller.stop(0.0), _not_stopped)
        self._tellers = tuple(Teller(way, self._tools) for way in ways)
        for teller in self._tellers:
            teller.begin()

    async def stop(self, wait_s: float) -> None:
        """Begin nothing new; let what is on its way end."""
        end_s = self._tools.clock.seconds() + wait_s
        for teller in self._tellers:
            await teller.stop(max(0.0, end_s - self._tools.clock.seconds()))


def _not_stopped(failure: Failure) -> None:
    log.error("telling.broken", way="", error=type(failure.value).__name__)


def _nothing() -> None:
    """Nothing is to be ended."""
