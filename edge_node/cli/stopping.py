"""Ctrl-C while something long goes on: what is in hand is finished, and told how far it came.

Knows: how a signal is answered by asking for an end, and how progress is shown to who watches.
Must not know: what is going on.
"""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import rich_click as click


@contextmanager
def on_interrupt(stop: Callable[[], None]) -> Iterator[None]:
    """Ask for an end at the first Ctrl-C; leave at once at the second."""
    before = signal.getsignal(signal.SIGINT)

    def interrupted(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stop()

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Progress:
    """One line on the terminal that is written over; nothing where nobody watches."""

    def __init__(self) -> None:
        self._is_watched = sys.stderr.isatty()

    def show(self, text: str) -> None:
        """Say how far it is."""
        if self._is_watched:
            click.echo(f"\r{text}\x1b[K", err=True, nl=False)

    def end(self) -> None:
        """The line is not written over any more."""
        if self._is_watched:
            click.echo("", err=True)
