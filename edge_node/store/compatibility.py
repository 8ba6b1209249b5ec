"""Which release may use which file: a step that only adds leaves the release before it working.

Knows: the oldest schema whose release can use a file of this one, where the file itself says so.
Must not know: what the steps do.

A machine gets a new release, which is found wanting and taken back an hour later: by then the store has the schema of
the newer one, and must not be lost for that. So a step expands first (a new table, a column with a default, an
index); what nobody uses any more is taken away a release later, when nobody goes back to the one that needed it.
"""

import sqlite3
from typing import Final

#: The release that knows this schema, and each later one, can use a file of the newest schema. Raised only with a
#: step that takes away or changes what that release needs (contracts); a test holds every later step to adding.
USABLE_FROM: Final = 11

_KEY: Final = "usable from"


def usable_from(connection: sqlite3.Connection) -> int:
    """Return the oldest schema whose release can use this file; a file that does not say needs its own."""
    found = connection.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    return int(connection.execute("PRAGMA user_version").fetchone()[0]) if found is None else int(found[0])


def write_down(connection: sqlite3.Connection, schema: int = USABLE_FROM) -> None:
    """Have the file say it, for the releases before this one; where it does, nothing is written."""
    found = connection.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    if found == (schema,):
        return
    sql = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
    connection.execute(sql, (_KEY, schema))
