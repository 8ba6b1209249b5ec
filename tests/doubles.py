"""Doubles that obey the ports of the line: small, real, in memory."""

from collections import deque
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Any

from edge_node.errors import StoreUnavailable
from edge_node.model.exchange import Outgoing
from edge_node.model.fhir import Access, SamlTokens
from edge_node.model.finding import Finding
from edge_node.model.identifiers import ApplicationId
from edge_node.model.keeping import Admission, Admitted, Entry, IdReused, Known, Push, Room, place_of, way_of
from edge_node.model.lifecycle import Event, State
from edge_node.model.message import Direction, StoredAnswer
from edge_node.model.record import LogEvent, LogRecord
from edge_node.model.token import HandedTokens, Judged, MadeToken, ProvenToken, WantedToken


class GivenAnswer:
    """An answer of the other side, in the pieces given. A piece that is an exception is raised."""

    def __init__(
        self,
        *pieces: bytes | Exception,
        status: int = 200,
        content_type: str = "text/xml; charset=utf-8",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.status = status
        self.content_type = content_type
        self.headers = headers
        self.is_aborted = False
        self._pieces = deque(pieces)

    async def read(self) -> bytes:
        if not self._pieces:
            return b""
        piece = self._pieces.popleft()
        if isinstance(piece, Exception):
            raise piece
        return piece

    def abort(self) -> None:
        self.is_aborted = True


class ProvenTokens:
    """Proves every token; or finds what it was told to find."""

    def __init__(self) -> None:
        self.findings: tuple[Finding, ...] = ()
        self.tokens: tuple[ProvenToken, ...] = ()
        self.handed: list[HandedTokens] = []

    async def judge(self, handed: HandedTokens) -> Judged:
        self.handed.append(handed)
        return Judged(findings=self.findings, tokens=self.tokens)


class CountedTokens:
    """Gives another access token each time; or what it was told to raise."""

    def __init__(self, *failures: Exception) -> None:
        self.given: list[str] = []
        self.accesses: list[Access] = []
        self.finding: Finding | None = None  # on what comes in
        self._failures = deque(failures)

    async def access_token(
        self, application: ApplicationId, tokens: SamlTokens, access: Access, *, timeout_s: float
    ) -> str:
        self.accesses.append(access)
        if self._failures:
            raise self._failures.popleft()
        self.given.append(f"access-{len(self.given) + 1}")
        return self.given[-1]

    async def judge(self, application: ApplicationId, token: str) -> Finding | None:
        return self.finding


class CountedSigner:
    """Makes another transaction token each time; or raises what it was told to, in its turn (None: makes one)."""

    def __init__(self, *failures: Exception | None) -> None:
        self.made: list[WantedToken] = []
        self._failures = deque(failures)

    async def rehearse(self, wanted: WantedToken) -> None:
        self._fail()

    async def make(self, wanted: WantedToken) -> MadeToken:
        self._fail()
        self.made.append(wanted)
        xml = b"<made>%d</made>" % len(self.made)
        return MadeToken(id=f"_{len(self.made)}", ends=datetime(2026, 11, 22, 9, tzinfo=UTC), xml=xml)

    def _fail(self) -> None:
        failure = self._failures.popleft() if self._failures else None
        if failure is not None:
            raise failure


class ScriptedDoor:
    """Answers each request with the next thing given; remembers what was asked."""

    def __init__(self, *answers: GivenAnswer | Exception | Awaitable[Any]) -> None:
        self.asked: list[Outgoing] = []
        self.connect_s: list[float] = []
        self.timeouts_s: list[float] = []
        self.reached = 0
        self.given = answers
        self._answers = deque(answers)

    async def reach(self, outgoing: Outgoing, *, connect_s: float) -> None:
        self.reached += 1

    async def ask(self, outgoing: Outgoing, *, timeout_s: float, connect_s: float) -> GivenAnswer:
        self.asked.append(outgoing)
        self.connect_s.append(connect_s)
        self.timeouts_s.append(timeout_s)
        answer = self._answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, GivenAnswer):
            return answer
        given: GivenAnswer = await answer
        return given


