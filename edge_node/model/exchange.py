"""One request or answer as it crosses a door of the node.

Knows: what the line needs of a request and of a reply, whatever protocol carried it.
Must not know: HTTP, TLS, sockets.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

from edge_node.model.identifiers import ApplicationId
from edge_node.model.message import Direction, Payload
from edge_node.model.peer import LocalCaller, SwitchboardCaller
from edge_node.model.supplied import NOTHING, Supplied
from edge_node.model.token import WantedToken


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a local system says beside a message, for the access log and for checks that only it can answer."""

    is_emergency: bool = False
    reason: str = field(default="", repr=False)  # in its words
    user: str = field(default="", repr=False)  # UZI number and role of who asks: NUMBER:NN.NNN
    workstation: str = field(default="", repr=False)
    supplied: Supplied = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A request that came in through one of the two doors, whole."""

    direction: Direction
    payload: Payload
    caller: LocalCaller | SwitchboardCaller
    correlation: str  # one id from local system to switchboard and back
    beside: Beside = Beside()
    address: str = ""  # of the caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request the node makes to the other side."""

    direction: Direction
    sender: ApplicationId
    receiver: ApplicationId
    payload: Payload
    correlation: str
    redelivery: bool = False  # an earlier handover got no answer
    wanted: WantedToken | None = None  # a token the node is to make for it first


class Answer(Protocol):
    """What the other side answers: its head at once, its body as it comes."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def content_type(self) -> str:
        """As it came; may be empty."""
        ...

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """As they came; names in lower case."""
        ...

    async def read(self) -> bytes:
        """Return the next piece, at most 64 kB; empty at the end. Raises `OutcomeUnknown` when it breaks off."""
        ...

    def abort(self) -> None:
        """Want no more of it: the connection is closed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the node answers. A `stream` that raises breaks the connection, so that no half answer looks whole."""

    status: int
    body: bytes = b""
    stream: AsyncIterator[bytes] | None = None
    content_type: str = "text/xml; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = field(default=())
    why: str = ""  # of a no, for the log: what the code alone does not tell, without patient data

    def __repr__(self) -> str:
        return f"<Reply {self.status} {len(self.body)} bytes>"
