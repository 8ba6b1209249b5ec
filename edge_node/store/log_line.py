"""One line for the access log, before it has its place in the chain.

Knows: what of it stands open, what is sealed, by which keyed hashes it is found.
Must not know: keys of segments, the chain, the tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from edge_node.model.identifiers import Bsn
from edge_node.model.record import LogRecord, split
from edge_node.store.keys import PatientKey

PATIENT: Final = "object.patient"
#: What a line lacks that the standard wants.
MISSING: Final = "missing"
#: What a record is looked for by.
SOUGHT: Final = frozenset({PATIENT, "user.name", "user.uzi", "user.responsible_uzi"})


@dataclass(frozen=True, slots=True)
class Line:
    """Names are "group.field", as the fields of a record have them."""

    open: Mapping[str, Any]
    sealed: Mapping[str, str] = field(default_factory=dict, repr=False)
    hashes: Mapping[str, bytes] = field(default_factory=dict, repr=False)


def of(record: LogRecord, key: PatientKey) -> Line:
    """Take a record apart; a patient who is known by his hash only is marked with that."""
    parts = split(record)
    hashes = {name: hash_of(name, value, key) for name, value in parts.sought.items()}
    return Line(parts.open, parts.sealed, hashes)


def hash_of(name: str, value: str, key: PatientKey) -> bytes:
    """Return the keyed hash by which a value is found: of a patient the one that all tables have."""
    if name == PATIENT:
        found = key.patient(Bsn(value))
        assert found is not None
        return found
    return key.name(value)
