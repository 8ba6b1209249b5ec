"""Many messages at once: which ones are meant, counted beforehand, and taken a small part at a time.

Knows: how a crowd is found in the order of arrival, without a body and without walking what is over.
Must not know: what is done to it.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any, Final

from edge_node.model.lifecycle import State
from edge_node.model.message import Direction
from edge_node.model.overview import Crowd, Page, Preview, Row
from edge_node.store import history, messages, views
from edge_node.store.messages import COLUMNS
from edge_node.store.surroundings import Moment

Values = tuple[Any, ...]

_CHOSEN: Final = f"""
    FROM messages INDEXED BY messages_state
    WHERE direction = ?1 AND state = ?2 AND seq > ?3 AND seq <= ?4
        AND (?5 IS NULL OR receiver = ?5) AND (?6 IS NULL OR interaction = ?6)
        AND (?7 IS NULL OR last_code = ?7)
        AND (?8 IS NULL OR kept_at <= ?8) AND (?9 IS NULL OR kept_at > ?9)
        AND (?10 IS NULL OR coalesce(({history.LAST_AT}), 0) <= ?10)"""
_COUNT: Final = f"SELECT count(*), min(kept_at), max(kept_at) {_CHOSEN}"
_SEQS: Final = f"SELECT seq {_CHOSEN} ORDER BY seq LIMIT ?11"
_ROWS: Final = f"SELECT {COLUMNS} {_CHOSEN} ORDER BY seq LIMIT ?11"
_EXAMPLES: Final = 3


def preview(connection: sqlite3.Connection, crowd: Crowd, at: Moment) -> Preview:
    """Count them, and return a few of the oldest: those to which nothing happened after that moment."""
    through = _through(connection, crowd)
    crowd = replace(crowd, seen_at=at.now)
    counts = [connection.execute(_COUNT, values[:-1]).fetchone() for values in _values(crowd, 0, through, 0, at)]
    some = [(n, first, last) for n, first, last in counts if n]
    return Preview(
        messages=sum(n for n, _, _ in some),
        oldest_s=max((at.now - first for _, first, _ in some), default=0.0),
        newest_s=min((at.now - last for _, _, last in some), default=0.0),
        examples=_rows(connection, list(_values(crowd, 0, through, _EXAMPLES, at)), at)[:_EXAMPLES],
        through=through,
        seen_at=at.now,
    )


def seqs(connection: sqlite3.Connection, crowd: Crowd, part: tuple[int, int], at: Moment) -> Page:
    """Return the next ones after that place, no more than so many, across all states in the order of arrival."""
    after, limit = part
    through = _through(connection, crowd)
    found = (connection.execute(_SEQS, values) for values in _values(crowd, after, through, limit, at))
    chosen = sorted(seq for cursor in found for (seq,) in cursor)[:limit]
    return Page(seqs=tuple(chosen), following=chosen[-1] if len(chosen) == limit else None)


def rows(connection: sqlite3.Connection, crowd: Crowd, part: tuple[int, int], at: Moment) -> Page:
    """Return the same as lists show them."""
    page = seqs(connection, crowd, part, at)
    if not page.seqs:
        return page
    last = replace(crowd, through=page.seqs[-1])
    values = list(_values(last, part[0], page.seqs[-1], part[1], at))
    return Page(seqs=page.seqs, rows=_rows(connection, values, at), following=page.following)


def _rows(connection: sqlite3.Connection, values: list[Values], at: Moment) -> tuple[Row, ...]:
    found = [message for each in values for message in messages.readable(connection, _ROWS, each)]
    return views.rows(connection, sorted(found), at)


def _through(connection: sqlite3.Connection, crowd: Crowd) -> int:
    if crowd.through is not None:
        return crowd.through
    return int(connection.execute("SELECT coalesce(max(seq), 0) FROM messages").fetchone()[0])


def _values(crowd: Crowd, after: int, through: int, limit: int, at: Moment) -> Iterator[Values]:
    choice = crowd.choice
    from_s = at.now if crowd.seen_at is None else crowd.seen_at
    directions = [choice.direction] if choice.direction else list(Direction)
    for direction, state in product(directions, sorted(crowd.states & _wanted(choice.state))):
        yield (
            direction.value,
            state.value,
            after,
            through,
            choice.receiver,
            choice.interaction,
            choice.code,
            None if choice.older_s is None else from_s - choice.older_s,
            None if choice.younger_s is None else from_s - choice.younger_s,
            crowd.seen_at,
            limit,
        )


def _wanted(state: State | None) -> frozenset[State]:
    return frozenset(State) if state is None else frozenset({state})
