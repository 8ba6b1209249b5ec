"""Looks every few seconds how the node is, and has people told of what changed.

Knows: how often, what is remembered between two looks, which alerts each way of telling still has before it.
Must not know: how a trouble is found, when one is due, by which way and in which words it is told.

Nothing here waits for a write: what is remembered is written when that is possible, and told either way.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

import structlog
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure

from edge_node.flow.rounds import Rhythm, Rounds
from edge_node.flow.waiting import Promise, start
from edge_node.model.alert import Alert, AlertRules, Episode, Memory, Seen, Settled
from edge_node.model.hearers import Hearers
from edge_node.model.sentence import Outage, Saying, Sentence
from edge_node.policy import alerting

log = structlog.get_logger()

#: The longest time between two looks; what must settle sooner is looked at sooner.
ROUND_S: Final = 5.0
_LEAST_ROUND_S: Final = 0.1
#: A look that takes longer hangs, with the disk.
LOOK_S: Final = 30.0
_MOST_ALERTS: Final = 250  # every check of the catalogue, to both circles


class Shelf(Protocol):
    """Where it is remembered what was told. Both block."""

    def take(self) -> Memory:
        """Return what was written last."""
        ...

    def put(self, memory: Memory) -> None:
        """Write it. Raises `OSError`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertingTools:
    """What alerting works with."""

    look: Callable[[], Awaitable[Seen]]
    stuck: Callable[[datetime], Sentence]  # what is said while a look does not end
    settled: Callable[[Episode], Awaitable[Settled | None]]  # what became of the messages of one that is gone
    shelf: Shelf
    aside: Callable[[Callable[[], None]], Awaitable[None]]
    rules: Callable[[], AlertRules]
    moment: Callable[[], datetime]
    clock: IReactorTime


