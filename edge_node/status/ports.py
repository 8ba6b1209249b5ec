"""What status, control and the local API need of the store and the node, named for the need.

Knows: the verbs people use on the queue, how a snapshot is asked for, how a change is recorded.
Must not know: SQLite, sockets, which class fits.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from edge_node.model.anchors import AnchorChange, AnchorsInUse
from edge_node.model.backup import Band, Made, Safety, Span
from edge_node.model.finding import Finding
from edge_node.model.identifiers import ApplicationId, MessageId
from edge_node.model.inbox import Ended, Fetcher, Key, Offer, Opened, Waiting, Wish
from edge_node.model.keeping import Renewal
from edge_node.model.message import Direction, Payload, Reading
from edge_node.model.notice import Notice
from edge_node.model.overview import (
    By,
    Cause,
    Choice,
    Crowd,
    Errand,
    Moved,
    Overview,
    Page,
    Preview,
    Row,
    SetAside,
    Shown,
    Tally,
)
from edge_node.model.peer import LocalCaller
from edge_node.model.record import (
    AccessPoint,
    Action,
    Correlation,
    EventPart,
    LogEvent,
    LogRecord,
    ObjectPart,
    Result,
    UserKind,
    UserPart,
)
from edge_node.model.record_ends import result_of
from edge_node.model.renewal import Asked, Installation, Offered, Requested, Trial
from edge_node.status.snapshot import Snapshot


class Queue(Protocol):
    """The kept messages, as people read and change them.

    A change raises `Refused` with `EN-NOT-FOUND` or `EN-ILLEGAL-STEP`, and keeps who and why in the same commit.
    """

    async def overview(self) -> Overview:
        """Count by direction and state."""
        ...

    async def list(self, choice: Choice) -> tuple[Row, ...]:
        """The messages chosen, oldest first."""
        ...

    async def show(self, uid: str) -> Shown | None:
        """One message with its history."""
        ...

    async def set_aside(self, limit: int) -> tuple[SetAside, ...]:
        """The messages that could not be read any more, newest first."""
        ...

    async def find(self, message_id: MessageId) -> Shown | None:
        """The newest message with this id."""
        ...

    async def retry(self, uid: str, by: By) -> Row:
        """Make it due now."""
        ...

    async def discard(self, uid: str, by: By) -> Row:
        """End it undelivered."""
        ...

    async def hold(self, uid: str, by: By) -> Row:
        """Keep it from being sent."""
        ...

    async def release(self, uid: str, by: By) -> Row:
        """Let it be sent again."""
        ...


class Inbox(Protocol):
    """What local systems fetch, and people read while they cannot.

    What a system does raises `Refused` with `EN-NOT-FOUND` for a message that is not its own, `EN-INBOX-LOCK` where
    its lock is not the last one anybody had on it.
    """

    async def lock(self, fetcher: Fetcher, wish: Wish) -> tuple[Offer, ...]:
        """Lock what waits for these applications, oldest first; of each lane only its head."""
        ...

    async def open(self, fetcher: Fetcher, key: Key) -> Opened:
        """The bytes of a message, for who has it locked."""
        ...

    async def confirm(self, fetcher: Fetcher, key: Key) -> Ended:
        """The local system has it. The same again is no error."""
        ...

    async def release(self, fetcher: Fetcher, key: Key) -> Ended:
        """The local system did not take it: offered again at once."""
        ...

    async def extend(self, fetcher: Fetcher, key: Key, lock_s: float) -> Ended:
        """Keep the lock for so many seconds from now."""
        ...

    async def waiting(self, receiver: str | None, limit: int) -> tuple[Waiting, ...]:
        """What waits for local systems, oldest first."""
        ...

    async def read(self, uid: str, by: By) -> Opened:
        """Open a message for a named person, once that is in the access log."""
        ...

    async def take(self, uid: str, by: By) -> Row:
        """A named person took it over by hand: delivered."""
        ...


class Stock(Protocol):
    """The kept messages in numbers, as people look at them and act on many at once."""

    async def preview(self, crowd: Crowd) -> Preview:
        """Count them, and show a few, as they are at the moment it tells."""
        ...

    async def seqs(self, crowd: Crowd, after: int, limit: int) -> Page:
        """The next ones after that place, by their places in the order of arrival."""
        ...

    async def rows(self, crowd: Crowd, after: int, limit: int) -> Page:
        """The next ones as lists show them."""
        ...

    async def causes(self, crowd: Crowd) -> tuple[Cause, ...]:
        """Why messages are stuck, the most of them first."""
        ...

    async def shape(self, choice: Choice) -> tuple[Tally, ...]:
        """How many wait for which receiver, by age."""
        ...

    async def do(self, errand: Errand, seqs: Sequence[int]) -> Moved:
        """Do it to each of these in one commit; one that changed, or to which it cannot be done, is passed over."""
        ...

    async def open(self, uid: str, by: By) -> Payload:
        """The bytes of a message, once it is in the access log who reads them and why. Raises `Refused`."""
        ...


class Renewals(Protocol):
    """What the store does with a new token."""

    async def renew(self, uid: str, renewal: Renewal) -> Row:
        """Replace the bytes of a message that needs a token by the same message with another security header.

        Raises `Refused` with `EN-ID-REUSED` when the digest differs and `EN-ILLEGAL-STEP` when no token is needed.
        """
        ...


class Notices(Protocol):
    """What there is to tell local systems, in order."""

    async def after(self, applications: frozenset[str] | None, seq: int, limit: int) -> tuple[Notice, ...]:
        """The next ones after that number, of these applications."""
        ...

    async def known(self, seq: int) -> int:
        """From where to go on for who read up to that number: before it where this store did not give it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something a person had the daemon do."""

    verb: str
    target: str  # uid of a message, or empty
    by: By
    patient: str = field(default="", repr=False)  # number of the patient it asks about
    details: tuple[tuple[str, str], ...] = ()  # what of it stands open
    correlation: str = ""  # its lines have it in common
    code: str = ""  # why it was not made; empty before it is made

    @property
    def record(self) -> LogRecord:
        """Its line in the access log; with a code, the one after it that says it was not made."""
        event, action = _EVENTS.get(self.verb.partition(".")[0], (LogEvent.OPERATOR, Action.EXECUTE))
        return LogRecord(
            event=EventPart(
                type=event,
                action=action,
                result=result_of(self.code) if self.code else Result.OK,
                code=self.code or self.verb,
                reason=self.by.why,
                details=((("verb", self.verb),) if self.code else ()) + self.details,
            ),
            user=UserPart(kind=UserKind.OPERATOR, name=self.by.who, method="control socket"),
            access_point=AccessPoint(node=""),  # the log knows which
            object=ObjectPart(patient=self.patient, is_named=bool(self.patient)),
            correlation=Correlation(id=self.correlation, uid=self.target),
        )


#: What a verb does, by its first word; any other is a deed at the node.
_EVENTS: Final = {
    "log": (LogEvent.LOG, Action.READ),
    "queue": (LogEvent.QUEUE, Action.UPDATE),
    "inbox": (LogEvent.READING, Action.READ),
    "consent": (LogEvent.CONSENT, Action.UPDATE),
    "gbz": (LogEvent.OVERRIDE, Action.UPDATE),
}

#: How the node is now.
Look = Callable[[], Awaitable[Snapshot]]
#: Makes a change durable in the record before it is made, or that it was not; raises `StoreUnavailable` if it cannot.
RecordChange = Callable[[Change], Awaitable[None]]
#: Reads the settings again; raises `SettingsInvalid` and keeps the old ones when they are wrong.
Reload = Callable[[By], Awaitable[None]]
#: Told after a change that may have made something due that way, so that it is sent now and not at the next turn.
Wake = Callable[[Direction], None]
#: Reads a whole message; raises `Refused`.
Read = Callable[[bytes], Awaitable[Reading]]
#: What is wrong with the new token of a message that is handed in again.
Judge = Callable[[LocalCaller, Reading, bytes], Awaitable[Sequence[Finding]]]
#: Makes a renewal of a kept FHIR request from the headers that hold its new tokens; raises `Refused`.
FhirRenewal = Callable[[LocalCaller, Row, tuple[tuple[str, str], ...]], Awaitable[Renewal]]
#: The applications a local system may speak for.
ApplicationsOf = Callable[[LocalCaller], frozenset[ApplicationId]]


def nobody(direction: Direction) -> None:
    """Nothing is to be woken: nothing delivers here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudge:
    """What the line is told after an act of a person."""

    wake: Wake = nobody  # a message may be due, or a lane open
    hope: Wake = nobody  # what was down or asked for a pause may be repaired: once for each act, at its end


