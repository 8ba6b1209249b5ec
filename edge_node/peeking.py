"""Looks at the machine in threads of their own, since a file, a socket or a command may hang.

Knows: that such a thread keeps nobody: neither the reactor, nor the threads of the store, nor the end of the process.
Must not know: what is looked at, how long it may take.
"""

import threading
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

T = TypeVar("T")
#: Does something in a thread, and gives what came of it.
Peek = Callable[[Callable[[], T]], Awaitable[T]]


class Peeking:
    """A thread for each look; whoever asks sees to it that there is one at a time."""

    def __init__(self, call_from_thread: Callable[..., Any]) -> None:
        self._call = call_from_thread

    def __call__(self, work: Callable[[], T]) -> "Deferred[T]":
        """Do it. One that never comes back costs a thread that sleeps, until the process ends."""
        done: Deferred[T] = Deferred()
        thread = threading.Thread(target=self._work, args=(work, done), name="edge-node look", daemon=True)
        thread.start()
        return done

    def _work(self, work: Callable[[], T], done: "Deferred[T]") -> None:
        try:
            result = work()
        except Exception:  # noqa: BLE001  the top of a thread: whoever asked hears of it
            self._call(done.errback, Failure())  # type: ignore[no-untyped-call]
        else:
            self._call(done.callback, result)
