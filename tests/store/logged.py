"""What the access log of a store says, opened with the keys of the store, as tests ask for it."""

import base64
import json
import sqlite3
from typing import Any

from edge_node.store import log_keys, log_segments
from edge_node.store.log_keys import SegmentKey
from edge_node.store.session import Session


def lines(session: Session) -> list[dict[str, Any]]:
    """Every record that is not in a file yet, with what is sealed in it; without those of the log itself."""
    found = []
    for segment in log_segments.listed(session.connection):
        ring = session.sealer.ring
        secret = log_keys.secret(session.connection, segment.number, (ring.master, ring.coming))
        key = None if secret is None else SegmentKey.of(secret)
        for link in log_segments.links(session.connection, segment.first, segment.last, 2**31):
            found.append(_opened(json.loads(link.text), key))
    return [line for line in found if line.get("event.code") not in {"chain begun", "segment begun"}]


def _opened(record: dict[str, Any], key: SegmentKey | None) -> dict[str, Any]:
    blob = record.pop("sealed", None)
    if blob is not None and key is not None:
        record |= json.loads(key.open(record["seq"], base64.b64decode(blob)))
    return record


def told(session: Session, *names: str) -> list[tuple[Any, ...]]:
    """Some fields of each line."""
    return [tuple(line.get(name) for name in names) for line in lines(session)]


def outcomes(connection: sqlite3.Connection, *names: str) -> list[tuple[Any, ...]]:
    """Some open fields of every record, read beside whoever has the store open."""
    rows = [json.loads(row[0]) for row in connection.execute("SELECT record FROM log_records ORDER BY seq")]
    return [tuple(row.get(name) for name in names) for row in rows if row.get("event.code") != "chain begun"]
