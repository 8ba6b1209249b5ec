"""Where the access log was found to be bent: written down, sealed off, until a person says that it was seen.

Knows: the table of breaches, that the same is not found twice, what lies behind the end of a chain that is not of it.
Must not know: how a log is proven or goes on, who is told, whether messages are still taken.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from typing import Final

from edge_node.model.log_state import Bend, Breach, Found
from edge_node.model.overview import By
from edge_node.store.log_segments import Tip
from edge_node.store.log_sources import STORE

#: As many places are named in the record that begins the new chain; the table has all.
_NAMED: Final = 20


def listed(connection: sqlite3.Connection) -> tuple[Breach, ...]:
    """Return all, oldest first."""
    rows = connection.execute("SELECT id, at, chain, detail, seen_at, seen_by FROM log_breaches ORDER BY id")
    return tuple(
        Breach(id=row[0], at=row[1], chain=row[2], found=_found(row[3]), seen_at=row[4], seen_by=row[5])
        for row in rows
    )


def unknown(connection: sqlite3.Connection, found: Iterable[Found]) -> tuple[Found, ...]:
    """Return of these what was not found before."""
    known = {each.key for breach in listed(connection) for each in breach.found}
    return tuple(each for each in found if each.key not in known)


def note(connection: sqlite3.Connection, found: tuple[Found, ...], chain: str, at: float) -> None:
    """Write down what was found in a chain."""
    connection.execute(
        "INSERT INTO log_breaches (at, chain, detail) VALUES (?, ?, ?)",
        (at, chain, json.dumps([asdict(each) for each in found])),
    )


def named(found: tuple[Found, ...]) -> tuple[tuple[str, str], ...]:
    """Return what the record that begins the new chain says of it."""
    return tuple((each.bend.value, f"{each.first}-{each.last}") for each in found[:_NAMED])


def at_the_end(connection: sqlite3.Connection, tip: Tip, at: float) -> tuple[Found, ...]:
    """Return what is wrong with the end of the chain; what does not belong behind it is put aside."""
    sql = "SELECT seq, hash FROM log_records WHERE seq >= ? ORDER BY seq DESC LIMIT 1"
    last = connection.execute(sql, (tip.seq,)).fetchone()
    if last is not None and (last[0], bytes(last[1])) == (tip.seq, tip.hash):
        return ()
    return (*_strangers(connection, tip, at), *_lost(connection, tip))


def _strangers(connection: sqlite3.Connection, tip: Tip, at: float) -> tuple[Found, ...]:
    behind = (tip.seq,)
    sql = "SELECT count(*), min(seq), max(seq) FROM log_records WHERE seq > ?"
    count, first, last = connection.execute(sql, behind).fetchone()
    if not count:
        return ()
    put = "INSERT INTO log_strangers (at, seq, hash, record) SELECT ?, seq, hash, record FROM log_records"
    connection.execute(f"{put} WHERE seq > ?", (at, tip.seq))
    connection.execute("DELETE FROM log_records WHERE seq > ?", behind)
    connection.execute("DELETE FROM log_heads WHERE seq > ?", behind)
    return (Found(Bend.INSERTED, first, last, STORE, "behind the last record that this node wrote"),)


def _lost(connection: sqlite3.Connection, tip: Tip) -> tuple[Found, ...]:
    row = connection.execute("SELECT seq, hash FROM log_records ORDER BY seq DESC LIMIT 1").fetchone()
    last = 0 if row is None else int(row[0])
    if last < tip.seq:
        return (Found(Bend.DELETED, max(last + 1, tip.first), tip.seq, STORE),)
    return () if bytes(row[1]) == tip.hash else (Found(Bend.CHANGED, tip.seq, tip.seq, STORE, "the hash beside it"),)


def see(connection: sqlite3.Connection, by: By, at: float) -> int:
    """A person knows of them; return how many were not seen yet."""
    sql = "UPDATE log_breaches SET seen_at = ?, seen_by = ? WHERE seen_at IS NULL"
    return int(connection.execute(sql, (at, by.who)).rowcount)


def _found(detail: str) -> tuple[Found, ...]:
    return tuple(Found(**{**each, "bend": Bend(each["bend"])}) for each in json.loads(detail))
