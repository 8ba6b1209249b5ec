"""A simulated HIS or AIS: answers queries, takes pushes, and keeps a ledger; it can misbehave to test the comparison.

Knows: its application, its ledger, how to drop, double or swap one push in its account.
Must not know: HTTP, what is behind the node.
"""

from enum import StrEnum

from edge_node.model.identifiers import InvalidIdentifier
from edge_node.sandbox.application import Application
from edge_node.sandbox.exchange import Asked, Reply
from edge_node.sandbox.ledger import Ledger, lane_of, role_of
from edge_node.sandbox.reading import Seen, Unreadable, read
from edge_node.sandbox.samples.making import Maker


class Misbehaviour(StrEnum):
    """What a bad local system does with one push it said yes to."""

    DROP = "drop"
    DOUBLE = "double"
    SWAP = "swap"


class LocalSystem:
    """What the local system does with a request from the node."""

    def __init__(self, maker: Maker, ledger: Ledger, misbehaviour: Misbehaviour | None = None) -> None:
        self._maker = maker
        self._application = Application(maker)
        self._ledger = ledger
        self._misbehaviour = misbehaviour
        self._held: dict[str, tuple[Seen, bytes, bool]] = {}
        self.requests = 0

    async def handle(self, asked: Asked, headers: dict[str, str]) -> Reply:
        """Answer one request; a push is in the ledger before the answer."""
        self.requests += 1
        try:
            seen = read(asked.body)
        except (Unreadable, InvalidIdentifier) as error:
            return Reply(status=500, body=self._maker.fault("Client", "SYN", str(error)))
        reply = Reply(status=200, body=self._application.answer(seen))
        if role_of(seen) == "push":
            self._account(seen, asked.body, reply.outcome, "edge-node-redelivery" in headers)
        else:
            self._ledger.message("received", "in", seen, asked.body, outcome=reply.outcome)
        return reply

    def _account(self, seen: Seen, body: bytes, outcome: str, redelivery: bool) -> None:
        match self._misbehaviour:
            case Misbehaviour.DROP:
                self._misbehaviour = None
                return
            case Misbehaviour.DOUBLE:
                self._misbehaviour = None
                self._write(seen, body, outcome, redelivery)
            case Misbehaviour.SWAP if lane_of(seen) not in self._held:
                # Written only after the next one of its lane; until then every lane holds back its first.
                self._held[lane_of(seen)] = (seen, body, redelivery)
                return
        self._write(seen, body, outcome, redelivery)
        held = self._held.pop(lane_of(seen), None)
        if held is not None:
            self._misbehaviour = None
            self._write(held[0], held[1], outcome, held[2])
            self.settle(outcome)

    def settle(self, outcome: str = "CA") -> None:
        """Write what is still held back."""
        for seen, body, redelivery in self._held.values():
            self._write(seen, body, outcome, redelivery)
        self._held.clear()

    def _write(self, seen: Seen, body: bytes, outcome: str, redelivery: bool) -> None:
        now = self._ledger.now()
        self._ledger.message("received", "in", seen, body, outcome=outcome, arrived=now, redelivery=redelivery)
