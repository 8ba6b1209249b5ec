"""A store after a restore: every open message is held, and a person lets go of them by age.

Knows: which messages a restore holds, in what order they are let go, what the store remembers of it.
Must not know: how the store came back, who asks.

Between the backup and the restore the daemon went on: what waits here may have been delivered, discarded or signed
again since. So the outcome of each is unknown, none goes by itself, and the token of each may be used up.
"""

import sqlite3
from collections.abc import Callable
from typing import Final

from edge_node.errors import Refused
from edge_node.model.backup import Band, Span
from edge_node.model.lifecycle import OPEN, Event, State
from edge_node.model.overview import By
from edge_node.store import journal, life, messages
from edge_node.store.batch import transact
from edge_node.store.life import Change
from edge_node.store.messages import COLUMNS, Message
from edge_node.store.restore_hold import CODE
from edge_node.store.session import Session
from edge_node.store.surroundings import Moment

#: In one commit while nobody else uses the store.
_MARKED_AT_ONCE: Final = 2000
_OPEN: Final = ", ".join(f"'{state.value}'" for state in sorted(OPEN))
_UNCERTAIN: Final = f"""
    UPDATE messages NOT INDEXED SET unknown = 1, expires_at = NULL, token_ends_at = NULL,
        spent = spent OR (direction = 'out' AND token <> x'' AND NOT repeatable)
    WHERE state IN ({_OPEN}) AND seq BETWEEN ? AND ?"""  # noqa: S608
_CHOSEN: Final = f"""
    SELECT {COLUMNS} FROM messages INDEXED BY messages_restored
    WHERE state = 'HELD' AND last_code = 'EN-RESTORED' AND direction = ? AND kept_at >= ? AND kept_at < ?
    ORDER BY kept_at, seq LIMIT ?"""  # noqa: S608
_COUNT: Final = """
    SELECT count(*), min(kept_at) FROM messages INDEXED BY messages_restored
    WHERE state = 'HELD' AND last_code = 'EN-RESTORED' AND direction = ? AND kept_at >= ? AND kept_at < ?"""
_ONE: Final = f"SELECT {COLUMNS} FROM messages WHERE seq = ? LIMIT ?"  # noqa: S608
#: What a person may do with them.
ENDINGS: Final = {"release": Event.RELEASED, "discard": Event.DISCARDED}


def hold_all(session: Session, at: Moment, told: Callable[[int], None]) -> int:
    """Hold every open message; return how many. For a store that nobody uses yet: in many commits."""
    held = 0
    found = session.execute(f"SELECT seq FROM messages WHERE state IN ({_OPEN}) ORDER BY seq").fetchall()  # noqa: S608
    for start in range(0, len(found), _MARKED_AT_ONCE):
        seqs = [seq for (seq,) in found[start : start + _MARKED_AT_ONCE]]
        held += transact(session, lambda session, seqs=seqs: _hold(session, seqs, at))  # type: ignore[misc]
        told(held)
    return held


def _hold(session: Session, seqs: list[int], at: Moment) -> int:
    session.execute(_UNCERTAIN, (seqs[0], seqs[-1]))
    held = 0
    for seq in seqs:
        # Read one by one: the step of one may have ended another, and what cannot be read was set aside.
        held += sum(_hold_one(session, message, at) for message in messages.select(session, _ONE, (seq, 1)))
    return held


def _hold_one(session: Session, message: Message, at: Moment) -> int:
    if message.state == State.IN_FLIGHT:  # whoever had it in hand, it was not this machine
        change = Change(event=Event.LEASE_EXPIRED, at=at, code=CODE, unknown=True, spends=True)
        message = life.step(session, message, change)
    if State(message.state) not in OPEN or message.state == State.HELD:
        return 0  # what was held before stays so, with its own reason
    life.step(session, message, Change(event=Event.HELD_BACK, at=at, code=CODE))
    return 1


def act(session: Session, ending: str, span: Span, how: tuple[int, By, Moment]) -> list[Message]:
    """Release or discard up to so many, the oldest first; return them. `how` is how many, by whom, and when."""
    limit, by, at = how
    if ending not in ENDINGS:
        raise Refused(f"{ending} is not one of {', '.join(ENDINGS)}", code="EN-CONTROL-REQUEST")
    done: list[Message] = []
    for direction in span.directions:
        values = (direction.value, span.since, span.until, limit - len(done))
        for chosen in messages.select(session, _CHOSEN, values):
            change = Change(event=ENDINGS[ending], at=at, by=by)
            message = life.step(session, messages.get(session, chosen.uid), change)
            journal.add_change(session, message, change)
            done.append(message)
    return done


def band(connection: sqlite3.Connection, span: Span) -> tuple[Band, ...]:
    """Count what is held in a span, each way."""
    found = []
    for direction in span.directions:
        held, oldest = connection.execute(_COUNT, (direction.value, span.since, span.until)).fetchone()
        found.append(Band(direction, int(held), oldest))
    return tuple(found)


def held(connection: sqlite3.Connection) -> int:
    """Return how many are still held."""
    return sum(each.held for each in band(connection, Span()))
