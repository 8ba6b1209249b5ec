"""Hands kept messages over, one lane after the other, until each is settled.

Knows: leases, attempts, pauses, and what an answer means for a kept message.
Must not know: how messages are kept, how they are sent, who waits for an outcome.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

from edge_node.errors import NotSent, OutcomeUnknown, Refused, StoreUnavailable
from edge_node.flow.bulk import Throttle
from edge_node.flow.exchange import Answered, exchange
from edge_node.flow.link import Link, Waits
from edge_node.flow.pace import Pace
from edge_node.flow.ports import Chance, Keeper, Watch
from edge_node.flow.retry import RetryPolicy, pause_s
from edge_node.flow.speech import Speech
from edge_node.flow.waiting import Promise, start
from edge_node.model.exchange import Outgoing
from edge_node.model.keeping import Entry, Push, Room
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction, Format, StoredAnswer
from edge_node.model.site import Site
from edge_node.policy.acknowledgement import Meaning

log = structlog.get_logger()

#: How long the store is left alone after it could not record.
_STORE_PAUSE_S = 5.0
#: With so many bytes in flight nothing more is taken from the store.
_MAX_HELD_BYTES = 16 * 1024 * 1024
#: An application or an interaction that a message was kept for, and that new settings do not have.
_LEFT_THE_SETTINGS = frozenset({"EN-SENDER-FOREIGN", "EN-INTERACTION-UNKNOWN"})
_TOKEN_REFUSED = "EN-TOKEN-REFUSED"  # noqa: S105  a code


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPolicy:
    """How one direction is delivered."""

    direction: Direction
    concurrency: int
    bulk_per_s: float
    waits: Waits
    retry: RetryPolicy
    site: Site
    max_at_once_bytes: int = 64 * 1024 * 1024  # in flight; beyond that a new push waits for its turn in the store


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a deliverer works with."""

    keeper: Keeper
    link_to: Callable[[Entry], Link]
    rest_s: Callable[[], float | None]  # until the next probe, while no receiver at all can be reached
    speeches: Mapping[Format, Speech]
    clock: IReactorTime
    chance: Chance
    watch: Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one handover ended. `answer` is the other side's own, where one came that belongs to the message."""

    meaning: Meaning
    code: str
    answer: StoredAnswer | None
    is_sent: bool = True  # False: not a byte of it ever left


