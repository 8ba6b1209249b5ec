"""What the line needs of the rooms it calls, named for the need.

Knows: the shape of the store, the doors, the clock and chance, as the flow wants them.
Must not know: SQLite, sockets, TLS, which class fits.
"""

from typing import Protocol

from edge_node.model.exchange import Answer, Outgoing
from edge_node.model.fhir import Access, SamlTokens
from edge_node.model.finding import Finding
from edge_node.model.identifiers import ApplicationId
from edge_node.model.keeping import Admission, Entry, Push, Room
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction, StoredAnswer
from edge_node.model.record import LogRecord
from edge_node.model.token import HandedTokens, Judged, MadeToken, WantedToken


class Door(Protocol):
    """The way out to the other side: the switchboard, or the local systems."""

    async def ask(self, outgoing: Outgoing, *, timeout_s: float, connect_s: float) -> Answer:
        """Send and return the answer once its head is there.

        Raises `NotSent` when no byte of the request left, `OutcomeUnknown` from the first byte on. `timeout_s`
        covers the whole exchange, its body too; `connect_s` only the way to a usable connection.
        """
        ...


class BrokerDoor(Door, Protocol):
    """The way out to the broker, which can be tried before a request is ready to go."""

    async def reach(self, outgoing: Outgoing, *, connect_s: float) -> None:
        """See that the other side is there. Raises `NotSent`."""
        ...


class TokenJudge(Protocol):
    """Who proves the tokens of what goes out, away from the reactor."""

    async def judge(self, handed: HandedTokens) -> Judged:
        """What is wrong, and what they say."""
        ...


class TokenSigner(Protocol):
    """Who makes transaction tokens in the name of an organisation, of a mandate and an enrolment (design 4).

    Both raise `Refused` when what was handed in gives none, `NotSent` when the node can make none now.
    """

    async def rehearse(self, wanted: WantedToken) -> None:
        """See that it can be made."""
        ...

    async def make(self, wanted: WantedToken) -> MadeToken:
        """Return a new one, recorded, for one attempt, to be kept nowhere."""
        ...


class AccessTokens(Protocol):
    """Who gets access tokens for what a user signed."""

    async def access_token(
        self, application: ApplicationId, tokens: SamlTokens, access: Access, *, timeout_s: float
    ) -> str:
        """Return a fresh one for this access, for one attempt, to be kept nowhere.

        Raises `NotSent` when nobody could be asked, `Refused` (EN-TOKEN-REFUSED) when these tokens give no access.
        """
        ...

    async def judge(self, application: ApplicationId, token: str) -> Finding | None:
        """What is wrong with one that came in with a request; it only warns where nobody can tell."""
        ...


class Keeper(Protocol):
    """The store, as the line uses it. Each method is one unit of work, durable when it returns.

    All raise `StoreUnavailable` when nothing could be recorded.
    """

    async def keep(self, push: Push, *, lease: bool, answer: StoredAnswer | None = None) -> Admission:
        """Commit message, duplicate memory and record at once; leased when `lease` and it is the head of its lane.

        `answer`, where it is known beforehand, is the first answer, in the same commit.
        """
        ...

    def mark(self, digest: bytes) -> str:
        """Return a short name of a content, by which nobody can guess it; it never changes."""
        ...

    async def begin(self, push: Push, *, holds_s: float) -> Admission:
        """The same for a push the node does not keep: only duplicate memory and record, no body.

        `Admitted.entry` is None. Its lane must be empty, else `LaneClosed`; it holds that lane until `finish` or
        `abandon`, at most `holds_s`. A copy whose first handover has an unknown outcome is admitted again.
        """
        ...

    async def finish(self, push: Push, answer: StoredAnswer) -> None:
        """The answer to a push begun, to be given again to a copy."""
        ...

    async def abandon(self, push: Push, code: str, *, unknown: bool) -> None:
        """A push begun got no answer. Not `unknown`: forget it, a copy is new. `unknown`: remember its content."""
        ...

    async def answered(self, uid: str, answer: StoredAnswer) -> StoredAnswer:
        """Remember the answer to the sender of a kept message ("kept", or the real one); return the first one."""
        ...

    async def lease(self, direction: Direction, room: Room) -> list[Entry]:
        """Take due heads of lanes, most urgent first, then the longest due.

        One to a place where no more may go rests from then on, in nobody's way.
        """
        ...

    async def rouse(self, direction: Direction, place: str, limit: int) -> int:
        """Make that many due that rest for a place, most urgent first, then longest; say how many there were."""
        ...

    async def settle(self, entry: Entry, event: Event, code: str, answer: StoredAnswer | None) -> None:
        """End a lease with `event`; `answer` is what the other side said. `code` names the outcome.

        That of a push out that was acknowledged is also the answer to its sender, where he got none yet.
        """
        ...

    async def put_back(self, entry: Entry, code: str, *, after_s: float, unknown: bool) -> None:
        """End a lease with `DELIVERY_FAILED`: due again after that many seconds of the monotonic clock."""
        ...

    async def wake(self, direction: Direction, limit: int, place: str = "") -> int:
        """Evidence of repair: make that many waiting heads due now, of those to `place`, or of all; say how many."""
        ...

    async def next_due_s(self, direction: Direction) -> float | None:
        """Seconds until the next head is due (0 when one is); None when nothing waits."""
        ...

    async def expire(self, limit: int) -> list[Entry]:
        """End messages whose lifetime is over and that are not in flight; their bodies are left out."""
        ...

    async def prune(self, limit: int) -> int:
        """Remove bodies, memories and rows whose time is over; say how many."""
        ...

    async def tend(self) -> None:
        """Set apart, or again, what a full disk will take. Raises `StoreUnavailable` while there is no room."""
        ...

    async def record(self, record: LogRecord) -> None:
        """Add a line to the access log."""
        ...


class Chance(Protocol):
    """Chance, handed in."""

    def uniform(self) -> float:
        """Return a number from 0 up to, not including, 1."""
        ...

    def hex(self, nbytes: int) -> str:
        """Return that many random bytes from the system's secure source, hexadecimal."""
        ...


class Clock(Protocol):
    """Time, handed in. The reactor fits `monotonic` and `later`."""

    def monotonic(self) -> float:
        """Seconds of a clock that never jumps."""
        ...

    def now(self) -> float:
        """Seconds since the epoch, UTC, as the machine has it."""
        ...


class Watch(Protocol):
    """Who counts what happens, for people and monitoring."""

    def handled(self, direction: Direction, kind: str, outcome: str, took_s: float) -> None:
        """A request was answered: `kind` is query, push or tick, `outcome` a code."""
        ...

    def attempted(self, direction: Direction, outcome: str, took_s: float) -> None:
        """A kept message was handed over, or not: `outcome` is a code."""
        ...

    def warned(self, direction: Direction, code: str) -> None:
        """A message or its answer passed, and was not as the rule of that code has it."""
        ...

    def destinations_closed(self, direction: Direction, count: int) -> None:
        """So many destinations take nothing now."""
        ...

    def link_changed(self, name: str, is_up: bool) -> None:
        """A link went down or came up again."""
        ...
