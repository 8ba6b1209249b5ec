"""Ctrl-C and SIGTERM, at moments when they may not simply end what is being done.

Knows: how a signal is put off, or answered in another way, for a while.
Must not know: what is being done meanwhile.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def on_signals(act: Callable[[], None]) -> Iterator[None]:
    """Answer every signal by that act, and go on."""
    before = {number: signal.signal(number, lambda *_: act()) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def interrupted_later() -> Iterator[None]:
    """Put a signal off to the end: between starting a process and remembering it, it would be forgotten."""
    came: list[bool] = []
    with on_signals(lambda: came.append(True)):
        yield
    if came:
        raise KeyboardInterrupt
