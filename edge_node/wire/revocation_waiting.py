"""Revocation lists that cannot be used yet: of a CA nobody has shown, or of a moment that is still to come.

Knows: which of two is the newer one, how much may wait, who makes room for whom.
Must not know: which CAs are known, what a list says, where the time comes from.

What a site puts in its own files is read once, so it stays here until it can be used. What came over HTTP, which
anybody on the way may write, comes again within the hour: it makes room.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from edge_node.wire.revocation_list import RevocationList

#: Lists that wait at once.
_LISTS: Final = 64
#: Of one source over HTTP: the name of a CA is easily invented.
_OF_ONE_SOURCE: Final = 4


@dataclass(frozen=True, slots=True)
class Waiting:
    """One list, and where it came from."""

    series: bytes
    source: str
    age: tuple[datetime, int]
    is_ours: bool  # of a file of the site
    der: bytes = field(repr=False)


class WaitingRoom:
    """Lists by series and source: a source that is asked each hour for weeks takes one place."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._inside: dict[tuple[bytes, str], Waiting] = {}  # who came first goes first
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._inside)

    def all(self) -> tuple[Waiting, ...]:
        """Everything that waits."""
        return tuple(self._inside.values())

    def put(self, one: RevocationList, source: str, *, is_ours: bool) -> bool:
        """Have it wait, in the place of an older one of its kind; False: there is no room."""
        fresh = Waiting(one.series, source, one.age, is_ours, one.der)
        place = fresh.series, source
        with self._lock:
            before = self._inside.get(place)
            if before is not None and before.age >= fresh.age:
                return True
            others = {at: waiting for at, waiting in self._inside.items() if at != place}
            for other in self._leaving(others, fresh):
                del others[other]
            if not self._has_room(others, fresh):
                return False
            self._inside = {**others, place: fresh}
        return True

    def leave(self, one: Waiting) -> None:
        """Have it wait no more, unless another one took its place."""
        with self._lock:
            if self._inside.get((one.series, one.source)) is one:
                del self._inside[one.series, one.source]

    def _leaving(self, others: dict[tuple[bytes, str], Waiting], fresh: Waiting) -> Iterator[tuple[bytes, str]]:
        """Say who makes room: those over HTTP, first the oldest of a source that has too many."""
        passing = [at for at, waiting in others.items() if not waiting.is_ours]
        of_source = Counter(source for _, source in passing)
        if not fresh.is_ours and of_source[fresh.source] >= _OF_ONE_SOURCE:
            first = next(at for at in passing if at[1] == fresh.source)
            passing.remove(first)
            yield first
        for at in passing:
            if self._has_room(others, fresh):
                return
            yield at

    def _has_room(self, others: dict[tuple[bytes, str], Waiting], fresh: Waiting) -> bool:
        held = sum(len(waiting.der) for waiting in others.values())
        return len(others) < _LISTS and held + len(fresh.der) <= self._max_bytes