class Deliverer:
    """Delivers one direction."""

    def __init__(self, policy: DeliveryPolicy, tools: Tools) -> None:
        self._policy = policy
        self._tools = tools
        self._running: dict[str, Promise[Outcome]] = {}
        self._held_bytes = 0  # of the bodies in flight
        self._pace = Pace(policy.concurrency)
        self._throttle = Throttle(policy.bulk_per_s, tools.clock.seconds)
        self._timer: IDelayedCall | None = None
        self._filling: Promise[None] | None = None  # while it is looked what is due
        self._again = False
        self._stopped = True

    def begin(self) -> None:
        """Start delivering what is due."""
        self._stopped = False
        self.wake()

    async def stop(self, wait_s: float) -> None:
        """Start nothing new; let what is in flight end, for a bounded time."""
        self._stopped = True
        self._cancel_timer()
        clock = self._tools.clock
        end_s = clock.seconds() + wait_s
        if self._filling is not None:  # what is being leased now is in flight too
            await self._filling.within(clock, wait_s)
        while self._running and clock.seconds() < end_s:
            promise = next(iter(self._running.values()))
            await promise.within(clock, end_s - clock.seconds())

    def use(self, policy: DeliveryPolicy) -> None:
        """Go on with other choices."""
        self._policy = policy
        self._pace = Pace(policy.concurrency)
        self._throttle = Throttle(policy.bulk_per_s, self._tools.clock.seconds)

    def running(self, uid: str) -> "Promise[Outcome] | None":
        """The handover of that message, if one is going on."""
        return self._running.get(uid)

    def may_begin(self, push: Push) -> bool:
        """Whether a push may be tried the moment it is kept; of bulk only what the throttle lets through.

        What is in flight stays in memory when its sender got "kept" and the next one has taken its place at the door.
        """
        if self._held_bytes + len(push.payload.body) > self._policy.max_at_once_bytes:
            return False
        return not push.is_bulk or self._throttle.available() >= 1

    def deliver_now(self, entry: Entry) -> Promise[Outcome]:
        """Hand over a message that was born leased."""
        self._throttle.take(int(entry.is_bulk))
        self._held_bytes += len(entry.payload.body)
        promise: Promise[Outcome] = Promise()
        self._running[entry.uid] = promise
        start(self._deliver(entry, promise), self._failed)
        return promise

    def repaired(self) -> None:
        """The link works again: what waits may go, at first slowly."""
        self._pace.restart()
        self.wake()

    def wake(self) -> None:
        """Something may be due."""
        if self._stopped:
            return
        self._again = True
        if self._filling is None:
            self._filling = Promise()
            start(self._pump(self._filling), self._failed)

    async def _pump(self, filling: Promise[None]) -> None:
        try:
            while self._again and not self._stopped:
                self._again = False
                await self._fill()
        except StoreUnavailable:
            self._sleep(_STORE_PAUSE_S)
        finally:
            self._filling = None
            filling.keep(None)

    async def _fill(self) -> None:
        keeper, direction = self._tools.keeper, self._policy.direction
        free = self._pace.free(len(self._running))
        if free <= 0 or self._held_bytes >= _MAX_HELD_BYTES:
            return  # the end of a handover wakes us
        rest_s = self._tools.rest_s()
        if rest_s is not None:
            if rest_s > 0:
                # Leasing all that is due, to find for each that the link is down, would only wear out the disk.
                self._sleep(rest_s)
                return
            free = 1
        entries = await keeper.lease(direction, Room(limit=free, bulk=self._throttle.available()))
        if not entries and self._pace.is_catching_up:
            if await keeper.wake(direction, free):
                entries = await keeper.lease(direction, Room(limit=free, bulk=self._throttle.available()))
            else:
                self._pace.caught_up()
        for entry in entries:
            self.deliver_now(entry)
        due_s = await keeper.next_due_s(direction)
        if due_s is not None:
            # What is due and was not taken is bulk beyond its allowance.
            self._sleep(due_s or self._throttle.wait_s())

    def _sleep(self, wait_s: float) -> None:
        self._cancel_timer()
        if not self._stopped:
            self._timer = self._tools.clock.callLater(max(wait_s, 0.01), self.wake)

    def _cancel_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None

    async def _deliver(self, entry: Entry, promise: Promise[Outcome]) -> None:
        started_s = self._tools.clock.seconds()
        outcome = Outcome(meaning=Meaning.RETRY, code="EN-INTERNAL", answer=None)
        try:
            outcome = await self._attempt(entry)
        except StoreUnavailable:
            raise
        except Exception as error:  # whatever it was, the message must not stay leased
            log.error("delivery.failed", uid=entry.uid, exc_info=error)
            await self._put_back(entry, outcome.code, unknown=True)
        finally:
            del self._running[entry.uid]
            self._held_bytes -= len(entry.payload.body)
            self._pace.ended(delivered=outcome.meaning is Meaning.DELIVERED)
            self._tell(entry, outcome, self._tools.clock.seconds() - started_s)
            promise.keep(outcome)
            self.wake()

    def _tell(self, entry: Entry, outcome: Outcome, took_s: float) -> None:
        """Count and log one handover, under the number its sender knows it by."""
        self._tools.watch.attempted(self._policy.direction, outcome.code, took_s)
        if outcome.meaning is Meaning.RETRY and entry.attempts > 0:
            return  # a night without a switchboard would be a line for each try of each message
        log.info(
            "delivery.attempted",
            direction=str(entry.direction),
            uid=entry.uid,
            message_id=entry.message_id.shown,
            interaction=str(entry.interaction),
            outcome=outcome.code,
            correlation=entry.correlation,
            took_ms=round(took_s * 1000, 1),
        )

    async def _attempt(self, entry: Entry) -> Outcome:
        """One handover and its settling. The outcome is committed before it is told."""
        tools, policy = self._tools, self._policy
        try:
            asked = await tools.speeches[entry.payload.format].resume(entry, policy.site)
            answered = await exchange(tools.link_to(entry), _outgoing(entry), policy.waits, asked)
        except NotSent as error:
            return await self._not_sent(entry, error)
        except OutcomeUnknown as error:
            return await self._unknown(entry, error)
        except Refused as error:
            if error.code != _TOKEN_REFUSED:
                raise
            return await self._tokens_refused(entry)
        if answered.verdict.is_unknown:
            code = "EN-SWITCHBOARD-FAULT" if entry.direction is Direction.OUT else "EN-LOCAL-FAULT"
            return await self._unknown(entry, OutcomeUnknown("a fault", code=code))
        return await self._settle(entry, answered)

    async def _not_sent(self, entry: Entry, error: NotSent) -> Outcome:
        if error.code not in _LEFT_THE_SETTINGS:
            await self._put_back(entry, error.code, unknown=entry.unknown)
            return Outcome(meaning=Meaning.RETRY, code=error.code, answer=None)
        # Time does not mend this: a person puts the settings right and releases it, or discards it.
        keeper = self._tools.keeper
        await self._durably(lambda: keeper.settle(entry, Event.CONFIGURATION_ERROR, error.code, None))
        return Outcome(meaning=Meaning.HOLD, code=error.code, answer=None)

    async def _unknown(self, entry: Entry, error: OutcomeUnknown) -> Outcome:
        if entry.has_token and not entry.is_repeatable and entry.direction is Direction.OUT:
            # A token is for one use, and the other side may have seen this one (design section 3).
            keeper = self._tools.keeper
            await self._durably(lambda: keeper.settle(entry, Event.TOKEN_SPENT, OutcomeUnknown.code, None))
            return Outcome(meaning=Meaning.TOKEN, code=error.code, answer=None)
        await self._put_back(entry, error.code, unknown=True)
        return Outcome(meaning=Meaning.RETRY, code=error.code, answer=None)

    async def _tokens_refused(self, entry: Entry) -> Outcome:
        """Its tokens give no access any more: nothing left, and only new ones let it go on."""
        keeper = self._tools.keeper
        await self._durably(lambda: keeper.settle(entry, Event.TOKEN_SPENT, _TOKEN_REFUSED, None))
        # An earlier handover may have arrived: of that one this says nothing.
        return Outcome(meaning=Meaning.TOKEN, code=_TOKEN_REFUSED, answer=None, is_sent=entry.unknown)

    async def _settle(self, entry: Entry, answered: Answered) -> Outcome:
        decided, code = answered.verdict.meaning(has_token=entry.has_token, unknown=entry.unknown)
        if entry.direction is Direction.IN and decided is not Meaning.DELIVERED:
            # Answered CA: it waits until the local system takes it or a named person discards it.
            decided = Meaning.RETRY
        if decided is Meaning.RETRY:
            await self._put_back(entry, code, unknown=entry.unknown)
        else:
            event = _EVENTS[decided]
            await self._durably(lambda: self._tools.keeper.settle(entry, event, code, answered.stored))
        return Outcome(meaning=decided, code=code, answer=answered.stored)

    async def _put_back(self, entry: Entry, code: str, *, unknown: bool) -> None:
        after_s = pause_s(entry.attempts + 1, self._tools.chance.uniform(), self._policy.retry)
        keeper = self._tools.keeper
        await self._durably(lambda: keeper.put_back(entry, code, after_s=after_s, unknown=unknown))

    async def _durably(self, work: Callable[[], Awaitable[None]]) -> None:
        """Record the end of a handover, however long the store cannot: only this run may end its lease."""
        while True:
            try:
                return await work()
            except StoreUnavailable:
                if self._stopped:
                    raise
                await deferLater(self._tools.clock, _STORE_PAUSE_S)

    def _failed(self, failure: Failure) -> None:
        log.error("delivery.failed", direction=str(self._policy.direction), error=type(failure.value).__name__)
        self._sleep(_STORE_PAUSE_S)


_EVENTS = {
    Meaning.DELIVERED: Event.ACKNOWLEDGED,
    Meaning.TOKEN: Event.TOKEN_SPENT,
    Meaning.HOLD: Event.CONFIGURATION_ERROR,
    Meaning.DEAD: Event.REFUSED_FOR_GOOD,
}


def _outgoing(entry: Entry) -> Outgoing:
    return Outgoing(
        direction=entry.direction,
        sender=entry.sender,
        receiver=entry.receiver,
        payload=entry.payload,
        correlation=entry.correlation,
        redelivery=entry.unknown,
    )
