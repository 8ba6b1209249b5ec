"""One party's own account of what it sent and received: a file of JSON lines, each on disk before the party goes on.

Knows: how a line is written, flushed and read back.
Must not know: what the lines mean together, who reads them.

Patients stand in it only as a digest, so that lanes can be told apart.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType

from edge_node.sandbox.reading import Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One event at one party. Moments are seconds since the epoch."""

    time: float
    event: str  # sent, received, answered, refused, failed (one source of a batch), cut, restored
    leg: str = ""  # out: local system to switchboard; in: switchboard to local system
    role: str = ""  # push, query, line
    id: str = ""
    interaction: str = ""
    lane: str = ""  # receiver, patient and interaction: within it order is kept
    sha256: str = ""  # of the bytes
    content: str = ""  # of the message without envelope and header
    outcome: str = ""  # the acknowledgement or error code
    arrived: float = 0.0  # when the handover began
    answer_lost: bool = False  # the party knows that its answer was not given
    redelivery: bool = False  # the node said that it handed this over before


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirNote:
    """What a ledger holds of one FHIR request."""

    id: str  # the same for every attempt
    interaction: str
    lane: str
    content: str  # digest of the body
    is_query: bool
    more: Mapping[str, object] = field(default_factory=dict)


class Ledger:
    """Appends lines; a line is durable when `write` returns."""

    def __init__(self, path: Path, now: Callable[[], float]) -> None:
        self.now = now
        self._file = path.open("a", encoding="utf-8")

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, line: Line) -> None:
        """Append a line and wait until it is on disk."""
        self._file.write(json.dumps(asdict(line), separators=(",", ":")) + "\n")
        self._file.flush()
        os.fdatasync(self._file.fileno())

    def note(self, event: str) -> None:
        """Append an event that belongs to no message."""
        self.write(Line(time=self.now(), event=event))

    def message(self, event: str, leg: str, seen: Seen, body: bytes, **more: object) -> None:
        """Append what happened to one message."""
        line = {
            "time": self.now(), "event": event, "leg": leg, "role": role_of(seen), "id": str(seen.id),
            "interaction": seen.interaction, "lane": lane_of(seen), "sha256": hashlib.sha256(body).hexdigest(),
            "content": seen.content,
        }  # fmt: skip
        self.write(Line(**(line | more)))  # type: ignore[arg-type]

    def fhir(self, event: str, leg: str, note: FhirNote) -> None:
        """Append what happened to one FHIR request."""
        line = {
            "time": self.now(), "event": event, "leg": leg, "role": "query" if note.is_query else "push",
            "id": note.id, "interaction": note.interaction, "lane": note.lane, "sha256": note.content,
            "content": note.content,
        }  # fmt: skip
        self.write(Line(**(line | dict(note.more))))  # type: ignore[arg-type]

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def role_of(seen: Seen) -> str:
    """Return what a request is for the account: a push must arrive once, a query is never repeated."""
    if seen.interaction.startswith("COMT_IN113113"):
        return "line"
    return "query" if seen.query_id is not None or seen.interaction.startswith("COMT_IN118118") else "push"


def lane_of(seen: Seen) -> str:
    """Return the lane of a message: nothing in it may overtake another."""
    patient = hashlib.sha256(f"sandbox/{seen.patient}".encode()).hexdigest()[:12]
    return f"{seen.receiver}/{patient}/{seen.interaction}"


def read_ledger(path: Path) -> tuple[Line, ...]:
    """Return the lines of a ledger; a last line still being written is left out."""
    if not path.exists():
        return ()
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return tuple(Line(**json.loads(line)) for line in lines if line.endswith("\n"))
