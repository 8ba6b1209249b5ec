"""Keeps the access log: has its heads signed, its segments filed and pruned, and looks whether it was bent.

Knows: how often each is done, that a file which looks otherwise than before is looked at, that a bent log is sealed
off and told, when nothing more is taken in.
Must not know: how a log is chained or proven, what is in it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog
from twisted.internet.defer import Deferred, DeferredLock, gatherResults
from twisted.internet.interfaces import IReactorTime

from edge_node.errors import EdgeNodeError, Refused, StoreUnavailable
from edge_node.flow.clock_watch import ClockWatch
from edge_node.flow.rounds import Rhythm, Rounds
from edge_node.model.log_state import Bend, Breach, Found, LogFact, LogWanted, Proof, SignedHead
from edge_node.model.overview import By
from edge_node.rota import Service
from edge_node.settings.schema import Settings
from edge_node.store.log_desk import LogDesk, Pages

_log = structlog.get_logger()

#: After a start, before the whole log is looked at for the first time: the messages that wait go first.
_FIRST_PROOF_S: Final = 30.0
#: Between two glances at what would show that somebody was at the log; they read none of it.
_GLANCE_S: Final = 20.0
_STOP: Final = "stop_intake"
#: So many lines are looked at between two rests, so that the reactor never waits for the look.
_LINES: Final = 200
_REST_S: Final = 0.002
_OF_A_HEAD: Final = frozenset({Bend.CUT_END, Bend.OTHER_LOG})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What it is done with."""

    desk: LogDesk
    settings: Callable[[], Settings]
    reactor: IReactorTime
    clock_watch: ClockWatch
    moment: Callable[[], datetime]
    pause: Callable[[float], None]  # in a thread


