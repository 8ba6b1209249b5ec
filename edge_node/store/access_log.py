"""The access log of the open store: each line gets its place in the chain, in the commit of what it tells.

Knows: the tip of the chain, the segment that is open, when a head is signed, how a commit that is undone leaves it.
Must not know: what a line tells, how a full segment becomes a file, threads.
"""

import base64
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Protocol

from edge_node.model.log_state import Found
from edge_node.store import chain, log_breaches, log_keys, log_segments
from edge_node.store.log_keys import SegmentKey
from edge_node.store.log_line import PATIENT, Line
from edge_node.store.log_segments import Tip
from edge_node.store.node_key import NodeKey
from edge_node.store.sealing import Ring
from edge_node.store.surroundings import Chance, LogPlan

#: What a line says of itself, beside what happened.
_BEGUN: Final = {"event.type": "node", "event.action": "C", "event.result": "ok", "user.kind": "node"}


class Log(Protocol):
    """Where lines go."""

    @property
    def node(self) -> str: ...

    def append(self, line: Line, at: float) -> None: ...

    def begin(self) -> None: ...

    def begin_unit(self) -> None: ...

    def undo_unit(self) -> None: ...

    def roll_back(self) -> None: ...

    def committed(self) -> None: ...


class AccessLog:
    """The chain of one store. Used by one thread at a time, within its transactions."""

    def __init__(self, connection: sqlite3.Connection, ring: Ring, chance: Chance, plan: LogPlan) -> None:
        self._connection = connection
        self._ring = ring
        self._chance = chance
        self._plan = plan
        seed = log_keys.secret(connection, log_keys.SIGNING, (ring.master, ring.coming))
        self.is_new_signer = seed is None
        self.signer = NodeKey.of(seed or log_keys.make(connection, log_keys.SIGNING, ring, chance))
        self._here = {"access_point.node": plan.node} if plan.node else {}
        self._key: SegmentKey | None = None
        self.tip = log_segments.tip(connection)
        self._committed = self._unit = self.tip
        self._is_looked_at = False  # whether the end of the chain is as it was left, in this transaction
        self.published = self.tip.head  # the newest one that is durable; may be read by any thread

    @property
    def node(self) -> str:
        """Which node it is of."""
        return self._plan.node

    @property
    def plan(self) -> LogPlan:
        """What the site chose."""
        return self._plan

    def take_up(self, at: float) -> None:
        """Go on where the last run ended; begin a chain where there is none, a segment where its key is lost."""
        if self.tip.chain == "":
            self.begin_chain(at, "first start")
        elif self.is_new_signer:
            self.begin_chain(at, "the key that signs was lost")
        elif self._secret() is None:
            self.begin_segment(at)

    def append(self, line: Line, at: float) -> None:
        """Add a line at the end."""
        self.look_back(at)
        self._roll_over(at)
        key = self._opened()
        seq = self.tip.seq + 1
        fields = {**self._here, **line.open, "at": chain.moment(at), "prev": self.tip.hash.hex(), "seq": seq}
        if line.sealed:
            blob = key.seal(seq, chain.text(line.sealed), self._chance)
            fields["sealed"] = base64.b64encode(blob).decode("ascii")
        if line.hashes:
            fields["marks"] = {name: key.mark(name, hashed).hex() for name, hashed in line.hashes.items()}
        self._write(fields)
        if self.tip.unsigned >= self._plan.head_records:
            self.sign(at)

    def look_back(self, at: float) -> None:
        """See that the chain ends where it was left; where it does not, another one begins. Once a transaction."""
        if self._is_looked_at or self.tip.chain == "":
            return
        self._is_looked_at = True
        self.seal_off(log_breaches.at_the_end(self._connection, self.tip, at), at)

    def seal_off(self, found: tuple[Found, ...], at: float) -> bool:
        """End the chain in which these were found, and begin another; say whether any was new."""
        new = log_breaches.unknown(self._connection, found) if found else ()
        if not new:
            return False
        log_breaches.note(self._connection, new, self.tip.chain, at)
        self.begin_chain(at, "the log was bent", log_breaches.named(new))
        return True

    def begin_chain(self, at: float, why: str, details: tuple[tuple[str, str], ...] = ()) -> None:
        """Begin a chain: the records before it stay, and are not vouched for by it."""
        before = self.tip
        if before.chain:
            self._end_segment(at)
        named = [("why", why), *details]
        if before.chain:
            named += [("before", f"{before.seq}:{before.hash.hex()}"), ("chain before", before.chain)]
        self.tip = replace(before, chain=self._chance.hex(8), hash=chain.START)
        self._begin_segment(at, "chain begun", tuple(named))
        self.sign(at)

    def begin_segment(self, at: float) -> None:
        """End the open segment and begin the next one."""
        self._end_segment(at)
        self._begin_segment(at, "segment begun", ())

    def sign(self, at: float) -> None:
        """Sign where the chain is, unless that was done."""
        tip = self.tip
        if tip.chain == "" or tip.unsigned == 0:
            return
        public = self.signer.public
        every = self._plan.head_records
        said = chain.statement(seq=tip.seq, hash_=tip.hash, at=at, chain=tip.chain, key=public.id, every=every)
        head = chain.read_head(said, self.signer.sign(chain.PURPOSE, said))
        self._connection.execute(
            "INSERT OR REPLACE INTO log_heads (seq, statement, signature) VALUES (?, ?, ?)",
            (head.seq, said.decode(), head.signature),
        )
        self.tip = replace(tip, head=head)

    # What a commit does to it

    def begin(self) -> None:
        """A transaction began."""
        self._committed = self._unit = self.tip
        self._is_looked_at = False

    def begin_unit(self) -> None:
        """A part of it began."""
        self._unit = self.tip

    def undo_unit(self) -> None:
        """The part never happened."""
        self._back_to(self._unit)

    def roll_back(self) -> None:
        """None of it happened."""
        self._back_to(self._committed)

    def committed(self) -> None:
        """The transaction is durable: what was signed in it may be told to others."""
        self.published = self.tip.head

    def _back_to(self, tip: Tip) -> None:
        self._is_looked_at = False
        if tip.segment != self.tip.segment:
            self._key = None
        self.tip = tip

    def _roll_over(self, at: float) -> None:
        tip = self.tip
        is_long = tip.seq - tip.first + 1 >= self._plan.segment_records
        if is_long or at - tip.began >= self._plan.segment_s:
            self.begin_segment(at)

    def _end_segment(self, at: float) -> None:
        self.sign(at)
        log_segments.end(self._connection, self.tip, at)

    def _begin_segment(self, at: float, code: str, details: tuple[tuple[str, str], ...]) -> None:
        tip = self.tip
        self.tip = replace(tip, segment=tip.segment + 1, first=tip.seq + 1, began=at)
        secret = log_keys.make(self._connection, self.tip.segment, self._ring, self._chance)
        self._key = SegmentKey.of(secret)
        log_segments.begin(self._connection, self.tip)
        told = (
            ("segment", str(self.tip.segment)),
            ("chain", self.tip.chain),
            ("public key", self.signer.public.raw.hex()),
            *details,
        )
        fields: dict[str, Any] = {**_BEGUN, "event.code": code, "event.details": [list(each) for each in told]}
        if self._plan.node:
            fields["access_point.node"] = self._plan.node
        self._write({**fields, "at": chain.moment(at), "prev": self.tip.hash.hex(), "seq": self.tip.seq + 1})

    def _write(self, fields: Mapping[str, Any]) -> None:
        text = chain.text(fields)
        seq, hash_ = self.tip.seq + 1, chain.next_hash(self.tip.hash, text)
        self._connection.execute(
            "INSERT INTO log_records (seq, hash, record) VALUES (?, ?, ?)", (seq, hash_, text.decode())
        )
        self.tip = replace(self.tip, seq=seq, hash=hash_)

    def _secret(self) -> bytes | None:
        return log_keys.secret(self._connection, self.tip.segment, (self._ring.master, self._ring.coming))

    def _opened(self) -> SegmentKey:
        if self._key is None:
            secret = self._secret()
            assert secret is not None  # `take_up` saw to it
            self._key = SegmentKey.of(secret)
        return self._key


class Waiting:
    """For a command that has no key of the store: its lines wait for the next start that has."""

    #: Who runs a command without a key knows of no settings: the log that takes the line up knows its node.
    node = ""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def append(self, line: Line, at: float) -> None:
        """Write it down; what names a patient is left as a hash."""
        sealed = {name: value for name, value in line.sealed.items() if name != PATIENT}
        written = json.dumps({"open": dict(line.open), "sealed": sealed})
        self._connection.execute(
            "INSERT INTO log_waiting (at, line, patient) VALUES (?, ?, ?)", (at, written, line.hashes.get(PATIENT))
        )

    def begin(self) -> None:
        """Nothing to do: what waits has no place yet."""

    begin_unit = undo_unit = roll_back = committed = begin
