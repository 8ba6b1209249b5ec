"""One arm of the measurement of keeping: the store with its senders, or one fdatasync after each message.

Knows: both arms, and the same messages for both.
Must not know: how often it is run, what comes of the figures.

Usage: python -m benchmarks.enqueue_arm store|plain FOLDER MESSAGES SENDERS. Prints the seconds it took.
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from twisted.python.failure import Failure

from benchmarks.keeping import bsns, pushes, surroundings
from edge_node.model.keeping import Admitted, Push


def _tell(failure: Failure) -> None:
    sys.stderr.write(f"{failure}\n")


def main() -> None:
    """Run one arm."""
    arm, folder = sys.argv[1], Path(sys.argv[2])
    messages, senders = int(sys.argv[3]), int(sys.argv[4])
    make, patients = pushes(), bsns(senders)
    made = [make.push(number, patients[number % senders]) for number in range(messages)]
    if arm == "plain":
        print(plain(folder / "messages", made))
    else:
        print(store(folder / "queue.sqlite3", made, senders))


def plain(file: Path, made: list[Push]) -> float:
    """Append each message to a file and wait until it is on the disk."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    begun = time.perf_counter()
    for push in made:
        os.write(descriptor, push.payload.body)
        os.fdatasync(descriptor)
    took_s = time.perf_counter() - begun
    os.close(descriptor)
    return took_s


def store(file: Path, made: list[Push], senders: int) -> float:
    """Let senders keep their messages at the same time, each waiting until its own is durable."""
    from twisted.internet import reactor as installed
    from twisted.internet.defer import Deferred, ensureDeferred, gatherResults
    from twisted.internet.threads import deferToThread

    from edge_node.store.store import Store, open_store
    from edge_node.store.surroundings import Shell

    reactor: Any = installed
    took_s: list[float] = []

    async def send(opened: Store, own: Iterator[Push]) -> None:
        for push in own:
            admission = await opened.keep(push, lease=False)
            assert isinstance(admission, Admitted), admission

    async def run() -> None:
        shell = Shell(call_from_thread=reactor.callFromThread, aside=deferToThread, on_fatal=lambda _: os._exit(70))
        opened = open_store(file, surroundings(), shell)
        begun = time.perf_counter()
        waiting: list[Deferred[None]] = [
            ensureDeferred(send(opened, iter(made[number::senders]))) for number in range(senders)
        ]
        await gatherResults(waiting)
        took_s.append(time.perf_counter() - begun)
        await opened.close()

    def begin() -> None:
        done = ensureDeferred(run())
        done.addErrback(_tell)
        done.addBoth(lambda _: reactor.stop())

    reactor.callWhenRunning(begin)
    reactor.run()
    return took_s[0]


if __name__ == "__main__":
    main()