#: Nothing delivers here.
NO_LINE: Final = Nudge()


class Backups(Protocol):
    """Backups, as people have them made."""

    async def make(self, folder: Path | None, told: Callable[[str, int, int], None]) -> Made:
        """Make one now, in this folder or in that of the settings; `told` hears how far it is."""
        ...

    async def drilled(self, detail: dict[str, object]) -> None:
        """Somebody proved that a backup can be restored."""
        ...

    async def safety(self) -> Safety:
        """How well the store is backed up."""
        ...


class RestoreHolds(Protocol):
    """What a restore holds back, as people let it go."""

    async def bands(self, span: Span) -> tuple[Band, ...]:
        """Count what is held in a span, each way."""
        ...

    async def act(self, ending: str, span: Span, limit: int, by: By) -> Sequence[Direction]:
        """Release or discard up to so many, the oldest first; return which way each of them goes."""
        ...


class Changed(Protocol):
    """The store has another key, or will have it once a person put its file in place."""

    @property
    def key(self) -> str: ...
    @property
    def file(self) -> Path | None: ...


class KeyChange(Protocol):
    """Changes the key of the store."""

    async def rotate(self) -> Changed:
        """Have another key open what is sealed."""
        ...


class Renewing(Protocol):
    """Certificates of this site, as people renew them."""

    async def request(self, asked: Asked) -> Requested:
        """Make a key and the request for its certificate."""
        ...

    async def requests(self, identity: str | None) -> tuple[Requested, ...]:
        """The requests that wait."""
        ...

    async def install(self, offered: Offered) -> Installation:
        """Put a certificate in use once it fits and a peer took it."""
        ...

    async def back(self, identity: str) -> Installation:
        """Put the one in use that was before."""
        ...

    async def test(self, identity: str, peer: str | None) -> tuple[Trial, ...]:
        """Try what is shown, and what waits."""
        ...


class AnchorCare(Protocol):
    """Anchors of peers, as people look at them and overrule their trial."""

    @property
    def in_use(self) -> tuple[AnchorsInUse, ...]:
        """Which anchors of each peer count."""
        ...

    def accept(self, peer: str | None) -> tuple[AnchorChange, ...]:
        """Have those of the settings count as they are."""
        ...
