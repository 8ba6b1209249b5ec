"""Logs to be bent: one of some hundred records, and the ways in which somebody could bend a copy of it."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge_node.model.log_state import Proof
from edge_node.store import chain, log_sources
from edge_node.store.log_line import Line
from edge_node.store.log_proof import prove
from edge_node.store.node_key import NodePublic
from tests.store.shelf import Shelf

Bend = Callable[[sqlite3.Connection], object]


def a_log(path: Path, records: int) -> tuple[NodePublic, str]:
    """Make a store whose log has so many records; return the key and the last head."""
    shelf = Shelf(path)
    log: Any = shelf.session.log
    fill(shelf, records - 1)
    shelf.do(lambda session: log.sign(shelf.at.now))
    shelf.close()
    return log.signer.public, log.published.shown.name


def fill(shelf: Shelf, records: int) -> None:
    """Add so many records, in one commit."""

    def add(session: Any) -> None:
        for number in range(records):
            line = Line({"event.type": "query", "event.code": f"n{number}"}, {"object.patient": "999911120"})
            session.log.append(line, shelf.at.now)

    shelf.do(add)


def proof_of(path: Path, key: NodePublic, wanted: str = "") -> Proof:
    """Look at the log in a store."""
    return prove(log_sources.of_all(path, path.with_name("access-log")), [key], wanted)


def bent(path: Path, bend: Bend) -> Path:
    """Make a copy, and bend it."""
    copy = path.with_name("copy.db")
    source, target = sqlite3.connect(path), sqlite3.connect(copy)
    source.backup(target)
    bend(target)
    target.commit()
    source.close()
    target.close()
    return copy


def change(connection: sqlite3.Connection, seq: int) -> None:
    """Another code in one record."""
    connection.execute("UPDATE log_records SET record = replace(record, '\"n', '\"m') WHERE seq = ?", (seq,))


def change_with_hash(connection: sqlite3.Connection, seq: int) -> None:
    """The same, by somebody who knows how a hash is made."""
    change(connection, seq)
    _hash_again(connection, seq, seq)


def delete(connection: sqlite3.Connection, seq: int) -> None:
    """One record is gone."""
    connection.execute("DELETE FROM log_records WHERE seq = ?", (seq,))


def delete_and_close_up(connection: sqlite3.Connection, seq: int) -> None:
    """The same, and those after it move up."""
    delete(connection, seq)
    _shift(connection, seq, -1)


def insert(connection: sqlite3.Connection, seq: int) -> None:
    """One record too many, with a hash that follows from the one before."""
    (before,) = connection.execute("SELECT hash FROM log_records WHERE seq = ?", (seq - 1,)).fetchone()
    text = chain.text({"event.code": "forged", "prev": before.hex(), "seq": seq})
    _shift(connection, seq, 1)
    put = (seq, chain.next_hash(before, text), text.decode())
    connection.execute("INSERT INTO log_records (seq, hash, record) VALUES (?, ?, ?)", put)


def swap(connection: sqlite3.Connection, seq: int, by: int = 1) -> None:
    """Two records in each other's place."""
    for old, new in ((seq, -1), (seq + by, seq), (-1, seq + by)):
        connection.execute("UPDATE log_records SET seq = ? WHERE seq = ?", (new, old))


def rewrite(connection: sqlite3.Connection, seq: int) -> None:
    """One record changed, with the hashes of all after it."""
    change(connection, seq)
    (last,) = connection.execute("SELECT max(seq) FROM log_records").fetchone()
    _hash_again(connection, seq, last)


def cut(connection: sqlite3.Connection, after: int) -> None:
    """All after it is gone, heads too."""
    connection.execute("DELETE FROM log_records WHERE seq > ?", (after,))
    connection.execute("DELETE FROM log_heads WHERE seq > ?", (after,))


def _shift(connection: sqlite3.Connection, seq: int, by: int) -> None:
    connection.execute("UPDATE log_records SET seq = -seq WHERE seq >= ?", (seq,))
    connection.execute("UPDATE log_records SET seq = ? - seq WHERE seq < 0", (by,))


def _hash_again(connection: sqlite3.Connection, first: int, last: int) -> None:
    (before,) = connection.execute("SELECT hash FROM log_records WHERE seq = ?", (first - 1,)).fetchone()
    for seq in range(first, last + 1):
        (said,) = connection.execute("SELECT record FROM log_records WHERE seq = ?", (seq,)).fetchone()
        text = chain.text({**json.loads(said), "prev": before.hex()})
        before = chain.next_hash(before, text)
        put = (before, text.decode(), seq)
        connection.execute("UPDATE log_records SET hash = ?, record = ? WHERE seq = ?", put)
