"""Whether an access log is what the node wrote: each record follows from the one before it, up to what was signed.

Knows: how the chain is followed, what a signed head proves, what a cut leaves.
Must not know: where the records lie, what they tell.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from edge_node.model.log_state import Bend, Found, Proof
from edge_node.store import chain
from edge_node.store.chain import Head
from edge_node.store.log_span import Anchor, Row, Stray, look, runs
from edge_node.store.node_key import NodePublic

_BEGUN: Final = b'"event.code":"chain begun"'
#: So many heads are waited for at most: where all was rewritten none of their records comes.
_MAX_AHEAD: Final = 64
_PRUNED: Final = b'"event.code":"log pruned"'


class BadHead(ValueError):
    """What was given is no head: NUMBER:HASH."""


def wanted_head(text: str) -> Anchor:
    """Read a head as it is published. Raises `BadHead`."""
    number, mark, hash_ = text.strip().partition(":")
    try:
        found = Anchor(int(number), bytes.fromhex(hash_))
    except ValueError:
        found = Anchor(0, b"")
    if not mark or len(found.hash) != len(chain.START) or found.seq < 1:
        raise BadHead(text)
    return found


@dataclass(slots=True)
class _State:
    """How far the chain was followed."""

    anchor: Anchor | None = None  # the last record that is vouched for
    seq: int = 0
    hash: bytes = chain.START
    is_torn: bool = False  # something since the anchor does not follow
    rows: list[Row] = field(default_factory=list)  # since the anchor
    ahead: dict[bytes, Head] = field(default_factory=dict)  # heads whose record did not come yet


class Prover:
    """Takes the lines of a log in their order, then says what it is worth."""

    def __init__(self, keys: Iterable[NodePublic], wanted: Anchor | None = None) -> None:
        self._keys: Mapping[str, NodePublic] = {key.id: key for key in keys}
        self._wanted = wanted
        self._is_wanted_there = False
        self._state = _State()
        self._found: list[Found] = []
        self._missing: dict[Anchor, str] = {}
        self._strays: list[Stray] = []
        self._pruned: list[bytes] = []
        self._first: Anchor | None = None  # what the first record follows
        self._records = self._last = 0
        self._head: Head | None = None
        self._chains: list[str] = []

    def record(self, row: Row) -> None:
        """The next record."""
        self._records += 1
        if self._state.anchor is None or (_BEGUN in row.text and self._begins(row)):
            self._begin(row)
        state, text = self._state, row.text
        found = chain.next_hash(state.hash, text)
        state.seq += 1
        state.rows.append(row)
        if found != row.hash:
            state.is_torn = True
        state.hash = row.hash
        if _PRUNED in text:
            self._pruned.append(text)
        if self._wanted is not None and state.seq == self._wanted.seq and not state.is_torn:
            self._is_wanted_there |= state.hash == self._wanted.hash
        if state.ahead and (head := state.ahead.get(row.hash)) is not None:
            self._reach(head)

    def head(self, head: Head, place: str) -> None:
        """The next thing that was signed."""
        state = self._state
        key = self._keys.get(head.key)
        if key is None:
            self._found.append(Found(Bend.OTHER_KEY, head.seq, head.seq, place, f"key {head.key}"))
            return
        if not key.is_signed(chain.PURPOSE, head.statement, head.signature):
            self._found.append(Found(Bend.HEAD_FORGED, head.seq, head.seq, place))
            return
        if state.anchor is None or head.seq < state.anchor.seq or not self._is_of_this_chain(head):
            self._found.append(Found(Bend.MOVED, head.seq, head.seq, place, "a head"))
            return
        if head.hash != state.hash:
            # Where records were put in or taken out, a head lies before its record, or that is nowhere.
            state.ahead[head.hash] = head
            if len(state.ahead) < _MAX_AHEAD:
                return
        self._reach(head)

    def _reach(self, head: Head) -> None:
        """All up to here is what was signed, or it is known what is not."""
        state = self._state
        if state.is_torn or (state.seq, state.hash) != (head.seq, head.hash):
            self._look(Anchor(head.seq, head.hash))
        else:
            self._contradicted(head)
        self._anchor(Anchor(head.seq, head.hash))
        self._head = head
        if head.chain not in self._chains:
            self._chains.append(head.chain)  # its first record does not say so any more
        if self._wanted is not None and head.seq == self._wanted.seq:
            self._is_wanted_there |= head.hash == self._wanted.hash

    def told(self, wanted: str = "") -> Proof:
        """There are no more lines."""
        self._close()
        self._match()
        self._see_start()
        self._see_end()
        found = _merged(sorted(set(self._found), key=lambda each: (each.first, each.last, each.bend.value)))
        return Proof(
            records=self._records,
            first=(self._first.seq + 1) if self._first is not None else 0,
            last=self._last,
            head=None if self._head is None else self._head.shown,
            chains=tuple(self._chains),
            found=tuple(found),
            wanted=wanted,
        )

    def _begins(self, row: Row) -> bool:
        """Whether a chain begins here: its first record follows nothing, and is what its hash says."""
        said = _said(row)
        return said is not None and said[1] == chain.START and chain.next_hash(chain.START, row.text) == row.hash

    def _begin(self, row: Row) -> None:
        """The first record of all, or of a chain."""
        is_first = self._state.anchor is None
        self._close()
        seq, prev = _said(row) or (1, chain.START)
        before = Anchor(seq - 1, prev)
        self._state = _State(anchor=before, seq=before.seq, hash=before.hash)
        if is_first:
            self._first = before
        name = _details(row.text).get("chain")
        if name and name not in self._chains:
            self._chains.append(name)

    def _is_of_this_chain(self, head: Head) -> bool:
        return not self._chains or head.chain == self._chains[-1] or head.chain not in self._chains

    def _look(self, end: Anchor | None) -> None:
        """Something between the anchor and here is not what was signed."""
        state = self._state
        assert state.anchor is not None
        torn = look(state.rows, state.anchor, end)
        self._found += torn.found
        place = state.rows[0].place if state.rows else ""
        self._missing |= dict.fromkeys(torn.missing, place)
        self._strays += torn.strays

    def _anchor(self, at: Anchor) -> None:
        self._last = max(self._last, at.seq)
        self._state = _State(anchor=at, seq=at.seq, hash=at.hash)

    def _contradicted(self, head: Head) -> None:
        """All follows, and yet something else was signed before: records were cut off, and others written."""
        anchor = self._state.anchor
        assert anchor is not None
        for other in self._state.ahead.values():
            if other.seq <= head.seq and other.hash != head.hash:
                place = self._state.rows[0].place if self._state.rows else ""
                detail = "another record was signed under the last number"
                self._found.append(Found(Bend.REWRITTEN, anchor.seq + 1, other.seq, place, detail))

    def _close(self) -> None:
        """What is behind the last head of a chain is vouched for by nothing but itself."""
        if self._state.ahead:
            self._reach(max(self._state.ahead.values(), key=lambda head: head.seq))
        state = self._state
        if state.is_torn:
            self._look(None)
        self._last = max(self._last, state.seq)

    def _match(self) -> None:
        """What is missing in one place and too much in another was moved."""
        for stray in self._strays:
            seq, tried = stray.seq, (Anchor(stray.seq, stray.hash), Anchor(stray.seq, b""))
            gone = next((each for each in tried if each in self._missing), None)
            if gone is not None:
                del self._missing[gone]
            bend = Bend.INSERTED if gone is None else Bend.MOVED
            self._found.append(Found(bend, seq, seq, stray.place, f"lies after record {stray.after}"))
        places = {gone.seq: place for gone, place in self._missing.items()}
        self._found += [Found(Bend.DELETED, first, last, places[first]) for first, last in runs(sorted(places))]

    def _see_start(self) -> None:
        first = self._first
        if first is None or first.hash == chain.START:
            return
        through = f"{first.seq}:{first.hash.hex()}"
        if not any(_details(text).get("through") == through for text in self._pruned):
            self._found.append(Found(Bend.CUT_START, 1, first.seq, detail="no pruning of these is in the log"))

    def _see_end(self) -> None:
        every = _every(self._head)
        unsigned = self._last - (self._head.seq if self._head is not None else 0)
        if unsigned >= (every or 1):
            first = self._head.seq + 1 if self._head is not None else 1
            self._found.append(Found(Bend.HEADS_REMOVED, first, self._last, detail="no head vouches for these"))
        wanted = self._wanted
        if wanted is None or self._is_wanted_there:
            return
        if self._last < wanted.seq:
            self._found.append(Found(Bend.CUT_END, self._last + 1, wanted.seq))
        elif self._first is None or wanted.seq > self._first.seq:
            self._found.append(Found(Bend.OTHER_LOG, wanted.seq, wanted.seq))


def prove(lines: Iterable[Row | Head], keys: Iterable[NodePublic], wanted: str = "", place: str = "store") -> Proof:
    """Look at a whole log. Raises `BadHead`."""
    prover = Prover(keys, wanted_head(wanted) if wanted else None)
    for each in lines:
        if isinstance(each, Head):
            prover.head(each, place)
        else:
            place = each.place
            prover.record(each)
    return prover.told(wanted)


def _merged(found: list[Found]) -> list[Found]:
    """What was rewritten from some place on is one thing."""
    kept: list[Found] = []
    for each in found:
        last = kept[-1] if kept else None
        if last is None or last.bend is not Bend.REWRITTEN or each.first > last.last + 1:
            kept.append(each)
        elif each.bend is Bend.REWRITTEN:
            kept[-1] = replace(last, last=max(each.last, last.last))
        elif each.bend is not Bend.CHANGED or each.first > last.last + 1:
            kept.append(each)
    return kept


def _said(row: Row) -> tuple[int, bytes] | None:
    try:
        fields = json.loads(row.text)
        return int(fields["seq"]), bytes.fromhex(fields["prev"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _details(text: bytes) -> dict[str, str]:
    try:
        fields: Any = json.loads(text)
        return {str(name): str(value) for name, value in fields["event.details"]}
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}


def _every(head: Head | None) -> int:
    if head is None:
        return 0
    try:
        return int(json.loads(head.statement).get("every", 0))
    except (ValueError, TypeError, AttributeError):
        return 0
