"""The looks at a running node and its machine, and what stands of the checks after them.

Knows: when each place is looked at, how long a look may take, that each change is remembered and told.
Must not know: what any look sees, how a check is judged, what a verdict stops.

A look that fails, lies or hangs makes its checks unknown, with the reason; one that hangs is not begun again.
"""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from operator import is_
from typing import Any, Final, Generic, Protocol, TypeVar

import structlog
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

from edge_node.dating import Book as ChangeBook
from edge_node.dating import Dating
from edge_node.errors import StoreUnavailable
from edge_node.flow.waiting import Promise, start
from edge_node.model.check import Action, Check, Limits, Outcome, Result, Unseen, Verdict
from edge_node.model.check_memory import Memory, Outage
from edge_node.model.notice import Words
from edge_node.policy import check_catalogue, check_engine
from edge_node.policy.check_engine import Declared, Rule
from edge_node.policy.standing import Standing
from edge_node.settings.schema import Settings
from edge_node.thresholds import limits_of

_log = structlog.get_logger()

F = TypeVar("F")

#: What is looked at seldom, and could not be seen, is looked at again after so many of the usual pauses.
_SOON: Final = 10

_TOO_LONG: Final = Words(nl="Het kijken duurde te lang.", en="The look took too long.")
_FAILED: Final = Words(nl="Het kijken mislukte ({}).", en="The look failed ({}).")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look(Generic[F]):
    """One place that is looked at, and the checks that are judged by what is seen there."""

    name: str
    see: Callable[[], Awaitable[F]]  # raises `Unseen`
    rules: Mapping[str, Rule[F]]  # by the name of the check
    is_seldom: bool = False  # what it sees changes from day to day


class Book(ChangeBook, Protocol):
    """What is remembered between two runs of the node. All raise `StoreUnavailable`."""

    async def memory(self) -> Memory: ...
    async def begun(self, at: datetime, gap_s: float) -> Outage | None: ...
    async def alive(self, at: datetime) -> None: ...
    async def prune(self, before: datetime) -> None: ...


