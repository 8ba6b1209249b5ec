"""The queue in figures: why messages are stuck, and how long which receivers have been waited for.

Knows: the table of tallies, which the database keeps right by itself, and the index of what is stuck.
Must not know: how figures are shown, what a code means.
"""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Any, Final

from edge_node.model.lifecycle import State
from edge_node.model.message import Direction
from edge_node.model.overview import AGES_S, Cause, Choice, Crowd, Tally
from edge_node.store.surroundings import Moment

#: The states of the index, in the words of the index: only so SQLite sees that it may use it.
_STUCK: Final = "state IN ('DEAD', 'EXPIRED', 'HELD', 'NEEDS_TOKEN')"
_CAUSES: Final = f"""
    SELECT last_code, receiver, interaction, count(*), min(seq), max(seq) FROM messages INDEXED BY messages_stuck
    WHERE {_STUCK} AND state = :state AND direction = :direction
        AND (:code IS NULL OR last_code = :code) AND (:receiver IS NULL OR receiver = :receiver)
        AND (:interaction IS NULL OR interaction = :interaction)
    GROUP BY last_code, receiver, interaction"""  # noqa: S608  words of ours
_ENDS: Final = "SELECT uid, kept_at FROM messages WHERE seq IN (?, ?) ORDER BY seq"
_SLOT_S: Final = 300
_KNOWN: Final = frozenset(product(Direction, State))
#: How many of the ages a message has passed. Five minutes count as passed when they began, so none looks too young.
_PASSED: Final = " + ".join(f"(slot <= :age{number})" for number in range(1, len(AGES_S)))
_TALLIES: Final = f"""
    SELECT direction, state, receiver, {_PASSED} AS age, sum(n) FROM tallies
    WHERE (:direction IS NULL OR direction = :direction) AND (:state IS NULL OR state = :state)
        AND (:receiver IS NULL OR receiver = :receiver)
    GROUP BY 1, 2, 3, 4"""  # noqa: S608
#: What is being handed over is in no tally: it is little, and walked.
_IN_FLIGHT: Final = f"""
    SELECT direction, state, receiver, {_PASSED} AS age, count(*) FROM (
        SELECT direction, state, receiver, CAST(kept_at / {_SLOT_S} AS INTEGER) AS slot
        FROM messages INDEXED BY messages_state
        WHERE direction IN ('out', 'in') AND state = 'IN_FLIGHT'
            AND (:direction IS NULL OR direction = :direction) AND (:receiver IS NULL OR receiver = :receiver))
    GROUP BY 1, 2, 3, 4"""  # noqa: S608


def causes(connection: sqlite3.Connection, crowd: Crowd) -> tuple[Cause, ...]:
    """Return why messages are stuck, the most of them first."""
    choice = crowd.choice
    directions = [choice.direction] if choice.direction else list(Direction)
    found: list[Cause] = []
    for direction, state in product(directions, sorted(crowd.states)):
        values = {
            "direction": direction.value,
            "state": state.value,
            "code": choice.code,
            "receiver": choice.receiver,
            "interaction": choice.interaction,
        }
        found += _causes(connection, direction, state, values)
    return tuple(sorted(found, key=lambda cause: (-cause.messages, cause.oldest)))


def _causes(
    connection: sqlite3.Connection, direction: Direction, state: State, values: dict[str, Any]
) -> Iterator[Cause]:
    for code, receiver, interaction, count, first, last in connection.execute(_CAUSES, values).fetchall():
        ends = connection.execute(_ENDS, (first, last)).fetchall()
        yield Cause(
            code=code,
            state=state,
            direction=direction,
            receiver=receiver,
            interaction=interaction,
            messages=count,
            oldest=datetime.fromtimestamp(ends[0][1], UTC),
            newest=datetime.fromtimestamp(ends[-1][1], UTC),
            examples=tuple(uid for uid, _ in ends),
        )


def shape(connection: sqlite3.Connection, choice: Choice, at: Moment) -> tuple[Tally, ...]:
    """Return how many wait for which receiver, by age."""
    values: dict[str, Any] = {
        "direction": choice.direction.value if choice.direction else None,
        "state": choice.state.value if choice.state else None,
        "receiver": choice.receiver,
    }
    values |= {f"age{number}": int((at.now - age_s) // _SLOT_S) for number, age_s in enumerate(AGES_S) if number}
    found = connection.execute(_TALLIES, values).fetchall()
    if choice.state in {None, State.IN_FLIGHT}:
        found += connection.execute(_IN_FLIGHT, values).fetchall()
    return tuple(
        Tally(
            direction=Direction(direction), state=State(state), receiver=receiver, age_s=AGES_S[age], messages=count
        )
        for direction, state, receiver, age, count in found
        if (direction, state) in _KNOWN  # what is not is set aside, and counted there
    )
