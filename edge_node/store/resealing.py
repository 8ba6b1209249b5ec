"""Bytes get the seal of today: those of a release before sealing, and those whose day is long over.

Knows: which bytes those are, that a key is destroyed when nothing is sealed with it, in steps of some milliseconds.
Must not know: what the bytes are, how long a message stays.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from edge_node.store import answers, bodies, day_keys
from edge_node.store.damage import Reading
from edge_node.store.day_keys import DAY_S, day_of
from edge_node.store.sealing import Unreadable
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

#: Of bytes sealed in one step; the last body may go over it.
_MAX_BYTES: Final = 1024 * 1024
#: What a blob that does not open is marked with: no key has this number.
_LOST: Final = 0
_MARK: Final = "answers sealed up to"
_BODIES: Final = """
    SELECT bodies.seq, uid, length(body) FROM bodies LEFT JOIN messages USING (seq)
    WHERE bodies.key IS ? AND NOT EXISTS (
        SELECT 1 FROM set_aside WHERE set_aside.seq = bodies.seq AND left_behind LIKE '%bodies%')
    ORDER BY bodies.seq LIMIT ?"""
_ANSWERS: Final = "SELECT id, owner FROM answers WHERE key = ? ORDER BY id LIMIT ?"
#: Who has an answer, in the order of their keys, so that a walk over them can be taken up again.
_MEMORIES: Final = """
    SELECT direction, sender, root, extension, uid, answer FROM duplicates
    WHERE (direction, sender, root, extension) > (?, ?, ?, ?)
    ORDER BY direction, sender, root, extension LIMIT ?"""
_MESSAGES: Final = "SELECT seq, uid, answer FROM messages WHERE seq > ? ORDER BY seq LIMIT ?"
#: A body that does not open needs no key.
_ASIDE: Final = """
    SELECT 1 FROM set_aside_cells JOIN set_aside ON set_aside.id = aside
    WHERE source = 'bodies' AND name = 'key' AND value = ? AND why NOT LIKE 'body:%' LIMIT 1"""
_SET_ASIDE: Final = "SELECT id, uid, answer FROM set_aside WHERE id > ? ORDER BY id LIMIT ?"


class _Walk(NamedTuple):
    """One kind of owner: how the next are read, behind what the first are, what their answers are sealed to."""

    next: str
    first: tuple[Any, ...]
    owner: Callable[[tuple[Any, ...]], str]


_WALKS: Final = (
    _Walk(_MEMORIES, ("", "", "", ""), lambda row: answers.of_memory(row[:4], row[4])),
    _Walk(_MESSAGES, (0,), lambda row: answers.of_message(row[1])),
    _Walk(_SET_ASIDE, (0,), lambda row: answers.of_message(row[1] or "")),
)


def seal_bodies(session: Session, limit: int, _at: Moment) -> int:
    """Seal some of what a release before sealing kept; say how many were looked at."""
    done = _bodies(session, None, limit) if _can_seal(session) else 0
    session.log_tells |= done > 0
    return done


def seal_answers(session: Session, limit: int, _at: Moment) -> int:
    """The same for answers: their owners are walked past, because an answer does not say whose it is."""
    if not _can_seal(session) or not _has_unsealed_answers(session):
        return 0
    session.log_tells = True
    walk, last = _taken_up(session)
    if walk == len(_WALKS):  # nobody's: what had it is gone
        sql = "DELETE FROM answers WHERE id IN (SELECT id FROM answers WHERE key IS NULL LIMIT ?)"
        session.execute("DELETE FROM meta WHERE key = ?", (_MARK,))
        return session.execute(sql, (limit,)).rowcount
    rows = session.execute(_WALKS[walk].next, (*last, limit)).fetchall()
    for row in rows:
        _seal_answer(session, row[-1], _WALKS[walk].owner(row))
    _write_down(session, walk, [*rows[-1][: len(last)]] if len(rows) == limit else None)
    return max(1, len(rows))


def reseal(session: Session, limit: int, at: Moment) -> int:
    """Seal anew some of what is older than a key may be; a key with which nothing is sealed any more is destroyed."""
    if not _can_seal(session):
        return 0
    today = day_of(at.now)
    first = today - int(session.retention.day_key_s // DAY_S)
    for number in day_keys.outside(session.connection, first, today + 1):
        done = _bodies(session, number, limit) or _answers(session, number, limit)
        if done:
            return done
        if _is_needed_aside(session, number):
            continue
        day_keys.destroy(session.connection, number)
        session.sealer.drop(number)
        session.log_tells = True
    return 0


def _is_needed_aside(session: Session, number: int) -> bool:
    """Whether a message that was set aside is sealed with it: its bytes stay as they are, till their time is over."""
    return session.execute(_ASIDE, (number,)).fetchone() is not None


def is_all_sealed(session: Session) -> bool:
    """Whether no bytes of a release before sealing are left."""
    found = session.execute("SELECT 1 FROM bodies WHERE key IS NULL LIMIT 1").fetchone()
    return found is None and not _has_unsealed_answers(session)


def _can_seal(session: Session) -> bool:
    return session.sealer.ring.master is not None


def _has_unsealed_answers(session: Session) -> bool:
    return session.execute("SELECT 1 FROM answers WHERE key IS NULL LIMIT 1").fetchone() is not None


def _bodies(session: Session, number: int | None, limit: int) -> int:
    rows = list(_within(session.execute(_BODIES, (number, limit)).fetchall()))
    for seq, uid in rows:
        if uid is None:  # of no message: nobody can ask for it
            with Reading(seq, "body"):
                session.execute("DELETE FROM bodies WHERE seq = ?", (seq,))
            continue
        with Reading(seq, "body"):  # one that does not open is set aside
            payload = bodies.get(session, seq)
        if payload is not None:
            bodies.change(session, seq, uid, payload)
    return len(rows)


def _within(rows: list[tuple[int, str | None, int]]) -> Iterator[tuple[int, str | None]]:
    nbytes = 0
    for seq, uid, size in rows:
        yield seq, uid
        nbytes += size
        if nbytes >= _MAX_BYTES:
            return


def _answers(session: Session, number: int, limit: int) -> int:
    rows = session.execute(_ANSWERS, (number, limit)).fetchall()
    for answer, owner in rows:
        try:
            found = answers.get(session, answer, owner)
        except Unreadable:
            session.execute("UPDATE answers SET key = ? WHERE id = ?", (_LOST, answer))
            continue
        if found is not None:
            answers.change(session, answer, owner, found)
    return len(rows)


def _seal_answer(session: Session, number: int | None, owner: str) -> None:
    if session.execute("SELECT 1 FROM answers WHERE id = ? AND key IS NULL", (number,)).fetchone() is None:
        return
    found = answers.get(session, number, owner)
    if found is not None and number is not None:
        answers.change(session, number, owner, found)


def _taken_up(session: Session) -> tuple[int, list[Any]]:
    """Return which walk goes on, and behind what."""
    row = session.execute("SELECT value FROM meta WHERE key = ?", (_MARK,)).fetchone()
    walk, last = (0, None) if row is None else json.loads(row[0])
    if last is None and walk < len(_WALKS):
        last = _WALKS[walk].first
    return int(walk), list(last or ())


def _write_down(session: Session, walk: int, last: list[Any] | None) -> None:
    mark = json.dumps([walk + (last is None), last])
    sql = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
    session.execute(sql, (_MARK, mark))