class Logkeeping:
    """Does it from `begin` to `stop`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        rhythm = Rhythm(
            clock=parts.reactor,
            pause_s=lambda: parts.settings().journal.head_interval_s,
            event="log.not-kept",
            untold=(StoreUnavailable,),
        )
        self._rounds = Rounds(self._round, rhythm)
        self._glances = Rounds(self._glance, replace(rhythm, pause_s=lambda: _GLANCE_S, is_told_once=True))
        self._is_keeping = False  # files come and go meanwhile
        self._others: int | None = None  # the number of what others wrote, as it was last seen
        self._next_proof_s = self._next_look_s = 0.0
        self._outline: Mapping[str, tuple[int, ...]] = {}  # as the files were when all was looked at, and ours since
        self._unread: tuple[Mapping[str, tuple[int, ...]], str, str] | None = None  # the files, and why they were not
        self._ours: dict[str, tuple[int, ...]] = {}  # files that the node made while all was looked at
        self._told: int | None = None  # id of the last breach that was told; None: those of before are not known yet
        self._whole = DeferredLock()  # no file goes while all of them are read
        self._fact = LogFact()

    @property
    def fact(self) -> LogFact:
        """How the log is."""
        return replace(self._fact, head=self._parts.desk.head, key=self._parts.desk.public.id)

    @property
    def head(self) -> SignedHead | None:
        """The newest head that is durable."""
        return self._parts.desk.head

    @property
    def pem(self) -> str:
        """The public half of the key that signs."""
        return self._parts.desk.pem

    def begin(self) -> None:
        """Go on from now on."""
        self._parts.desk.publish_key()
        self._next_proof_s = self._parts.reactor.seconds() + _FIRST_PROOF_S
        self._rounds.begin()
        self._rounds.soon()
        self._glances.begin()

    def become(self) -> None:
        """The settings changed."""
        self._judge_shut()

    @property
    def service(self) -> Service:
        """What it does at each turn of the node: no round runs when the store is closed."""
        return Service(begin=self.begin, become=self.become, let_go=self.stop, stop=self._end)

    async def _end(self) -> None:
        await self.stop()

    def stop(self) -> Deferred[None]:
        """No more rounds; fires when the one under way has ended."""
        return gatherResults([self._rounds.stop(), self._glances.stop()]).addCallback(lambda _: None)

    async def prove(self, wanted: str = "") -> Proof:
        """Look at the whole log now; what is new of what is wrong is sealed off and told."""
        async with self._whole:
            outline, self._ours = await self._parts.desk.outline(), {}
            try:
                proof = await self._parts.desk.prove(wanted, _Rests(self._parts.pause).rest)
            except Refused:  # who asked brought no head
                raise
            except EdgeNodeError as error:
                self._put_off(outline, error)
                raise
            self._is_read({**outline, **self._ours})
        at = self._parts.moment()
        self._fact = replace(self._fact, proven_at=at, is_sound=proof.is_sound, records=proof.records)
        await self._take_note(proof, wanted)
        return proof

    def _put_off(self, outline: Mapping[str, tuple[int, ...]], error: EdgeNodeError) -> None:
        again_s = self._parts.reactor.seconds() + self._parts.settings().journal.look_interval_s
        self._unread = (outline, error.code, error.detail)
        self._next_proof_s = self._next_look_s = again_s

    def _is_read(self, outline: Mapping[str, tuple[int, ...]]) -> None:
        if self._unread is not None:
            self._next_proof_s = self._parts.reactor.seconds() + self._parts.settings().journal.proof_interval_s
        self._outline, self._unread = outline, None

    async def see(self, by: By) -> int:
        """A person knows of what was found."""
        count = await self._parts.desk.see(by)
        await self._look_at_breaches()
        return count

    def pages(self, wanted: LogWanted) -> Pages:
        """Give the records that are wanted, some at a time."""
        return self._parts.desk.pages(wanted)

    async def _round(self) -> None:
        self._is_keeping = True
        try:
            await self._keep()
        except EdgeNodeError as error:
            if error.code != self._fact.hindrance:
                _log.warning("log.hindered", code=error.code, detail=error.detail)
            self._fact = replace(self._fact, hindrance=error.code)
            raise
        finally:
            self._is_keeping = False
        self._fact = replace(self._fact, hindrance="")

    async def _glance(self) -> None:
        """Look at once where a file was touched, or where somebody else wrote into the store."""
        if self._is_keeping or self._fact.is_sound is None:
            return
        others = await self._parts.desk.writes_of_others()
        before, self._others = self._others, others
        outline = await self._parts.desk.outline()
        if outline != self._outline:
            if not self._is_to_wait(outline):
                await self.prove()
        elif before is not None and others != before:
            await self._look_at_newest()

    async def _keep(self) -> None:
        await self._parts.desk.sign_head()
        await self._look_at_breaches()
        await self._file()
        await self._parts.desk.index(_Rests(self._parts.pause).rest)
        if not self._parts.clock_watch.is_quiet:
            await self._prune()
        await self._look()

    async def _file(self) -> None:
        filed = await self._parts.desk.file()
        if not filed:
            return
        _log.info("log.filed", segments=len(filed))
        found = await self._parts.desk.outline()
        self._ours |= {name: found[name] for name in filed if name in found}
        self._outline = {**self._outline, **self._ours}

    async def _prune(self) -> None:
        async with self._whole:
            gone = await self._parts.desk.prune()
            if gone is not None:
                _log.info("log.pruned", file=gone)
                self._outline = {name: looks for name, looks in self._outline.items() if name != gone}

    async def _look(self) -> None:
        """Look at all of it now and then, and when a file was touched; at the newest more often."""
        now, journal = self._parts.reactor.seconds(), self._parts.settings().journal
        is_first = self._fact.is_sound is None
        outline = await self._parts.desk.outline()
        if self._unread is not None and self._is_to_wait(outline):
            raise EdgeNodeError(self._unread[2], code=self._unread[1])
        if now >= self._next_proof_s or (not is_first and outline != self._outline):
            self._next_proof_s = now + journal.proof_interval_s
            self._next_look_s = now + journal.look_interval_s
            await self.prove()
        elif not is_first and now >= self._next_look_s:
            self._next_look_s = now + journal.look_interval_s
            await self._look_at_newest()

    def _is_to_wait(self, outline: Mapping[str, tuple[int, ...]]) -> bool:
        """What could not be read a moment ago is not read again at each glance: it takes minutes of a processor."""
        is_same = self._unread is not None and self._unread[0] == outline
        return is_same and self._parts.reactor.seconds() < self._next_look_s

    async def _look_at_newest(self) -> None:
        await self._take_note(await self._parts.desk.prove_newest(_Rests(self._parts.pause).rest))

    async def _take_note(self, proof: Proof, wanted: str = "") -> None:
        # What a head that somebody brought says of the end is between him and the log.
        theirs = _OF_A_HEAD if wanted else frozenset()
        found = tuple(each for each in proof.found if each.bend not in theirs)
        if found:
            await self._look_at_breaches()
            self._fact = replace(self._fact, is_sound=False)
            await self._parts.desk.seal_off(replace(proof, found=found))
        await self._look_at_breaches()

    async def _look_at_breaches(self) -> None:
        breaches = await self._parts.desk.breaches()
        last = max((each.id for each in breaches), default=0)
        # Those of before a start were told by the run that found them.
        told = last if self._told is None else self._told
        self._tell(tuple(each for each in breaches if each.id > told))
        self._told = max(last, told)
        self._fact = replace(self._fact, found=_found(tuple(each for each in breaches if each.seen_at is None)))
        self._judge_shut()

    def _tell(self, new: tuple[Breach, ...]) -> None:
        found = _found(new)
        if found:
            shown = [f"{each.bend}: {each.first}-{each.last}" for each in found[:10]]
            _log.critical("log.bent", found=shown, count=len(found))

    def _judge_shut(self) -> None:
        is_shut = bool(self._fact.found) and self._parts.settings().journal.when_bent == _STOP
        if is_shut is not self._fact.is_shut:
            _log.warning("log.intake", is_shut=is_shut)
        self._fact = replace(self._fact, is_shut=is_shut)
        self._parts.desk.is_shut = is_shut


class _Rests:
    """Rests between some lines and the next, in the thread that reads them."""

    def __init__(self, pause: Callable[[float], None]) -> None:
        self._pause = pause
        self._lines = 0

    def rest(self) -> None:
        """A line was read."""
        self._lines += 1
        if self._lines % _LINES == 0:
            self._pause(_REST_S)


def _found(breaches: tuple[Breach, ...]) -> tuple[Found, ...]:
    return tuple(found for breach in breaches for found in breach.found)
