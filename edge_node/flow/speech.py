"""What the line needs of a format: a request understood, its sender answered, an answer heard.

Knows: the shape of each, so that one line serves every format.
Must not know: any format; SOAP is in `soap.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from edge_node.errors import OutcomeUnknown, Refused, Unavailable
from edge_node.model.exchange import Answer, Arrival, Reply
from edge_node.model.finding import Finding
from edge_node.model.identifiers import ApplicationId, MessageId
from edge_node.model.interaction import Interaction
from edge_node.model.keeping import Entry, NotNew
from edge_node.model.message import Direction, Patients, Payload, Said, StoredAnswer, TokenUse
from edge_node.model.record import LogRecord
from edge_node.model.site import Application, Site
from edge_node.model.token import WantedToken
from edge_node.policy.acknowledgement import Meaning

Case = TypeVar("Case", contravariant=True)
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A request as the line handles it."""

    direction: Direction
    site: Site
    row: Interaction | None  # None where no table knows it
    application: Application | None  # ours that speaks or is spoken to
    interaction: str
    message_id: MessageId
    sender: ApplicationId | None  # None, or the receiver, where ours cannot be told; then there is a finding too
    receiver: ApplicationId | None
    patients: Patients
    digest: bytes
    payload: Payload  # as it is sent on
    token: bytes = b""  # digest of its tokens' ids; empty without a token
    token_uses: tuple[TokenUse, ...] = ()  # the tokens made for this message alone
    order: str = ""  # ordering group
    supersedes: str | None = None  # a removal: the group whose waiting registrations it replaces
    may_keep: bool = False  # whether its sender lets the node send it later
    is_repeatable: bool = False  # the other side recognises a copy, also with the same token
    author: str = "not supplied"  # what kind of author it names
    log: LogRecord  # its line in the access log, as it is asked
    request_id: str = ""  # of this hop, where the format has one beside the message id


class Answers(Protocol[Case]):
    """The replies a format has, about a case of its own."""

    def again(self, answer: StoredAnswer) -> Reply: ...
    def fault_of_other_side(self, case: Case, status: int, body: bytes) -> Reply: ...
    def accept(self, case: Case) -> StoredAnswer: ...
    def kept(self, case: Case, uid: str) -> StoredAnswer: ...
    def refused(self, case: Case, findings: Sequence[Finding]) -> Reply: ...
    def refused_as(self, case: Case, code: str, detail: str) -> Reply: ...
    def not_new(self, case: Case, known: NotNew) -> Reply: ...
    def not_sent(self, case: Case, error: Unavailable) -> Reply: ...
    def outcome_unknown(self, case: Case, error: OutcomeUnknown) -> Reply: ...
    def not_answered(self, case: Case, error: Unavailable) -> Reply: ...
    def unavailable(self, case: Case, error: Unavailable) -> Reply: ...


@dataclass(frozen=True, slots=True)
class Voice(Generic[Case]):
    """What the sender of one request may be told."""

    answers: Answers[Case]
    case: Case

    def again(self, answer: StoredAnswer) -> Reply:
        """The same bytes as the first time."""
        return self.answers.again(answer)

    def fault_of_other_side(self, answer: StoredAnswer) -> Reply:
        """The other side answered with a fault of its own."""
        return self.answers.fault_of_other_side(self.case, answer.status, answer.body)

    def accept(self) -> StoredAnswer:
        """We have it."""
        return self.answers.accept(self.case)

    def kept(self, uid: str) -> StoredAnswer:
        """It is kept here, and goes on by itself."""
        return self.answers.kept(self.case, uid)

    def refused(self, findings: Sequence[Finding]) -> Reply:
        """What was found is why not."""
        return self.answers.refused(self.case, findings)

    def refused_as(self, code: str, detail: str) -> Reply:
        """No, with that code."""
        return self.answers.refused_as(self.case, code, detail)

    def not_new(self, known: NotNew) -> Reply:
        """A copy, or one that another message is in the way of."""
        return self.answers.not_new(self.case, known)

    def not_sent(self, error: Unavailable) -> Reply:
        """A push that certainly was not processed."""
        return self.answers.not_sent(self.case, error)

    def outcome_unknown(self, error: OutcomeUnknown) -> Reply:
        """A push that may have been processed."""
        return self.answers.outcome_unknown(self.case, error)

    def not_answered(self, error: Unavailable) -> Reply:
        """A query without an answer."""
        return self.answers.not_answered(self.case, error)

    def unavailable(self, error: Unavailable) -> Reply:
        """The node itself cannot, now."""
        return self.answers.unavailable(self.case, error)


class Verdict(Protocol):
    """What an answer to a push says."""

    @property
    def is_positive(self) -> bool:
        """Whether the other side took the message."""
        ...

    @property
    def is_unknown(self) -> bool:
        """Whether it may have been processed all the same."""
        ...

    @property
    def is_unexplained(self) -> bool:
        """Whether it is unknown, with nothing in the answer that its sender would be better off with."""
        ...

    def meaning(self, *, has_token: bool, unknown: bool) -> tuple[Meaning, str]:
        """What follows for a kept message, with the code that decided."""
        ...


class Hearing(Protocol):
    """One answer, read as it comes. What cannot be read raises `Refused`."""

    @property
    def headers(self) -> Headers:
        """What goes along with it to the asker."""
        ...

    @property
    def is_fault(self) -> bool:
        """Whether it is a fault of the other side instead of an answer."""
        ...

    @property
    def said(self) -> Said:
        """What it says as far as it was read, for the access log."""
        ...

    async def feed(self, piece: bytes) -> None:
        """Read on, a little at each turn of the reactor where that takes long."""
        ...

    def begun(self) -> Finding | None:
        """What does not fit, once the first part is there."""
        ...

    def further(self) -> Finding | None:
        """What does not fit in what came so far."""
        ...

    def ended(self) -> Finding | None:
        """What does not fit in the whole."""
        ...

    def verdict(self) -> Verdict:
        """What it says, after its end."""
        ...


class Asked(Protocol):
    """What was asked of the other side: what an answer is held against."""

    @property
    def max_answer_bytes(self) -> int:
        """An answer to a push beyond this is none."""
        ...

    @property
    def wanted(self) -> WantedToken | None:
        """A token that the node is to make for it, at each attempt anew."""
        ...

    def hear(self, answer: Answer) -> Hearing:
        """Begin to read an answer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A request that was read and judged. Without findings it may go on."""

    facts: Facts
    findings: tuple[Finding, ...]
    asked: Asked | None  # None where no table knows the interaction
    voice: Voice[Any]


class Speech(Protocol):
    """One format, as the line speaks it."""

    async def understand(self, arrival: Arrival, site: Site) -> Understood:
        """Read and judge a request. Raises `Refused` for what cannot be read."""
        ...

    def unread(self, arrival: Arrival, error: Refused) -> Reply:
        """Tell the sender of what could not be read."""
        ...

    async def resume(self, entry: Entry, site: Site) -> Asked:
        """What a kept message asks. Raises `NotSent` where the settings do not have its interaction any more."""
        ...