@dataclass(slots=True)
class Gate:
    """What stands now, for the line and everybody else to look at."""

    standing: Standing = field(default_factory=Standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the looks are joined to."""

    looks: tuple[Look[Any], ...]
    gate: Gate
    book: Book
    settings: Callable[[], Settings]
    reactor: IReactorTime
    moment: Callable[[], datetime]
    is_quiet: Callable[[], bool] = lambda: False  # nothing may end by the clock now


#: Hears what stood before and what stands now.
Hearer = Callable[[Standing, Standing], None]


class Probing:
    """Looks, judges, remembers and tells."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._catalogue = check_catalogue.load()
        self._looked_at = {name for look in parts.looks for name in look.rules}
        self._outcomes: dict[str, tuple[Outcome, datetime | None]] = {}
        self._left_open: dict[str, Outcome] = {}  # what a look could not tell, and a person may
        self._made: dict[str, tuple[tuple[object, ...], Verdict]] = {}  # and of what
        self._dating = Dating(parts.book)
        self._memory = Memory()
        self._forgets_at_s = 0.0
        self._is_remembered = False  # what was kept of the runs before
        self._limits: Limits = {}
        self._under_way: dict[str, Promise[Any]] = {}
        self._timers: dict[str, IDelayedCall] = {}
        self._running: set[Deferred[None]] = set()
        self._hearers: list[Hearer] = []
        self._is_over = False

    @property
    def standing(self) -> Standing:
        """What stands now."""
        return self._parts.gate.standing

    @property
    def limits(self) -> Limits:
        """The thresholds in force."""
        return self._limits

    def on_change(self, hearer: Hearer) -> None:
        """Tell it after each change of a result, a waiver or an action."""
        self._hearers.append(hearer)

    def begin(self) -> None:
        """Look from now on."""
        self._limits = limits_of(self._parts.settings())
        self._outcomes = {name: (check_engine.unknown(check_engine.NOT_YET), None) for name in self._catalogue}
        self._stand()
        self._start(self._begin())

    def become(self) -> None:
        """Go on with new settings: everything is judged by their numbers at once."""
        self._limits = limits_of(self._parts.settings())
        self._stand()
        for look in self._parts.looks:
            self._again(look.name, 0.0, partial(self._round, look))

    def let_go(self) -> None:
        """Break off what is looked at, and begin no look any more."""
        self._is_over = True
        for running in tuple(self._running):
            running.cancel()
        for timer in self._timers.values():
            if timer.active():
                timer.cancel()

    async def look(self, name: str) -> None:
        """Look at one place now: somebody has reason to think that it changed."""
        await self._looked(next(look for look in self._parts.looks if look.name == name))

    async def declared(self) -> None:
        """Take up what people declared since."""
        self._memory = await self._parts.book.memory()
        self._judge_declared()

    async def _begin(self) -> None:
        parts = self._parts
        await self._remember()
        self._judge_declared()
        for look in parts.looks:
            self._again(look.name, 0.0, partial(self._round, look))
        self._again("declared", parts.settings().checks.every_s, self._pass_time)

    async def _remember(self) -> None:
        """Take up what the runs before kept; while the store cannot tell, it is asked again."""
        parts = self._parts
        try:
            self._memory = await parts.book.memory()
            await parts.book.begun(parts.moment(), parts.settings().checks.restart_gap_s)
        except StoreUnavailable as error:
            _log.error("checks.unremembered", code=error.code)
            return
        self._is_remembered = True
        self._dating.take_up(self._memory.last)

    async def _round(self, look: Look[Any]) -> None:
        is_seen = await self._looked(look)
        checks = self._parts.settings().checks
        seldom_s = checks.seldom_s if is_seen else min(checks.seldom_s, _SOON * checks.every_s)
        self._again(look.name, seldom_s if look.is_seldom else checks.every_s, partial(self._round, look))

    async def _looked(self, look: Look[Any]) -> bool:
        """Look at a place; say whether anything was seen."""
        seen = await self._see(look)
        at = self._parts.moment()
        for name, rule in look.rules.items():
            self._outcomes[name] = (self._settled(name, self._judged(name, rule, seen), at), at)
        self._stand()
        await self._dating.write()
        return not isinstance(seen, Unseen)

    async def _see(self, look: Look[F]) -> F | Unseen:
        promise: Promise[F | Unseen] | None = self._under_way.get(look.name)
        if promise is None:
            promise = self._under_way[look.name] = Promise()
            self._start(self._seen(look, promise))
        seen: F | Unseen | None = await promise.within(
            self._parts.reactor, self._parts.settings().checks.look_limit_s
        )
        return Unseen(_TOO_LONG) if seen is None else seen

    async def _seen(self, look: Look[F], promise: "Promise[F | Unseen]") -> None:
        try:
            promise.keep(await look.see())
        except CancelledError:
            raise  # the node stops
        except Unseen as unseen:
            promise.keep(unseen)
        except Exception as error:  # noqa: BLE001  whatever a machine answers, its checks are unknown then, and the others go on
            _log.warning("check.unseen", look=look.name, error=type(error).__name__)
            promise.keep(_failed(error))
        finally:
            del self._under_way[look.name]

    def _judged(self, name: str, rule: Rule[Any], seen: Any) -> Outcome:
        if isinstance(seen, Unseen):
            return check_engine.unknown(seen.reason)
        try:
            return check_engine.judge(rule, self._catalogue[name], seen, self._limits)
        except Exception as error:  # noqa: BLE001  a rule that stumbles over garbage says nothing of what it was to judge
            _log.warning("check.unjudged", check=name, error=type(error).__name__)
            return check_engine.unknown(_failed(error).reason)

    def _settled(self, name: str, outcome: Outcome, at: datetime) -> Outcome:
        """What a look could not tell a person may have declared, where the check is one that people declare."""
        check = self._catalogue[name]
        self._left_open.pop(name, None)
        if outcome.result is not Result.UNKNOWN or check.kind not in check_engine.ATTESTABLE:
            return outcome
        self._left_open[name] = outcome
        made = self._memory.attestations.get(name)
        return outcome if made is None else check_engine.attested(check, made, self._limits, at)

    async def _pass_time(self) -> None:
        """Attestations and waivers end by the clock; the node says that it runs, and forgets what is old."""
        parts, at = self._parts, self._parts.moment()
        if not self._is_remembered:
            await self._remember()
        self._judge_declared()
        try:
            await parts.book.alive(at)
            await self._forget(at)
        except StoreUnavailable as error:
            _log.warning("checks.unremembered", code=error.code)
        await self._dating.write()
        self._again("declared", parts.settings().checks.every_s, self._pass_time)

    async def _forget(self, at: datetime) -> None:
        """Forget what is old, once in a while; a clock that jumped would make all of it old at once."""
        parts, seconds = self._parts, self._parts.reactor.seconds()
        if seconds < self._forgets_at_s or parts.is_quiet():
            return
        self._forgets_at_s = seconds + parts.settings().checks.seldom_s
        await parts.book.prune(at - timedelta(days=parts.settings().checks.history_days))

    def _judge_declared(self) -> None:
        at = self._parts.moment()
        for name, check in self._catalogue.items():
            if name not in self._looked_at:
                made = self._memory.attestations.get(name) if check.kind in check_engine.ATTESTABLE else None
                self._outcomes[name] = (check_engine.attested(check, made, self._limits, at), at)
        for name, outcome in tuple(self._left_open.items()):
            self._outcomes[name] = (self._settled(name, outcome, at), at)
        self._stand()

    def _stand(self) -> None:
        """Make what stands of all outcomes, and tell where it changed."""
        at, before = self._parts.moment(), self.standing
        verdicts = [self._verdict(check, at) for name, check in self._catalogue.items() if name in self._outcomes]
        self._parts.gate.standing = now = Standing.of(verdicts)
        changed = [verdict for verdict in verdicts if _differs(before.verdicts.get(verdict.check.name), verdict)]
        for verdict in changed:
            _tell(before.verdicts.get(verdict.check.name), verdict)
        if changed:
            for hearer in tuple(self._hearers):
                hearer(before, now)

    def _verdict(self, check: Check, at: datetime) -> Verdict:
        """The one there is, where nothing that it is made of is another: each look has all of them made."""
        made_of = (self._outcomes[check.name], self._memory, self._limits, self._parts.settings())
        known = self._made.get(check.name)
        # A waiver ends by the clock.
        if known is not None and check.name not in self._memory.waivers and all(map(is_, known[0], made_of)):
            return known[1]
        verdict = self._made_of(check, self._outcomes[check.name], at)
        self._made[check.name] = (made_of, verdict)
        return verdict

    def _made_of(self, check: Check, of: tuple[Outcome, datetime | None], at: datetime) -> Verdict:
        outcome, looked_at = of
        verdict = check_engine.verdict(check, outcome, self._declared(check), at)
        return replace(
            verdict,
            since=self._dating.since(check.name, outcome, looked_at),
            looked_at=looked_at,
            thresholds=check_engine.thresholds(check, self._limits),
        )

    def _declared(self, check: Check) -> Declared:
        chosen = self._parts.settings().checks.actions.get(check.name)
        attestable = check.kind in check_engine.ATTESTABLE
        return Declared(
            waiver=self._memory.waivers.get(check.name),
            attestation=self._memory.attestations.get(check.name) if attestable else None,
            actions=None if chosen is None else tuple(map(Action, chosen)),
        )

    def _again(self, name: str, after_s: float, work: Callable[[], Any]) -> None:
        if self._is_over:
            return
        timer = self._timers.get(name)
        if timer is not None and timer.active():
            timer.cancel()
        self._timers[name] = self._parts.reactor.callLater(after_s, lambda: self._start(work()))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        running = start(work, self._broken)
        self._running.add(running)
        running.addBoth(lambda _: self._running.discard(running))

    def _broken(self, failure: Failure) -> None:
        if self._is_over:
            return  # it was broken off
        _log.error("check.failed", error=type(failure.value).__name__, exc_info=failure.value)


def _failed(error: Exception) -> Unseen:
    name = getattr(error, "code", type(error).__name__)
    return Unseen(Words(nl=_FAILED.nl.format(name), en=_FAILED.en.format(name)))


def _differs(before: Verdict | None, now: Verdict) -> bool:
    if before is None:
        return now.looked_at is not None
    return (before.result, before.blocks, before.waiver) != (now.result, now.blocks, now.waiver)


def _tell(before: Verdict | None, now: Verdict) -> None:
    if before is None or before.looked_at is None or before.result is now.result:
        return
    _log.warning(
        "check.changed",
        check=now.check.name,
        result=now.result.value,
        before=before.result.value,
        side=now.side.value,
        blocks=sorted(now.blocks),
    )
