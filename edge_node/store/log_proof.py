"""Whether an access log is what the node wrote: each record follows from the one before it, up to what was signed.

Knows: how the chain is followed, what a signed head proves, what a cut leaves.
Must not know: where the records lie, what they tell.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from edge_node.model.log_state import Bend, Found, Proof
from edge_node.store import chain, log_said
from edge_node.store.chain import Head
from edge_node.store.log_findings import A_HEAD, merged, of_strays
from edge_node.store.log_span import Anchor, Row, Stray, Unreadable, look, runs
from edge_node.store.node_key import NodePublic

#: So many heads are waited for at most: where all was rewritten none of their records comes.
_MAX_AHEAD: Final = 64


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
        self._pruned: set[str] = set()  # through which records, as records say that are vouched for
        self._first: Anchor | None = None  # what the first record follows
        self._before: Anchor | None = None  # what its chain followed
        self._pending: Row | None = None  # begins a chain, when it is signed
        self._records = self._last = 0
        self._head: Head | None = None
        self._chains: list[str] = []

    def record(self, row: Row) -> None:
        """The next record."""
        self._settle()
        self._records += 1
        if self._state.anchor is not None and log_said.begins(row) and _chain_of(row) not in self._chains:
            self._pending = row
            return
        self._take(row)

    def unreadable(self, file: Unreadable) -> None:
        """The next file is none. What is missing is seen by what follows, so nothing is known of the last one."""
        self._settle()
        at = self._state.seq + 1
        self._found.append(Found(Bend.UNREADABLE, at, at, file.place, file.why))

    def _settle(self) -> None:
        """What was to begin a chain was not signed: it is a record like others."""
        row, self._pending = self._pending, None
        if row is not None:
            self._take(row)

    def _take(self, row: Row) -> None:
        if self._state.anchor is None:
            self._begin(row)
        state, text = self._state, row.text
        found = chain.next_hash(state.hash, text)
        state.seq += 1
        state.rows.append(row)
        if found != row.hash:
            state.is_torn = True
        state.hash = row.hash
        if self._wanted is not None and state.seq == self._wanted.seq and not state.is_torn:
            self._is_wanted_there |= state.hash == self._wanted.hash
        if state.ahead and (head := state.ahead.get(row.hash)) is not None:
            self._reach(head)

    def head(self, head: Head, place: str) -> None:
        """The next thing that was signed."""
        key = self._keys.get(head.key)
        self._begin_signed(head, key)
        state = self._state
        if key is None:
            self._found.append(Found(Bend.OTHER_KEY, head.seq, head.seq, place, f"key {head.key}"))
            return
        if not key.is_signed(chain.PURPOSE, head.statement, head.signature):
            self._found.append(Found(Bend.HEAD_FORGED, head.seq, head.seq, place))
            return
        if state.anchor is None or head.seq < state.anchor.seq or not self._is_of_this_chain(head):
            self._found.append(Found(Bend.MOVED, head.seq, head.seq, place, A_HEAD))
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
            if not self._is_contradicted(head):
                self._see_gap(head)
            self._prunings(row.text for row in state.rows)
        self._anchor(Anchor(head.seq, head.hash))
        self._head = head
        if head.chain not in self._chains:
            self._chains.append(head.chain)  # its first record does not say so any more
        if self._wanted is not None and head.seq == self._wanted.seq:
            self._is_wanted_there |= head.hash == self._wanted.hash

    def told(self, wanted: str = "") -> Proof:
        """There are no more lines."""
        self._settle()
        self._close()
        self._match()
        self._see_start()
        self._see_end()
        return Proof(
            records=self._records,
            first=(self._first.seq + 1) if self._first is not None else 0,
            last=self._last,
            head=None if self._head is None else self._head.shown,
            chains=tuple(self._chains),
            found=merged(self._found),
            wanted=wanted,
        )

    def _begin_signed(self, head: Head, key: NodePublic | None) -> None:
        """A chain begins with a head: nobody else can begin one in the midst of another."""
        row = self._pending
        if row is None:
            return
        is_signed = key is not None and key.is_signed(chain.PURPOSE, head.statement, head.signature)
        said = log_said.place_of(row)
        if (
            head.hash == row.hash
            and said is not None
            and (is_signed or (key is None and said[0] == self._state.seq + 1))
        ):
            self._begin(row)
        self._settle()

    def _begin(self, row: Row) -> None:
        """The first record of all, or of a chain."""
        is_first = self._state.anchor is None
        self._close()
        seq, prev = log_said.place_of(row) or (1, chain.START)
        before = Anchor(seq - 1, prev)
        named = log_said.before(row.text)
        if is_first:
            self._first, self._before = before, named
        else:
            self._see_end_of_chain(before.seq, named, row.place)
        self._state = _State(anchor=before, seq=before.seq, hash=before.hash)
        name = _chain_of(row)
        if name and name not in self._chains:
            self._chains.append(name)

    def _see_end_of_chain(self, seq: int, named: Anchor | None, place: str) -> None:
        """Another chain begins, and says what the one before ended with. After a restore that may have gone on."""
        state = self._state
        if seq > self._last:
            detail = "the next chain begins behind these"
            self._found.append(Found(Bend.DELETED, self._last + 1, seq, place, detail))
        elif named is not None and state.seq == named.seq and state.hash != named.hash and not state.is_torn:
            first = state.anchor.seq + 1 if state.anchor is not None else seq
            self._found.append(Found(Bend.REWRITTEN, min(first, seq), seq, place, "the next chain names another"))

    def _see_gap(self, head: Head) -> None:
        """Each head says how soon the next one comes; where the setting was changed in between, the longer holds."""
        anchor = self._state.anchor
        assert anchor is not None
        every = max(log_said.every(self._head), log_said.every(head))
        if every and head.seq - anchor.seq > every:
            place = self._state.rows[0].place if self._state.rows else ""
            detail = "these were signed more often"
            self._found.append(Found(Bend.HEADS_REMOVED, anchor.seq + 1, head.seq, place, detail))

    def _prunings(self, texts: Iterable[bytes]) -> None:
        self._pruned |= {log_said.details(text).get("through", "") for text in texts if log_said.is_pruning(text)}

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
        if end is not None:
            self._prunings(torn.proven)

    def _anchor(self, at: Anchor) -> None:
        self._last = max(self._last, at.seq)
        self._state = _State(anchor=at, seq=at.seq, hash=at.hash)

    def _is_contradicted(self, head: Head) -> bool:
        """All follows, and yet something else was signed before: records were cut off, and others written."""
        anchor = self._state.anchor
        assert anchor is not None
        others = [other for other in self._state.ahead.values() if other.seq <= head.seq and other.hash != head.hash]
        place = self._state.rows[0].place if self._state.rows else ""
        detail = "another record was signed under the last number"
        self._found += [Found(Bend.REWRITTEN, anchor.seq + 1, other.seq, place, detail) for other in others]
        return bool(others)

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
        self._found += of_strays(self._strays, self._missing)
        places = {gone.seq: place for gone, place in self._missing.items()}
        self._found += [Found(Bend.DELETED, first, last, places[first]) for first, last in runs(sorted(places))]

    def _see_start(self) -> None:
        first = self._first
        if first is None or (first.seq, first.hash) == (0, chain.START):
            return
        gone = self._before if first.hash == chain.START else first
        if gone is None or f"{gone.seq}:{gone.hash.hex()}" not in self._pruned:
            last = max(first.seq, 1)
            self._found.append(Found(Bend.CUT_START, 1, last, detail="no pruning of these is in the log"))

    def _see_end(self) -> None:
        every = log_said.every(self._head)
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


def _chain_of(row: Row) -> str:
    return log_said.details(row.text).get("chain", "")


def prove(
    lines: Iterable[Row | Head | Unreadable], keys: Iterable[NodePublic], wanted: str = "", place: str = "store"
) -> Proof:
    """Look at a whole log. Raises `BadHead`."""
    prover = Prover(keys, wanted_head(wanted) if wanted else None)
    for each in lines:
        if isinstance(each, Row):
            place = each.place
            prover.record(each)
        elif isinstance(each, Head):
            prover.head(each, place)
        else:
            prover.unreadable(each)
    return prover.told(wanted)
