"""A process that keeps and delivers messages until it is killed, and says what it was promised.

Usage: python -m tests.store.crashing STORE FAIL_POINT NTH [RECOVERY_KEY]. Each promise is one line: `k NUMBER` for
kept, `d NUMBER` for delivered. At the NTH time at FAIL_POINT it kills itself with signal 9.
"""

import os
import secrets
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

from edge_node.model.keeping import Admitted, Room
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction
from edge_node.store.recovery import load_public
from edge_node.store.store import Store, open_store
from edge_node.store.surroundings import SealingKeys, Shell, Surroundings
from tests.store.shelf import push

SENDERS = 8


class MachineClock:
    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> float:
        return time.time()


class MachineChance:
    def hex(self, nbytes: int) -> str:
        return secrets.token_hex(nbytes)


def dying_at(point: str, nth: int) -> Callable[[str], None]:
    """Return a fail point that ends this process as a power cut would."""
    seen = [0]

    def fail_point(name: str) -> None:
        seen[0] += name == point
        if seen[0] == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    return fail_point


def say(what: str, number: str) -> None:
    os.write(1, f"{what} {number}\n".encode())


async def send(store: Store, first: int) -> None:
    number = first
    while True:
        admitted = await store.keep(push(number, order=str(number % 5)), lease=True)
        assert isinstance(admitted, Admitted), admitted
        say("k", str(number))
        if admitted.entry is not None:
            await store.settle(admitted.entry, Event.ACKNOWLEDGED, "CA", None)
            say("d", str(number))
        for entry in await store.lease(Direction.OUT, Room(limit=3, bulk=3)):
            await store.settle(entry, Event.ACKNOWLEDGED, "CA", None)
            say("d", entry.message_id.extension)
        number += SENDERS


def main() -> None:
    path, point, nth, *recovery = sys.argv[1:]
    sealing = SealingKeys(recovery=tuple(load_public(Path(each)) for each in recovery))
    around = Surroundings(
        clock=MachineClock(), chance=MachineChance(), fail_point=dying_at(point, int(nth)), sealing=sealing
    )
    shell = Shell(call_from_thread=reactor.callFromThread, aside=deferToThread, on_fatal=lambda _: os._exit(70))
    store = open_store(Path(path), around, shell)
    base = int(time.time() * 1000) * 1000
    for sender in range(SENDERS):
        Deferred.fromCoroutine(send(store, base + sender)).addErrback(lambda failure: os._exit(71))
    reactor.run()


if __name__ == "__main__":
    main()
