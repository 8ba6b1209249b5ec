"""Hands kept messages over, one lane after the other, until each is settled.

Knows: which message goes next, how many at once, that none goes to a place that is closed.
Must not know: how messages are kept, what an answer means for one, who waits for an outcome.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

from edge_node.errors import StoreUnavailable
from edge_node.flow.attempt import DAMAGED, STORE_PAUSE_S, Attempts, AttemptTools, Outcome
from edge_node.flow.bulk import Throttle
from edge_node.flow.gatekeeper import Gatekeeper
from edge_node.flow.link import Link, Waits
from edge_node.flow.pace import Pace
from edge_node.flow.places import Places
from edge_node.flow.ports import Chance, Keeper, Watch
from edge_node.flow.retry import RetryPolicy
from edge_node.flow.returns import Returns
from edge_node.flow.shares import Shares
from edge_node.flow.speech import Asked, Speech
from edge_node.flow.unrecorded import Unrecorded
from edge_node.flow.waiting import Promise, start
from edge_node.model.keeping import Entry, Push, Room, place_of, way_of
from edge_node.model.message import Direction, Format
from edge_node.model.site import Site
from edge_node.policy.acknowledgement import DESTINATION_DOWN, Meaning

log = structlog.get_logger()

#: With so many bytes in flight nothing more is taken from the store.
_MAX_HELD_BYTES = 16 * 1024 * 1024
#: Of the places that take long so many are looked at in one turn, for what rests because their share was used up.
_LOOKS: Final = 16


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
    places: Places
    speeches: Mapping[Format, Speech]
    clock: IReactorTime
    chance: Chance
    watch: Watch
    gatekeeper: Gatekeeper


class Deliverer:
    """Delivers one direction."""

    def __init__(self, policy: DeliveryPolicy, tools: Tools) -> None:
        self._policy = policy
        self._tools = tools
        self.unrecorded = Unrecorded(tools.clock)
        self._attempts = Attempts(
            AttemptTools(
                keeper=tools.keeper,
                link_to=tools.link_to,
                speeches=tools.speeches,
                clock=tools.clock,
                chance=tools.chance,
                unrecorded=self.unrecorded,
                gatekeeper=tools.gatekeeper,
            ),
            lambda: self._policy,
            lambda: self._stopped,
        )
        self._returns = Returns(tools.clock.seconds)
        self._shares = Shares(tools.clock.seconds)
        self._has_given_way = False  # a place that takes long may have room again for what rests
        self._quiet_until_s = 0.0  # after a repair nodes begin at different moments
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
        self.unrecorded.stop()
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
        self._pace.go_on(policy.concurrency)
        self._throttle.go_on(policy.bulk_per_s)

    def running(self, uid: str) -> "Promise[Outcome] | None":
        """The handover of that message, if one is going on."""
        return self._running.get(uid)

    def may_begin(self, push: Push) -> bool:
        """Whether a push may be tried the moment it is kept; of bulk only what the throttle lets through.

        What is in flight stays in memory when its sender got "kept" and the next one has taken its place at the door.
        """
        if self._held_bytes + len(push.payload.body) > self._policy.max_at_once_bytes:
            return False
        place, way = _places(push)
        left = self._shares.left(self._policy.concurrency)
        if not self._tools.places.is_open(place, way) or not left.get(place, 1):
            return False  # it would cost its sender the wait, to hear "kept" then
        return not push.is_bulk or self._throttle.available() >= 1

    def deliver_now(self, entry: Entry, asked: Asked | None = None) -> Promise[Outcome]:
        """Hand over a leased message; `asked` is what it asks, where it was read just now."""
        self._throttle.take(int(entry.is_bulk))
        for place in _places(entry):
            self._tools.places.destinations.begin(place)
        self._shares.begin(entry.uid, _places(entry)[0])
        self._held_bytes += len(entry.payload.body)
        promise: Promise[Outcome] = Promise()
        self._running[entry.uid] = promise
        start(self._deliver(entry, asked, promise), self._failed)
        return promise

    def repaired(self) -> None:
        """Evidence of repair: what waits may go, from a moment of this node's own, at first slowly."""
        self._pace.restart()
        self._quiet_until_s = self._tools.clock.seconds() + self._spread_s()
        self.wake()

    def reopened(self, place: str) -> None:
        """That place can be reached again: what waits for it may go, in the same manner; others go on as they did."""
        self._returns.begin(place, self._spread_s())
        if self._tools.places.is_only_way(place):
            self.repaired()  # what waits for it was left where it was
        self.wake()

    def _spread_s(self) -> float:
        return self._tools.chance.uniform() * self._policy.retry.spread_s

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
            self._sleep(STORE_PAUSE_S)
        finally:
            self._filling = None
            filling.keep(None)

    async def _fill(self) -> None:
        keeper, direction = self._tools.keeper, self._policy.direction
        for place in self._shares.look():
            self._returns.begin(place, 0.0)
        free = self._pace.free(self._shares.counted(self._pace.window))
        if free <= 0 or self._held_bytes >= _MAX_HELD_BYTES:
            # The end of a handover wakes us; one that takes long makes way for others before.
            self._sleep_until(self._shares.next_look_s())
            return
        rest_s = self._tools.places.rest_s()
        quiet_s = self._quiet_until_s - self._tools.clock.seconds()
        if (rest_s or 0) > 0 or quiet_s > 0:
            # Leasing all that is due, to find for each that the link is down, would only wear out the disk.
            self._sleep(max(rest_s or 0.0, quiet_s))
            return
        free = 1 if rest_s is not None else free
        await self._rouse(free)
        entries = await keeper.lease(direction, self._room(free)) or await self._catch_up(free)
        for entry in entries:
            self.deliver_now(entry)
        due_s = await keeper.next_due_s(direction)
        # What is due and was not taken is bulk beyond its allowance, or behind what was put to rest.
        due_s = None if due_s is None else due_s or self._throttle.wait_s()
        self._sleep_until(due_s, self._tools.places.next_look_s(), self._returns.next_s())

    def _room(self, free: int) -> Room:
        closed = self._shares.left(self._policy.concurrency)
        for place, most in self._tools.places.closed().items():
            closed[place] = min(most, closed.get(place, most))
        return Room(limit=free, bulk=self._throttle.available(), closed=closed)

    async def _rouse(self, free: int) -> None:
        """Where one may go to a closed place, or more to one that takes long, let some go of what rests for it."""
        keeper, direction, places = self._tools.keeper, self._policy.direction, self._tools.places
        for place in places.to_look_at(free):
            places.destinations.looked(place, await keeper.rouse(direction, place, 1))
        if not self._has_given_way:
            return
        self._has_given_way = False
        left = [(place, most) for place, most in self._shares.left(self._policy.concurrency).items() if most]
        for place, most in left[:_LOOKS]:
            if await keeper.rouse(direction, place, min(free, most)):
                self._has_given_way = len(left) > 1
                return
            self._shares.passed_by(place)

    async def _catch_up(self, free: int) -> list[Entry]:
        """Nothing is due: let some go of what rests, or waits out its pause, since there is evidence of repair."""
        keeper, direction = self._tools.keeper, self._policy.direction
        for place, window in self._returns.due():
            if not self._tools.places.is_open(place) or not await self._let_go(place, min(free, window)):
                self._returns.over(place)
                continue
            return await keeper.lease(direction, self._room(free))
        if self._pace.is_catching_up:
            if await keeper.wake(direction, free):
                return await keeper.lease(direction, self._room(free))
            self._pace.caught_up()
        return []

    async def _let_go(self, place: str, most: int) -> int:
        keeper, direction = self._tools.keeper, self._policy.direction
        roused = await keeper.rouse(direction, place, most)
        if roused or not self._returns.may_wake(place):
            return roused
        return await keeper.wake(direction, most, place)

    def _sleep_until(self, *waits_s: float | None) -> None:
        known = [wait_s for wait_s in waits_s if wait_s is not None]
        if known:
            self._sleep(min(known))

    def _sleep(self, wait_s: float) -> None:
        self._cancel_timer()
        if not self._stopped:
            self._timer = self._tools.clock.callLater(max(wait_s, 0.01), self.wake)

    def _cancel_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None

    async def _deliver(self, entry: Entry, asked: Asked | None, promise: Promise[Outcome]) -> None:
        started_s = self._tools.clock.seconds()
        outcome = Outcome(meaning=Meaning.RETRY, code="EN-INTERNAL", answer=None)
        try:
            outcome = await self._attempts.hand_over(entry, asked)
        except StoreUnavailable as error:
            if error.code != DAMAGED:
                raise
            # Nothing may be told of an outcome that is not recorded; the message is kept.
            outcome = Outcome(meaning=Meaning.RETRY, code=DAMAGED, answer=None)
        except Exception as error:  # whatever it was, the message must not stay leased
            log.error("delivery.failed", uid=entry.uid, exc_info=error)
            await self._attempts.put_back(entry, outcome.code, unknown=True)
        finally:
            del self._running[entry.uid]
            self._held_bytes -= len(entry.payload.body)
            self._let_others(entry)
            self._pace.ended(delivered=outcome.meaning is Meaning.DELIVERED)
            self._learn(entry, outcome)
            self._tell(entry, outcome, self._tools.clock.seconds() - started_s)
            promise.keep(outcome)
            self.wake()

    def _let_others(self, entry: Entry) -> None:
        """Its part of the window is free: for what rests because too many were on their way there, or to the like."""
        place, _ = _places(entry)
        if self._shares.end(entry.uid):
            self._returns.begin(place, 0.0)
        self._has_given_way = self._has_given_way or self._shares.is_slow(place)

    def _learn(self, entry: Entry, outcome: Outcome) -> None:
        """What this handover showed of the places on its way."""
        place, way = _places(entry)
        destinations, is_down = self._tools.places.destinations, outcome.code in DESTINATION_DOWN
        # It is the switchboard that asks for a pause on the way out, and the one local system on the way in.
        asker = way if self._policy.direction is Direction.OUT else place
        if outcome.pause_s is not None:
            destinations.asked_for_pause(asker, outcome.code, min(outcome.pause_s, self._policy.retry.cap_s))
        elif outcome.is_heard and (asker != place or not is_down):
            destinations.succeeded(asker)  # it answers, and asks for no pause
        if is_down:
            destinations.failed(place, outcome.code)
        elif outcome.meaning is Meaning.DELIVERED:
            destinations.succeeded(place)
        elif outcome.meaning is not Meaning.RETRY:
            destinations.hope(place)  # an answer about this message alone: the next one may show more
        arrived = outcome.meaning is Meaning.DELIVERED
        self._returns.ended(place, is_answered=arrived, arrived=arrived)
        self._returns.ended(way, is_answered=outcome.is_heard and outcome.pause_s is None, arrived=arrived)

    def _tell(self, entry: Entry, outcome: Outcome, took_s: float) -> None:
        """Count and log one handover, under the number its sender knows it by."""
        self._tools.watch.attempted(self._policy.direction, outcome.code, took_s)
        if outcome.meaning is Meaning.RETRY and outcome.code == entry.code:
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

    def _failed(self, failure: Failure) -> None:
        log.error("delivery.failed", direction=str(self._policy.direction), error=type(failure.value).__name__)
        self._sleep(STORE_PAUSE_S)


def _places(of: Entry | Push) -> tuple[str, str]:
    """The destination of a message, and the way there."""
    return place_of(of.receiver, of.payload.format), way_of(of.payload.format)
