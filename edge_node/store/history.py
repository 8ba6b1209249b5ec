"""What happened to each message, step by step.

Knows: the table of steps.
Must not know: what a step does.
"""

import sqlite3
from datetime import UTC, datetime
from typing import Final, NamedTuple

from edge_node.model.lifecycle import Event, State
from edge_node.model.overview import Step
from edge_node.store.session import Session

#: When something last happened to a row of `messages`, within a query on that table.
LAST_AT: Final = "SELECT at FROM history WHERE history.seq = messages.seq ORDER BY step DESC LIMIT 1"


class Happened(NamedTuple):
    """One step; `who` is empty where the node itself did it."""

    at: float
    event: str
    state: str
    code: str = ""
    who: str = ""
    why: str = ""


def add(session: Session, seq: int, happened: Happened) -> None:
    """Add a step to the life of a message."""
    session.execute(
        """INSERT INTO history (seq, step, at, event, state, code, who, why)
           SELECT ?1, 1 + coalesce(max(step), 0), ?2, ?3, ?4, ?5, ?6, ?7
           FROM history WHERE seq = ?1""",
        (seq, *happened),
    )


def begin(session: Session, seq: int, happened: list[Happened]) -> None:
    """Write the first steps of a new message."""
    rows = [(seq, step, *each) for step, each in enumerate(happened, start=1)]
    session.connection.executemany(
        "INSERT INTO history (seq, step, at, event, state, code, who, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows
    )


def last_at(session: Session, seq: int) -> float:
    """Return when something last happened to a message."""
    found = session.execute("SELECT at FROM history WHERE seq = ? ORDER BY step DESC LIMIT 1", (seq,)).fetchone()
    return 0.0 if found is None else float(found[0])


def of(connection: sqlite3.Connection, seq: int) -> tuple[Step, ...]:
    """Return the steps, oldest first."""
    rows = connection.execute(
        "SELECT at, event, state, code, who, why FROM history WHERE seq = ? ORDER BY step", (seq,)
    )
    return tuple(
        Step(at=datetime.fromtimestamp(at, UTC), event=Event(event), state=State(state), code=code, who=who, why=why)
        for at, event, state, code, who, why in rows
    )