class Alerting:
    """Runs the rounds. Fits `telling.News`: each way reads here what it has to tell."""

    def __init__(self, tools: AlertingTools) -> None:
        self._tools = tools
        self._memory = Memory()
        self._written: Memory | None = None  # nothing yet: the first write takes the room that later ones need
        self._writing: Promise[None] | None = None
        self._has_failed = False
        self._looking: Promise[Seen | Failure] | None = None
        self._ways: frozenset[str] = frozenset()
        self._hearers = Hearers()
        rhythm = Rhythm(clock=tools.clock, pause_s=self._pause_s, event="alert.failed", is_told_once=True)
        self._rounds = Rounds(self.round, rhythm)

    @property
    def since(self) -> Mapping[str, datetime]:
        """From when on each trouble is seen, by its key."""
        found = {one.sentence.key: one.sentence.since for one in self._memory.episodes if one.ended_at is None}
        return {key: since for key, since in found.items() if since is not None}

    @property
    def outage(self) -> Outage | None:
        """The last breakdown, while it is fresh."""
        return self._memory.outage

    @property
    def is_down(self) -> bool:
        """Whether work stands still, or nothing shows that it does not."""
        return any(
            one.gone_at is None and (one.sentence.is_breakdown or one.sentence.saying is Saying.UNPROVEN)
            for one in self._memory.episodes
        )

    def is_over(self, key: str) -> bool:
        """Whether a thing that was told, by its key, stands no more."""
        return all(one.sentence.key != key or one.ended_at is not None for one in self._memory.episodes)

    def begin(self) -> None:
        """Take up what was told before, and look from now on. Blocks for a moment: called before the node serves."""
        self._memory = self._tools.shelf.take()
        self._rounds.begin()

    def become(self, ways: frozenset[str]) -> None:
        """Go on with these ways of telling; what none of them has before it is forgotten."""
        self._ways = ways
        upto = {way: seq for way, seq in self._memory.upto.items() if way in ways}
        self._memory = replace(self._memory, upto=upto)

    async def stop(self) -> None:
        """Look no more, and write what is remembered."""
        self._rounds.stop()  # a look under way may hang with the store: nobody waits for it
        await self._write()

    async def round(self) -> None:
        """Look once, and give the ways what is due."""
        tools = self._tools
        found, at, rules = await self._seen(), tools.moment(), tools.rules()
        seen = alerting.see(self._memory.episodes, found, at)
        settled = {
            one.sentence.key: await tools.settled(one)
            for one in seen
            if _is_ending(one) and alerting.is_real(one, rules)
        }
        before = self._memory.last_seq
        told = alerting.tell(replace(self._memory, episodes=seen), settled, at, rules)
        told = alerting.daily(told, found.headline, at, rules)
        if found.headline is not None:
            told = replace(told, help_line=found.headline.help_line)
        self._memory = self._pruned(told)
        for alert in told.alerts:
            if alert.seq > before:
                _say(alert)
        if told.last_seq != before:
            self._hearers.announce()
        start(self._write(), _failed)

    async def _seen(self) -> Seen:
        """What a look shows. One that does not end shows that, and leaves open what it was seen before."""
        if self._looking is None:
            self._looking = Promise()
            Deferred.fromCoroutine(_of(self._tools.look())).addBoth(self._looking.keep)
        found = await self._looking.within(self._tools.clock, LOOK_S)
        if found is None:
            known = frozenset(one.sentence.key for one in self._memory.episodes)
            return Seen(sentences=(self._tools.stuck(self._tools.moment()),), unsure=known)
        self._looking = None
        if isinstance(found, Failure):
            found.raiseException()
        return found

    # What the ways of telling read

    def hear(self, hearer: Callable[[], None]) -> Callable[[], None]:
        """Call this when there is news; return what ends that."""
        return self._hearers.hear(hearer)

    async def after(self, applications: frozenset[str] | None, seq: int, limit: int) -> tuple[Alert, ...]:
        """Return the next alerts after that number; they are of the whole site."""
        return tuple(one for one in self._memory.alerts if one.seq > seq)[:limit]

    async def cursor(self, application: str, way: str) -> int:
        """Return how far this way came; one that is new begins now."""
        if way not in self._memory.upto:
            self._note(way, self._memory.last_seq)
        return self._memory.upto[way]

    async def advance(self, application: str, way: str, upto: int) -> None:
        """This way came further."""
        self._note(way, upto)
        start(self._write(), _failed)

    def _note(self, way: str, upto: int) -> None:
        self._memory = self._pruned(replace(self._memory, upto={**self._memory.upto, way: upto}))

    def _pruned(self, memory: Memory) -> Memory:
        """Without what every way has told. What waits for one that fails for days is not more than can be read."""
        told = min((memory.upto.get(way, 0) for way in self._ways), default=memory.last_seq)
        return replace(memory, alerts=tuple(one for one in memory.alerts if one.seq > told)[-_MOST_ALERTS:])

    # What is remembered

    async def _write(self) -> None:
        """Write what changed; one at a time, and once more for what changed meanwhile."""
        while self._writing is not None:
            await self._writing.within(self._tools.clock, ROUND_S)
            if self._writing is not None:
                return  # the disk hangs: the next round tries again
        memory = self._memory
        if self._written is not None and _worth_writing(memory) == _worth_writing(self._written):
            return
        writing: Promise[None] = Promise()
        self._writing = writing
        try:
            await self._tools.aside(lambda: self._tools.shelf.put(memory))
            self._written, self._has_failed = memory, False
        except OSError as error:
            if not self._has_failed:
                log.warning("alert.not-remembered", error=type(error).__name__)
            self._has_failed = True
        finally:
            self._writing = None
            writing.keep(None)

    def _pause_s(self) -> float:
        return max(_LEAST_ROUND_S, min(ROUND_S, self._tools.rules().settle_s / 2))


async def _of(work: Awaitable[Seen]) -> Seen:
    return await work


def _is_ending(episode: Episode) -> bool:
    return episode.gone_at is not None and episode.ended_at is None and episode.sentence.is_breakdown


def _worth_writing(memory: Memory) -> Memory:
    """Without what differs at every look: when a sentence was said, how many messages wait."""
    quiet = tuple(
        replace(one, is_unsure=False, sentence=replace(one.sentence, said_at=one.seen_at, messages=0))
        for one in memory.episodes
    )
    return replace(memory, episodes=quiet)


def _say(alert: Alert) -> None:
    """One line in the log for each alert, whatever ways there are."""
    sentence = alert.sentence
    log.log(
        30 if sentence.is_trouble else 20,
        event="alert.told",
        occasion=alert.occasion.value,
        circle=alert.circle.value,
        state=sentence.saying.value,
        about=sentence.about,
        side=sentence.side.value,
        since=f"{sentence.since:%Y-%m-%dT%H:%M:%SZ}" if sentence.since else None,
        times=alert.times,
    )


def _failed(failure: Failure) -> None:
    log.error("alert.failed", error=type(failure.value).__name__)  # writing has its own words for a disk that fails