class MemoryKeeper:
    """A store without a disk: enough of the rules for the line's own tests."""

    def __init__(self) -> None:
        self.is_full = False
        self.spent: set[str] = set()
        self.is_overtaken = False  # what a removal removes may arrive after it
        self.uncertain: set[str] = set()  # pushes begun with an unknown outcome
        self.keeping: Awaitable[None] | None = None  # what keeping waits for
        self.beginning: Awaitable[None] | None = None  # what the begin of a push that is passed on waits for
        self.leasing: Awaitable[None] | None = None  # what a lease waits for
        self.recording: Awaitable[None] | None = None  # what a line of the access log waits for
        self.ending: Awaitable[None] | None = None  # what the line of how something ended waits for
        self.records: list[LogRecord] = []
        self.kept: list[Push] = []
        self.begun: list[Push] = []
        self.entries: dict[str, Entry] = {}
        self.due: list[str] = []
        self.resting: list[tuple[str, str]] = []  # place, and what rests for it
        self.ended: list[tuple[str, Event | str, str]] = []
        self.memory: dict[str, tuple[bytes, str | None, StoredAnswer | None]] = {}
        self.abandoned: list[tuple[str, bool]] = []
        self.pauses: list[float] = []
        self.expiring: list[Entry] = []
        self.pruned = 0

    def _check(self) -> None:
        if self.is_full:
            raise StoreUnavailable("no room", code="EN-STORE-FULL")

    async def keep(self, push: Push, *, lease: bool, answer: StoredAnswer | None = None) -> Admission:
        self._check()
        if self.keeping is not None:
            await self.keeping
        if (known := self._known(push)) is not None:
            return known
        uid = f"{len(self.kept) + 1:032x}"
        self.kept.append(push)
        self.memory[str(push.message_id)] = (push.digest, uid, answer)
        self.entries[uid] = an_entry(push, uid)
        if lease:
            return Admitted(uid=uid, entry=self.entries[uid])
        self.due.append(uid)
        return Admitted(uid=uid, entry=None)

    def mark(self, digest: bytes) -> str:
        return digest.hex()[:16]

    async def begin(self, push: Push, *, holds_s: float) -> Admission:
        self._check()
        if self.beginning is not None:
            await self.beginning
        if (known := self._known(push)) is not None:
            return known
        self.begun.append(push)
        unknown = str(push.message_id) in self.uncertain
        self.uncertain.discard(str(push.message_id))
        self.memory[str(push.message_id)] = (push.digest, None, None)
        return Admitted(uid="0" * 32, entry=None, unknown=unknown, overtaken=self.is_overtaken)

    def _known(self, push: Push) -> Known | IdReused | None:
        memory = self.memory.get(str(push.message_id))
        if memory is None or (str(push.message_id) in self.uncertain and memory[0] == push.digest):
            return None
        digest, uid, answer = memory
        spent = uid in self.spent
        return (
            Known(uid=uid, answer=answer, code="EN-TOKEN-SPENT" if spent else "")
            if digest == push.digest
            else IdReused()
        )

    async def finish(self, push: Push, answer: StoredAnswer) -> None:
        self._check()
        self.memory[str(push.message_id)] = (push.digest, None, answer)

    async def abandon(self, push: Push, code: str, *, unknown: bool) -> None:
        self._check()
        self.abandoned.append((code, unknown))
        if unknown:
            self.uncertain.add(str(push.message_id))
        else:
            del self.memory[str(push.message_id)]

    async def answered(self, uid: str, answer: StoredAnswer) -> StoredAnswer:
        self._check()
        for message_id, (digest, known, first) in self.memory.items():
            if known == uid:
                answer = first or answer
                self.memory[message_id] = (digest, uid, answer)
        return answer

    async def lease(self, direction: Direction, room: Room) -> list[Entry]:
        self._check()
        for place, most in room.closed.items():
            at = [uid for uid in self.due if place in _places(self.entries[uid])]
            self.resting += [(place, uid) for uid in at[most:]]
            self.due = [uid for uid in self.due if uid not in at[most:]]
        waiting = [uid for uid in self.due if self.entries[uid].direction is direction]
        throttled = [uid for uid in waiting if self.entries[uid].is_bulk][room.bulk :]
        uids = [uid for uid in waiting if uid not in throttled][: room.limit]
        self.due = [uid for uid in self.due if uid not in uids]
        if self.leasing is not None and uids:
            await self.leasing
        return [self.entries[uid] for uid in uids]

    async def settle(self, entry: Entry, event: Event, code: str, answer: StoredAnswer | None) -> None:
        self._check()
        self.ended.append((entry.uid, event, code))
        if event is Event.ACKNOWLEDGED and answer is not None and entry.direction is Direction.OUT:
            await self.answered(entry.uid, answer)

    async def put_back(self, entry: Entry, code: str, *, after_s: float, unknown: bool) -> None:
        self._check()
        self.pauses.append(after_s)
        self.ended.append((entry.uid, "unknown" if unknown else "again", code))

    async def wake(self, direction: Direction, limit: int, place: str = "") -> int:
        return 0

    async def rouse(self, direction: Direction, place: str, limit: int) -> int:
        roused = [uid for at, uid in self.resting if at == place][:limit]
        self.resting = [(at, uid) for at, uid in self.resting if uid not in roused]
        self.due += roused
        return len(roused)

    async def next_due_s(self, direction: Direction) -> float | None:
        return 0.0 if any(self.entries[uid].direction is direction for uid in self.due) else None

    async def expire(self, limit: int) -> list[Entry]:
        expired, self.expiring = self.expiring, []
        return expired

    async def tend(self) -> None:
        self._check()

    async def prune(self, limit: int) -> int:
        self._check()
        self.pruned += 1
        return 0

    async def record(self, record: LogRecord) -> None:
        self._check()
        if self.recording is not None:
            await self.recording
        if self.ending is not None and record.event.type in {LogEvent.ANSWER, LogEvent.REFUSED}:
            await self.ending
        self.records.append(record)


