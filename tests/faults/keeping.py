"""A process with a store, that does what it is told on its standard input and says what came of it.

Usage: python -m tests.faults.keeping STORE. One JSON object a line: {"do": "keep", "from": 1, "n": 5}. The answer is
one line too; a failure has the code of its error.
"""

import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.threads import deferToThread

from edge_node.errors import EdgeNodeError
from edge_node.machine import MachineChance, MachineClock
from edge_node.model.keeping import Admitted, Room
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction
from edge_node.model.record import (
    AccessPoint,
    Action,
    Correlation,
    Counterparty,
    EventPart,
    LogEvent,
    LogRecord,
    Result,
    UserKind,
    UserPart,
)
from edge_node.store.store import Store, open_store
from edge_node.store.surroundings import Shell, Surroundings
from tests.store.shelf import push

reactor: Any = _reactor
Asked = dict[str, Any]
LOST = 70


class Keeping:
    """What can be asked of the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def keep(self, asked: Asked) -> Asked:
        """Keep so many pushes at once, each for a patient of its own."""
        body = os.urandom(int(asked.get("bytes", 1000)))
        numbers = range(asked["from"], asked["from"] + asked["n"])
        return await together(lambda number: self._keep(number, body), numbers)

    async def _keep(self, number: int, body: bytes) -> str:
        admitted = await self._store.keep(push(number, order=str(number), body=body), lease=False)
        return "kept" if isinstance(admitted, Admitted) else type(admitted).__name__

    async def deliver(self, asked: Asked) -> Asked:
        """Lease what is due and settle it, up to so many; say which."""
        delivered: list[str] = []
        while len(delivered) < asked["n"]:
            entries = await self._store.lease(Direction.OUT, Room(limit=8, bulk=8))
            if not entries:
                break
            for entry in entries:
                await self._store.settle(entry, Event.ACKNOWLEDGED, "CA", None)
                delivered.append(entry.message_id.extension)
        return {"delivered": delivered}

    async def put_back(self, asked: Asked) -> Asked:
        """Lease so many, and put them back as if nobody had been there."""
        entries = await self._store.lease(Direction.OUT, Room(limit=asked["n"], bulk=8))
        for entry in entries:
            await self._store.put_back(entry, "EN-NOT-SENT", after_s=asked["after_s"], unknown=False)
        return {"put_back": len(entries)}

    async def next_due(self, asked: Asked) -> Asked:
        """How long until something is due."""
        return {"due_s": await self._store.next_due_s(Direction.OUT)}

    async def record(self, asked: Asked) -> Asked:
        """Log so many queries."""
        return await together(self._record, range(asked["n"]))

    async def _record(self, number: int) -> str:
        await self._store.record(
            LogRecord(
                event=EventPart(
                    type=LogEvent.QUERY,
                    action=Action.READ,
                    result=Result.OK,
                    code="asked",
                    direction=Direction.OUT,
                    interaction="QUPC_IN990001NL",
                ),
                user=UserPart(kind=UserKind.PERSON, uzi="900000101", role="01.015", card="Z"),
                access_point=AccessPoint(node="n1", application="00000300"),
                counterparty=Counterparty(application="00000400"),
                correlation=Correlation(id=f"{number:032x}", message=f"2.16.840.1.113883.2.4.6.6.1.1/{number:012d}"),
            )
        )
        return "recorded"

    async def tend(self, asked: Asked) -> Asked:
        """Make the reserve whole."""
        await self._store.tend()
        return await self.look(asked)

    async def expire(self, asked: Asked) -> Asked:
        """End what lived too long."""
        return {"expired": len(await self._store.expire(1000))}

    async def look(self, asked: Asked) -> Asked:
        """How the reserve is, and what is kept."""
        overview = await self._store.overview()
        reserve = self._store.reserve
        return {
            "open": reserve.is_open,
            "used_up": reserve.is_used_up,
            "set_aside": overview.set_aside,
            "failure": self._store.failure,
            "counts": {count.state.value: count.messages for count in overview.counts},
        }


async def together(one: Callable[[int], Coroutine[Any, Any, str]], numbers: range) -> Asked:
    """Count what came of each, in groups as a busy node has them."""
    found: Counter[str] = Counter()

    async def told(number: int) -> None:
        try:
            found[await one(number)] += 1
        except EdgeNodeError as error:
            found[error.code] += 1

    for first in range(numbers.start, numbers.stop, 64):
        group = range(first, min(first + 64, numbers.stop))
        await gatherResults([Deferred.fromCoroutine(told(number)) for number in group])
    return dict(found)


async def answer(keeping: Keeping, line: str) -> None:
    asked = json.loads(line)
    try:
        said = await getattr(keeping, asked["do"])(asked)
    except EdgeNodeError as error:
        said = {"error": error.code}
    except Exception as error:  # noqa: BLE001  who asked must hear of it
        said = {"error": type(error).__name__}
    os.write(1, json.dumps(said).encode() + b"\n")


def listen(keeping: Keeping) -> None:
    for line in sys.stdin:
        done = threading.Event()

        def begin(line: str = line, done: threading.Event = done) -> None:
            Deferred.fromCoroutine(answer(keeping, line)).addBoth(lambda _: done.set())

        reactor.callFromThread(begin)
        done.wait()
    reactor.callFromThread(reactor.stop)


def main() -> None:
    around = Surroundings(clock=MachineClock(), chance=MachineChance())
    shell = Shell(call_from_thread=reactor.callFromThread, aside=deferToThread, on_fatal=lambda _: os._exit(LOST))
    try:
        store = open_store(Path(sys.argv[1]), around, shell)
    except EdgeNodeError as error:
        os.write(1, json.dumps({"error": error.code, "detail": error.detail}).encode() + b"\n")
        sys.exit(1)
    os.write(1, b'{"ready": true}\n')
    threading.Thread(target=listen, args=[Keeping(store)], daemon=True).start()
    reactor.addSystemEventTrigger("before", "shutdown", lambda: Deferred.fromCoroutine(store.close()))
    reactor.run()


if __name__ == "__main__":
    main()
