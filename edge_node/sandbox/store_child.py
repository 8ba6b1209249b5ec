"""A process that keeps and hands over messages until it is killed, and says what it promised.

Knows: the store as the daemon uses it.
Must not know: who kills it, or what is checked afterwards.

Usage: `python -m edge_node.sandbox.store_child STORE ORDERS`, with orders in JSON. It says, a line each: `ready`;
`k NUMBER` kept; `h NUMBER LANE AGAIN` handed over (1: said to be not for the first time); `d NUMBER` delivered;
`c NUMBER` a copy was recognised; `x NUMBER` it was not; `end` all is delivered.
"""

import hashlib
import json
import os
import random
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from edge_node.machine import MachineChance, MachineClock
from edge_node.model.identifiers import ApplicationId, InteractionId, MessageId
from edge_node.model.keeping import Admitted, Entry, Known, Push, Room
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction, Payload, StoredAnswer
from edge_node.sandbox.crashing_node import arm
from edge_node.sandbox.store_trial import ROOT
from edge_node.store.store import Store, open_store
from edge_node.store.surroundings import Shell, Surroundings

_LANES: Final = 6
_LONGEST_LANE: Final = 4
_FAILING: Final = 0.08  # of the handovers: nobody knows whether they arrived
_ROOM: Final = Room(limit=4, bulk=4)
_IDLE_S: Final = 0.005
_REACTOR: Final[Any] = reactor


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What this run is to do."""

    first: int = 0  # number of its first message
    copies: tuple[int, ...] = ()  # to be handed in again
    fail_point: str = ""
    ends: bool = False  # begins nothing new, delivers all, and ends by itself


def push(number: int, lane: int) -> Push:
    """Return the message of that number, always the same bytes."""
    body = hashlib.sha256(str(number).encode()).hexdigest().encode() * (4 + number % 40)
    return Push(
        direction=Direction.OUT, message_id=MessageId(ROOT, f"{number}-{lane}"),
        interaction=InteractionId("REPC_IN990003NL"), sender=ApplicationId(str(300 + lane)),
        receiver=ApplicationId("400"), order="report", patient=None, digest=hashlib.sha256(body).digest(),
        payload=Payload(path="Report", soap_action="urn:hl7-org:v3/Report_Send", body=body), priority=1,
        lifetime_s=86_400.0, correlation=f"c{number}",
    )  # fmt: skip


def answer(number: int) -> StoredAnswer:
    """Return the first answer to it, which every copy must get."""
    return StoredAnswer(status=200, content_type="text/xml", body=f"<CA>{number}</CA>".encode())


class Worker:
    """Everything that happens on the store, until the end."""

    def __init__(self, store: Store, orders: Orders) -> None:
        self._store = store
        self._orders = orders
        self._chance = random.Random(orders.first)

    async def copy(self) -> None:
        """Hand in again what an earlier run promised to have."""
        for number in self._orders.copies:
            for_lane = number % _LANES
            given = answer(number)
            admitted = await self._store.keep(push(number, for_lane), lease=False, answer=given)
            say("c" if isinstance(admitted, Known) and admitted.answer == given else "x", number)

    async def keep(self, lane: int) -> None:
        """Keep the messages of one lane, never many ahead of what is delivered."""
        number = self._orders.first + lane
        while True:
            for _ in range(1 + self._chance.randrange(_LONGEST_LANE)):
                leased = self._chance.random() < 0.5
                admitted = await self._store.keep(push(number, lane), lease=leased, answer=answer(number))
                if not isinstance(admitted, Admitted):
                    raise TypeError(f"message {number} was not admitted: {admitted}")
                say("k", number)
                if admitted.entry is not None:
                    await self._hand_over(admitted.entry)
                number += _LANES
            await deferLater(_REACTOR, self._chance.random() * _IDLE_S)

    async def deliver(self) -> None:
        """Hand over whatever is due; at the end, until nothing is left."""
        while True:
            entries = await self._store.lease(Direction.OUT, _ROOM)
            for entry in entries:
                await self._hand_over(entry)
            if entries:
                continue
            if self._orders.ends and await self._store.next_due_s(Direction.OUT) is None:
                return
            await deferLater(_REACTOR, _IDLE_S)

    async def _hand_over(self, entry: Entry) -> None:
        number, lane = entry.message_id.extension.split("-")
        if entry.payload.body != push(int(number), int(lane)).payload.body:
            raise ValueError(f"message {number} has other bytes than were kept")
        say("h", f"{number} {lane} {int(entry.unknown)}")
        if self._chance.random() < _FAILING:
            await self._store.put_back(entry, "EN-TIMEOUT", after_s=0.0, unknown=True)
            return
        await self._store.settle(entry, Event.ACKNOWLEDGED, "CA", None)
        say("d", number)


def say(what: str, of: object = "") -> None:
    """Say it at once: what is written is not lost with the process."""
    os.write(1, f"{what} {of}".rstrip().encode() + b"\n")


async def work(store: Store, orders: Orders) -> None:
    """Do as ordered."""
    worker = Worker(store, orders)
    say("ready")
    await worker.copy()
    lanes = () if orders.ends else range(_LANES)
    for lane in lanes:
        Deferred.fromCoroutine(worker.keep(lane)).addErrback(failed)
    await worker.deliver()
    await store.close()
    say("end")
    _REACTOR.stop()


def failed(failure: Any) -> None:
    """End with an error: a promise could not even be made."""
    failure.printTraceback(file=sys.stderr)
    os._exit(70)


def end_with_parent() -> None:
    """Nobody writes to standard input: it is at its end when whoever started this is gone."""
    os.read(0, 1)
    os._exit(0)


def main() -> None:
    """Open the store and work on it."""
    threading.Thread(target=end_with_parent, daemon=True).start()
    path, written = sys.argv[1:]
    read = json.loads(written)
    orders = Orders(**{**read, "copies": tuple(read.get("copies", ()))})
    if orders.fail_point:
        arm(orders.fail_point)
    around = Surroundings(clock=MachineClock(), chance=MachineChance())
    shell = Shell(call_from_thread=_REACTOR.callFromThread, aside=deferToThread, on_fatal=lambda _: os._exit(70))
    store = open_store(Path(path), around, shell)
    Deferred.fromCoroutine(work(store, orders)).addErrback(failed)
    _REACTOR.run()


if __name__ == "__main__":
    main()
