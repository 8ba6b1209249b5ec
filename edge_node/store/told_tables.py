"""The table of what local systems told of themselves.

Knows: that of each system the last figures count.
Must not know: what a figure means.
"""

import json
import sqlite3
from datetime import UTC, datetime

from edge_node.model.told import Told, read_figures, write_figures
from edge_node.store.session import Session


def told(connection: sqlite3.Connection) -> tuple[Told, ...]:
    """Return all that counts now, by system."""
    rows = connection.execute("SELECT system, at, figures FROM told_figures ORDER BY system")
    return tuple(
        Told(system=system, at=datetime.fromtimestamp(at, UTC), figures=read_figures(json.loads(text)))
        for system, at, text in rows
    )


def tell(session: Session, made: Told) -> None:
    """Write down what a system told, in the place of what it told before."""
    session.execute(
        "INSERT OR REPLACE INTO told_figures (system, at, figures) VALUES (?, ?, ?)",
        (made.system, made.at.timestamp(), json.dumps(write_figures(made.figures))),
    )
