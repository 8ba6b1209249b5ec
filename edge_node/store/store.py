"""The store as the line, the status and the commands use it: one method, one unit of work.

Knows: that changes go through the writer and reads go beside it.
Must not know: SQL, what an answer means.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from edge_node.errors import EdgeNodeError, StoreUnavailable
from edge_node.model.identifiers import MessageId
from edge_node.model.inbox import Waiting
from edge_node.model.keeping import Admission, Admitted, Entry, Push, Renewal, Room
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction, Payload, StoredAnswer
from edge_node.model.overview import By, Choice, Overview, Row, SetAside, Shown
from edge_node.model.record import LogEvent, LogRecord
from edge_node.store import admission, interventions, journal, messages, pruning, queue, resting, settings_mark, views
from edge_node.store.admission import Asked
from edge_node.store.certificate_book import CertificateBook
from edge_node.store.check_book import CheckBook
from edge_node.store.emergency_desk import EmergencyDesk
from edge_node.store.inbox_desk import InboxDesk
from edge_node.store.key_change import KeyChange
from edge_node.store.life import Change
from edge_node.store.log_desk import LogDesk
from edge_node.store.mounts import is_readonly
from edge_node.store.noticeboard import Noticeboard
from edge_node.store.opening import Opened, Verb, open_run
from edge_node.store.reader import Reader
from edge_node.store.reserve import NothingToSetApart, Reserve, ReserveState
from edge_node.store.safekeeping import Safekeeping
from edge_node.store.session import Session
from edge_node.store.stock import Stock
from edge_node.store.surroundings import Moment, Shell, Surroundings, moment
from edge_node.store.upkeep_book import UpkeepBook
from edge_node.store.writer import Emergency, Writer

T = TypeVar("T")
Timed = Callable[[Session, Moment], T]
#: What is not taken in while the log is bent, where the site chose so; what people do is recorded all the same.
_TAKEN_IN: Final = frozenset({LogEvent.QUERY, LogEvent.PUSH})
#: Of each kind in one round of housekeeping: so many units of so many rows, each some milliseconds of the writer.
_UNITS: Final = 20
_AT_ONCE: Final = 50


def open_store(path: Path, around: Surroundings, shell: Shell) -> "Store":
    """Open, recover and begin to serve. Blocks for a moment: called once, before the reactor serves."""
    return Store(path, open_run(path, around), around, shell)


class Store:
    """Fits `flow.ports.Keeper`, `status.ports.Queue` and `status.ports.Renewals`."""

    def __init__(self, path: Path, opened: Opened, around: Surroundings, shell: Shell) -> None:
        self._clock = around.clock
        self._chance = around.chance
        self._aside = shell.aside
        self._run = opened.session.run
        self._key = opened.session.key
        self._reader = reader = Reader(path, around.clock)
        self._reserve = Reserve(path, around.journal_reserve_records)
        self._writer = Writer(
            opened.session,
            shell.call_from_thread,
            shell.on_fatal,
            opened.database.close,
            emergency=Emergency(
                give_up_reserve=self._reserve.give_up,
                look_at_reserve=self._reserve.look,
                empty_log=self._reserve.empty_log,
                is_readonly=lambda: is_readonly(path.parent),
            ),
        )
        self._session = opened.session
        self.notices = Noticeboard(self._writer.do, reader, shell.aside, around.clock)
        self.certificates = CertificateBook(self._writer.do, reader, shell.aside, around.clock)
        self.checks = CheckBook(self._writer.do, reader, shell.aside)
        self.upkeep = UpkeepBook(self._writer.do, reader, shell.aside)
        opened.session.on_told = lambda: shell.call_from_thread(self.notices.announce)
        self.inbox = InboxDesk(self._writer.do, around, opened.session.run, self._look_inbox)
        self.safekeeping = Safekeeping(path, self._writer.do, shell.aside, around.clock)
        self.emergencies = EmergencyDesk(self._writer.do, reader, shell.aside, around.clock)
        self.log = LogDesk(path, opened.session, self._writer.do, (shell.aside, around))
        self.keys = KeyChange(path, self._writer.do, around)
        self.stock = Stock(self._writer.do, reader, shell.aside, around.clock, settled=self._settled)
        self._writer.start()

    async def close(self) -> None:
        """Sign where the access log is, commit what waits, write the log back, let go of the file."""
        with suppress(EdgeNodeError):  # of a store that cannot be written the last head is the one before
            await self.log.sign_head()
        await self._writer.close()

    # The line

    async def keep(self, push: Push, *, lease: bool, answer: StoredAnswer | None = None) -> Admission:
        """Commit message, memory, record and first answer at once; leased when asked and head of its lane."""
        asked = self._asked(lease=lease, answer=answer)
        kept = await self._writer.do(lambda session: admission.keep(session, push, asked), len(push.payload.body))
        if push.direction is Direction.IN and isinstance(kept, Admitted):
            self.inbox.came()
        return kept

    def mark(self, digest: bytes) -> str:
        """Name a content in a few letters, the same ones in every run."""
        return self._key.mark(digest)

    async def begin(self, push: Push, *, holds_s: float) -> Admission:
        """Commit that a push is handed over while its sender waits."""
        asked = replace(self._asked(lease=False), holds_s=holds_s)
        return await self._writer.do(lambda session: admission.begin(session, push, asked))

    async def finish(self, push: Push, answer: StoredAnswer) -> None:
        """Remember the answer to a push begun."""
        at = self._now()
        await self._writer.do(lambda session: admission.finish(session, push, answer, at), len(answer.body))

    async def abandon(self, push: Push, code: str, *, unknown: bool) -> None:
        """Remember, or forget, a push begun that got no answer."""
        how = (unknown, self._now())
        await self._writer.do(lambda session: admission.abandon(session, push, code, how))

    async def answered(self, uid: str, answer: StoredAnswer) -> StoredAnswer:
        """Remember the answer given to the sender of a kept message, and return the first one."""
        return await self._writer.do(lambda session: admission.answered(session, uid, answer), len(answer.body))

    async def lease(self, direction: Direction, room: Room) -> list[Entry]:
        """Take due heads of lanes; those to closed places rest from then on."""
        return await self._at(lambda session, at: queue.lease(session, direction, room, at))

    async def rouse(self, direction: Direction, place: str, limit: int) -> int:
        """Make due what rests for a place to which it may go."""
        return await self._at(lambda session, at: resting.rouse(session, (direction, place), limit, at))

    async def settle(self, entry: Entry, event: Event, code: str, answer: StoredAnswer | None) -> None:
        """End a lease with what came of it."""
        change = queue.settling(event, code, self._now())
        await self._writer.do(lambda session: admission.settle(session, entry, change, answer))

    async def put_back(self, entry: Entry, code: str, *, after_s: float, unknown: bool) -> None:
        """End a lease: due again later."""
        change = Change(
            event=Event.DELIVERY_FAILED,
            at=self._now(),
            code=code,
            after_s=after_s,
            unknown=unknown,
            spends=unknown and not entry.unknown,
        )
        await self._writer.do(lambda session: queue.put_back(session, entry, change))

    async def wake(self, direction: Direction, limit: int, place: str = "") -> int:
        """Make waiting heads due now."""
        if place:
            return await self._at(lambda session, at: queue.wake_for(session, (direction, place), limit, at))
        return await self._at(lambda session, at: queue.wake(session, direction, limit, at))

    async def next_due_s(self, direction: Direction) -> float | None:
        """Return the seconds until the next head is due."""
        return await self._at(lambda session, at: queue.next_due_s(session, direction, at))

    async def expire(self, limit: int) -> list[Entry]:
        """End messages that lived too long; where only the token did, a signature is waited for."""
        await self._done(queue.end_tokens, limit)
        most = min(limit, _AT_ONCE)
        ended: list[Entry] = []
        while len(ended) < limit and (some := await self._at(lambda session, at: queue.expire(session, most, at))):
            ended += some
        return ended

    async def prune(self, limit: int) -> int:
        """Remove what is over, and seal what is to be sealed anew: in short units, so that no sender waits long.

        What one kind meets keeps none of the others; it is raised at the end.
        """
        total, met = 0, None
        for step in pruning.STEPS:
            try:
                total += await self._done(step, limit)
            except StoreUnavailable as error:
                met = met or error
        if met is not None:
            raise met
        return total

    async def _done(self, step: pruning.Step, limit: int) -> int:
        total = 0
        for _ in range(_UNITS):
            done = await self._at(lambda session, at: step(session, min(limit, _AT_ONCE), at))
            total += done
            if not done:
                break
        return total

    @property
    def reserve(self) -> ReserveState:
        """What is set apart for a full disk, and whether it is in use."""
        return self._reserve.state

    async def tend(self) -> None:
        """Set apart, or again, what a full disk will take; a little at a time, so that nobody waits for it."""
        if self._reserve.state.is_whole:
            return
        try:
            while await self._writer.do(self._reserve.fill):
                pass
        except NothingToSetApart as error:
            raise StoreUnavailable(str(error), code=error.code) from error
        self._reserve.filled()

    async def record(self, record: LogRecord) -> None:
        """Add a line to the access log."""
        reserve = self._reserve.state
        # What is not let in is tried again and again: it must not use up what queries are recorded in.
        if reserve.is_used_up or (reserve.is_scarce and record.event.type is LogEvent.REFUSED):
            raise StoreUnavailable("the disk is full, and so is the reserve", code="EN-STORE-FULL")
        if self.log.is_shut and record.event.type in _TAKEN_IN:
            raise StoreUnavailable("the access log was bent, and nobody has seen it", code="EN-LOG-TAMPERED")
        await self._at(lambda session, at: journal.add(session, record, at.now))

    def clock_is_off(self, by_s: float | None) -> None:
        """Lines say from now on by how much; None: nobody knows."""
        self._session.clock_offset_ms = None if by_s is None else round(by_s * 1000)

    async def settings_in_force(self, digest: str, tell: Callable[[str], LogRecord]) -> None:
        """Remember which settings are in force; where they are others than before, in one commit with the line."""
        await self._at(lambda session, at: settings_mark.take(session, digest, tell, at.now))

    # People

    @property
    def failure(self) -> str:
        """The code with which the last commit failed; empty when it did not."""
        return self._writer.failure

    async def overview(self) -> Overview:
        """Count by direction and state."""
        return await self._read(self._reader.overview)

    async def list(self, choice: Choice) -> tuple[Row, ...]:
        """Return the messages chosen, oldest first."""
        return await self._read(lambda: self._reader.list(choice))

    async def show(self, uid: str) -> Shown | None:
        """Return one message with its history."""
        return await self._read(lambda: self._reader.show(uid))

    async def find(self, message_id: MessageId) -> Shown | None:
        """Return the newest message with this id."""
        return await self._read(lambda: self._reader.find(message_id))

    async def set_aside(self, limit: int) -> tuple[SetAside, ...]:
        """Return the messages that could not be read, newest first."""
        return await self._read(lambda: self._reader.set_aside(limit))

    async def payload(self, uid: str) -> Payload:
        """Return the bytes of a message. Raises `Refused` when they are gone."""
        return await self._writer.do(lambda session: messages.bytes_of(session, uid))

    async def retry(self, uid: str, by: By) -> Row:
        """Make it due now."""
        return await self._change(interventions.retry, uid, by)

    async def discard(self, uid: str, by: By) -> Row:
        """End it undelivered."""
        return await self._change(interventions.discard, uid, by)

    async def hold(self, uid: str, by: By) -> Row:
        """Keep it from being sent."""
        return await self._change(interventions.hold, uid, by)

    async def release(self, uid: str, by: By) -> Row:
        """Let it be sent again."""
        return await self._change(interventions.release, uid, by)

    async def renew(self, uid: str, renewal: Renewal) -> Row:
        """Replace the bytes of a message by the same message with a new token."""
        at = self._now()
        message = await self._writer.do(
            lambda session: interventions.renew(session, uid, renewal, at), len(renewal.body or b"")
        )
        return views.row(message, self._run, at)

    def _now(self) -> Moment:
        return moment(self._clock)

    def _asked(self, *, lease: bool, answer: StoredAnswer | None = None) -> Asked:
        return Asked(self._chance.hex(16), self._now(), lease, answer)

    async def _at(self, work: Timed[T]) -> T:
        at = self._now()
        return await self._writer.do(lambda session: work(session, at))

    async def _change(self, verb: Verb, uid: str, by: By) -> Row:
        at = self._now()
        message = await self._writer.do(lambda session: verb(session, uid, by, at))
        return views.row(message, self._run, at)

    async def _settled(self) -> None:
        """Return when all that was begun before is committed."""
        await self._writer.do(lambda session: None)

    async def _look_inbox(self, receiver: str | None, limit: int) -> tuple[Waiting, ...]:
        return await self._read(lambda: self._reader.inbox(receiver, limit))

    async def _read(self, look: Callable[[], T]) -> T:
        found: T = await self._aside(look)
        return found
