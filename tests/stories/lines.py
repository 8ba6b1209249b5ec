"""What stands in the access log of an exchange, held to the record groups of NEN 7513 (domain reference GBZ 6.2).

Knows: which fields a line of a message must have, by its way and by who acts in it; how the log is read from outside.
Must not know: how the node fills them.
"""

import json
import sqlite3
from pathlib import Path
from typing import Any, Final

Line = dict[str, Any]
#: Event, user, access point, counterparty, object, correlation, place in the chain.
ALWAYS: Final = frozenset(
    {
        *("event.type", "event.action", "event.result", "event.code", "event.direction", "event.interaction"),
        *("event.situation", "user.kind", "access_point.node", "access_point.application"),
        *("counterparty.application", "object.is_named", "correlation.id", "at", "seq", "prev"),
    }
)
#: Of the line that begins an exchange.
OF_A_WAY: Final = {
    "out": frozenset({"access_point.system", "access_point.connection", "access_point.address", "event.version"}),
    "in": frozenset({"counterparty.fingerprint", "event.version"}),
}
OF_A_PERSON: Final = frozenset({"user.role", "user.ura", "mark user.uzi"})
REQUESTS: Final = frozenset({"query", "push"})


def lines_of(store: Path, correlation_name: str, value: str) -> list[Line]:
    """The lines of one message as they lie there; of what is sealed, that there is a mark of it."""
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT record FROM log_records ORDER BY seq").fetchall()
    connection.close()
    records = [json.loads(row[0]) for row in rows]
    return [
        record | {f"mark {name}": True for name in record.get("marks", ())}
        for record in records
        if record.get(correlation_name) == value
    ]


def lacking(line: Line) -> list[str]:
    """What a line of a message lacks."""
    wanted = set(ALWAYS)
    if line["event.type"] in REQUESTS:
        wanted |= OF_A_WAY[line["event.direction"]]
    if line["user.kind"] == "person":
        wanted |= OF_A_PERSON
    if line["object.is_named"]:
        wanted.add("mark object.patient")
    return sorted(name for name in wanted if line.get(name) in (None, "")) + line.get("missing", [])
