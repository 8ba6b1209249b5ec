"""Who wants to be called when there is news.

Knows: who they are, that one may stop hearing while it is being told.
Must not know: what the news is.
"""

from collections.abc import Callable


class Hearers:
    """Those of one source of news."""

    def __init__(self) -> None:
        self._hearers: set[Callable[[], None]] = set()

    def hear(self, hearer: Callable[[], None]) -> Callable[[], None]:
        """Call this at all news from now on; return what ends that."""
        self._hearers.add(hearer)
        return lambda: self._hearers.discard(hearer)

    def announce(self) -> None:
        """There is news."""
        for hearer in tuple(self._hearers):
            hearer()
