"""The sending half of a simulated local system: hands messages to the node until each has an answer.

Knows: the node's local door, a credential, retries under the same message id, renewal of a token.
Must not know: what the node does with them.

Lanes are kept by the sender too: each has patients of its own, and sends a next message only when the one before it
was accepted or refused for good.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from edge_node.model.identifiers import InvalidIdentifier
from edge_node.sandbox.http import Requester, Told, Unreached, post
from edge_node.sandbox.ledger import Ledger, role_of
from edge_node.sandbox.reading import Seen, Unreadable, read
from edge_node.sandbox.samples.making import Maker, Sample

_PAUSE_S = 0.3

#: After these the same message may be sent again.
AGAIN = frozenset({
    "RTEDEST", "NOSTORE", "INTERR", "EN-OUTCOME-UNKNOWN", "EN-IN-PROGRESS", "EN-LANE-BUSY", "EN-LANE-CLOSED",
    "EN-BUSY", "EN-DRAINING", "EN-LINK-OPEN", "EN-NOT-SENT", "EN-TIMEOUT", "EN-INTERNAL", "EN-STORE-UNAVAILABLE",
    "EN-STORE-FULL", "EN-SWITCHBOARD-UNREACHABLE", "EN-SWITCHBOARD-TIMEOUT", "EN-SWITCHBOARD-FAULT",
    "EN-TOKEN-SPENT",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeDoor:
    """The local door of the node, and how this system proves who it is."""

    base: str  # http://127.0.0.1:PORT
    authorization: str = field(repr=False)
    timeout_s: float = 75.0


@dataclass(slots=True)
class Progress:
    """What became of the messages so far."""

    sent: int = 0
    accepted: int = 0
    kept: int = 0
    answered: int = 0
    refused: int = 0
    attempts: int = 0
    complaints: dict[str, int] = field(default_factory=dict)


class Sender:
    """Sends messages of one application."""

    def __init__(
        self, maker: Maker, ledger: Ledger, door: NodeDoor, *, agent: Requester, clock: IReactorTime
    ) -> None:
        self.maker = maker
        self._ledger = ledger
        self._door = door
        self._agent = agent
        self._clock = clock
        self.progress = Progress()

    async def send_all(self, samples: Iterable[Callable[[], Sample]], *, give_up_after_s: float) -> None:
        """Send one after the other; each is made when its turn comes."""
        for make in samples:
            await self.send(make(), give_up_after_s=give_up_after_s)

    async def send(self, sample: Sample, *, give_up_after_s: float) -> str:
        """Send until there is an answer; return its outcome."""
        seen = read(sample.body)
        self._ledger.message("sent", "out", seen, sample.body)
        self.progress.sent += 1
        until = self._clock.seconds() + give_up_after_s
        while True:
            outcome, is_final = await self._attempt(sample, seen)
            # A query is asked again by a person only; a push goes on under its own id.
            if is_final or role_of(seen) != "push" or self._clock.seconds() > until:
                break
            await deferLater(self._clock, _PAUSE_S)
            sample = self.maker.renewed(sample)
        return self._settle(sample, seen, outcome)

    async def _attempt(self, sample: Sample, seen: Seen) -> tuple[str, bool]:
        try:
            told = await self.ask(sample)
        except Unreached:
            return "unreached", False
        return self.judge(told, seen)

    async def ask(self, sample: Sample) -> Told:
        """Hand a message to the node once; raises `Unreached`."""
        self.progress.attempts += 1
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{sample.kind.soap_action}"',
            "Authorization": self._door.authorization,
        }
        url = f"{self._door.base}/{sample.kind.service}"
        try:
            told = await post(
                self._agent, url, sample.body, headers=headers, clock=self._clock, timeout_s=self._door.timeout_s
            )
        except Unreached:
            self._complain("unreached")
            raise
        if told.headers.get("edge-node-state") == "kept":
            self.progress.kept += 1
        return told

    def judge(self, told: Told, seen: Seen) -> tuple[str, bool]:
        """Say what an answer means, and whether it is the last word."""
        if told.status != 200:
            code = _fault_code(told.body) or f"HTTP {told.status}"
            self._complain(code)
            return code, told.status == 500 and "retry-after" not in told.headers and code not in AGAIN
        try:
            answer = read(told.body)
        except (Unreadable, InvalidIdentifier):
            return "unreadable", False
        if answer.target != seen.id:
            return "wrong-answer", True
        if answer.is_positive:
            return answer.type_code or "", True
        code = next(iter(answer.codes), answer.type_code or "")
        self._complain(code)
        return code, code not in AGAIN

    def _settle(self, sample: Sample, seen: Seen, outcome: str) -> str:
        event = "answered" if outcome in {"AA", "CA"} else "refused"
        self._ledger.message(event, "out", seen, sample.body, outcome=outcome)
        if event == "refused":
            self.progress.refused += 1
        elif role_of(seen) == "push":
            self.progress.accepted += 1
        else:
            self.progress.answered += 1
        return outcome

    def _complain(self, code: str) -> None:
        self.progress.complaints[code] = self.progress.complaints.get(code, 0) + 1


def _fault_code(body: bytes) -> str:
    """Return our own code from a SOAP fault: the first word of that form, wherever it stands."""
    start = body.find(b"EN-")
    if start < 0:
        return ""
    end = start
    while end < len(body) and (body[end : end + 1].isalnum() or body[end : end + 1] == b"-"):
        end += 1
    return body[start:end].decode("ascii")
