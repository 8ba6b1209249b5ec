"""Where the records between two signed heads are not what was signed.

Knows: that a record says its own number and the hash before it, so that it can be known again wherever it stands.
Must not know: where the records came from, what a signature is.
"""

import bisect
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from edge_node.model.log_state import Bend, Found
from edge_node.store import chain


@dataclass(frozen=True, slots=True)
class Row:
    """A record as it lies there."""

    hash: bytes  # as it is written beside it
    text: bytes
    place: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that is none, or that nobody may read."""

    place: str
    why: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """A record of which the hash is known."""

    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class _Known:
    """A record with what it says of itself."""

    at: int  # where it lies
    row: Row
    seq: int
    prev: bytes
    hash: bytes  # that follows from it


@dataclass(frozen=True, slots=True)
class Stray:
    """A record that lies where it does not belong."""

    seq: int  # as it says itself
    hash: bytes
    place: str
    after: int  # the record before it, as it lies

    @property
    def is_record(self) -> bool:
        """Whether it says a number at all."""
        return self.seq != NOBODY


@dataclass(slots=True)
class Torn:
    """What came of looking at a span: what is wrong, what is missing, what lies there without belonging there."""

    found: list[Found]
    missing: list[Anchor] = field(default_factory=list)  # not there; with the hash that it had, where one tells
    strays: list[Stray] = field(default_factory=list)
    proven: list[bytes] = field(default_factory=list)  # texts of those that are what was signed


#: What comes of reading a line that somebody may have written himself.
NO_RECORD: Final = (ValueError, KeyError, TypeError, OverflowError, RecursionError)
#: The number of a line that is no record.
NOBODY: Final = -1
#: So many records more than lie there may have been: a number farther away is made up.
_MOST_MISSING: Final = 10_000
_ONE_OF_THESE: Final = "one or more of these"


def look(rows: Sequence[Row], start: Anchor, end: Anchor | None) -> Torn:
    """Find what is wrong between two anchors; without an end, its last record is believed."""
    known = [_known(at, row) for at, row in enumerate(rows)]
    walk = _Walk(known, start)
    walk.back_from(end or _last(known, start))
    return walk.told()


class _Walk:
    """Goes back from what was signed: each record names the hash of the one before it, so that this one is proven."""

    def __init__(self, known: list[_Known], start: Anchor) -> None:
        self._known = known
        self._start = start
        self._place = known[0].row.place if known else ""
        self._by_hash = {each.hash: each for each in known}
        self._by_written = {each.row.hash: each for each in known}
        self._by_seq = {each.seq: each for each in sorted(known, key=lambda each: each.row.hash == each.hash)}
        self._good: list[_Known] = []
        self._claimed: set[int] = set()
        self._changed: list[int] = []
        self._broken = 0  # so many good ones were found up to the last that is not
        self._torn = Torn([])

    def back_from(self, end: Anchor) -> None:
        """Go back to the start; past a record that is not what it was, by the next that is."""
        wanted, seq = end.hash, end.seq
        while seq > self._start.seq:
            each = self._by_hash.get(wanted)
            if each is not None and each.seq == seq:
                self._good.append(each)
                wanted = each.prev
            else:
                wanted = self._past(wanted, seq)
            seq -= 1
        if wanted != self._start.hash:
            self._foreign()

    def told(self) -> Torn:
        """What was found."""
        torn, place = self._torn, self._place
        torn.found += [Found(Bend.CHANGED, first, last, place) for first, last in runs(sorted(set(self._changed)))]
        for each in self._good:
            if each.row.hash != each.hash:
                torn.found.append(Found(Bend.CHANGED, each.seq, each.seq, each.row.place, "the hash beside it"))
        taken = {each.at for each in self._good} | self._claimed
        torn.strays += [self._stray(each) for each in self._known if each.at not in taken]
        self._good.reverse()
        torn.proven = [each.row.text for each in self._good]
        _order(self._good, torn)
        return torn

    def _foreign(self) -> None:
        """These follow from each other, and not from what was signed before them."""
        run = self._good[self._broken :]
        if len(run) == 1:
            self._changed.append(run[0].seq)
        elif run:
            detail = _ONE_OF_THESE
            self._torn.found.append(Found(Bend.REWRITTEN, run[-1].seq, run[0].seq, run[0].row.place, detail))

    def _stray(self, each: _Known) -> Stray:
        before = (other.seq for other in reversed(self._known[: each.at]) if other.seq != NOBODY)
        return Stray(each.seq, each.hash, each.row.place, next(before, self._start.seq))

    def _past(self, wanted: bytes, seq: int) -> bytes:
        self._broken = len(self._good)
        claim = self._by_written.get(wanted) or self._by_seq.get(seq)
        if claim is None:
            self._torn.missing.append(Anchor(seq, wanted))
            return self._before(seq)
        self._claimed.add(claim.at)
        if claim.row.hash == claim.hash and not self._good and seq > self._start.seq + 1:
            # Its hash is of what it says, only that was never signed; the same holds for all before it.
            self._torn.found.append(Found(Bend.REWRITTEN, self._start.seq + 1, seq, claim.row.place, _ONE_OF_THESE))
        else:
            self._changed.append(seq)
        follows = self._by_hash.get(claim.prev)
        if claim.prev == self._start.hash or (follows is not None and follows.seq == seq - 1):
            return claim.prev
        return self._before(seq)

    def _before(self, seq: int) -> bytes:
        """The hash at the record before this one, as far as one lies there."""
        if seq - 1 == self._start.seq:
            return self._start.hash
        found = self._by_seq.get(seq - 1)
        return b"" if found is None else found.row.hash


def _order(good: list[_Known], torn: Torn) -> None:
    """Of the records that are what was signed, those that do not lie in their order."""
    tails: list[int] = []
    ends: list[int] = []
    before = [NOBODY] * len(good)
    for number, each in enumerate(good):
        at = bisect.bisect_left(tails, each.at)
        tails[at : at + 1] = [each.at]
        ends[at : at + 1] = [number]
        before[number] = ends[at - 1] if at else NOBODY
    kept, number = set(), ends[-1] if ends else NOBODY
    while number != NOBODY:
        kept.add(number)
        number = before[number]
    moved = [each for number, each in enumerate(good) if number not in kept]
    torn.found += [Found(Bend.MOVED, each.seq, each.seq, each.row.place) for each in moved]


def _last(known: list[_Known], start: Anchor) -> Anchor:
    most = start.seq + len(known) + _MOST_MISSING
    sound = [each for each in known if start.seq < each.seq <= most and each.row.hash == each.hash]
    if not sound:
        return Anchor(start.seq + len(known), known[-1].row.hash) if known else start
    last = max(sound, key=lambda each: each.seq)
    return Anchor(last.seq, last.hash)


def _known(at: int, row: Row) -> _Known:
    try:
        said = json.loads(row.text)
        seq, prev = int(said["seq"]), bytes.fromhex(said["prev"])
    except NO_RECORD:
        return _Known(at, row, NOBODY, b"", b"")
    return _Known(at, row, seq, prev, chain.next_hash(prev, row.text))


def runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Give numbers that follow each other as one."""
    first = last = None
    for number in numbers:
        if last is None or number != last + 1:
            if first is not None and last is not None:
                yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last