def _places(entry: Entry) -> tuple[str, str]:
    return place_of(entry.receiver, entry.payload.format), way_of(entry.payload.format)


def an_entry(push: Push, uid: str = "1" * 32) -> Entry:
    """The entry of a push that was just leased."""
    return Entry(
        uid=uid,
        direction=push.direction,
        message_id=push.message_id,
        interaction=push.interaction,
        sender=push.sender,
        receiver=push.receiver,
        state=State.IN_FLIGHT,
        attempts=0,
        fence=1,
        unknown=False,
        has_token=push.has_token,
        correlation=push.correlation,
        payload=push.payload,
        is_bulk=push.is_bulk,
        is_repeatable=push.is_repeatable,
    )


class FixedChance:
    """Always the same draw; hexadecimal counts up, so that ids differ."""

    def __init__(self, drawn: float = 0.5) -> None:
        self._drawn = drawn
        self._count = 0

    def uniform(self) -> float:
        return self._drawn

    def hex(self, nbytes: int) -> str:
        self._count += 1
        return f"{self._count:0{nbytes * 2}x}"


class Counted:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.handled_as: list[tuple[str, str]] = []
        self.attempts: list[str] = []
        self.links: list[tuple[str, bool]] = []
        self.warnings: list[str] = []
        self.closed: list[int] = []

    def handled(self, direction: Direction, kind: str, outcome: str, took_s: float) -> None:
        self.handled_as.append((kind, outcome))

    def attempted(self, direction: Direction, outcome: str, took_s: float) -> None:
        self.attempts.append(outcome)

    def warned(self, direction: Direction, code: str) -> None:
        self.warnings.append(code)

    def destinations_closed(self, direction: Direction, count: int) -> None:
        self.closed.append(count)

    def link_changed(self, name: str, is_up: bool) -> None:
        self.links.append((name, is_up))
