"""A restore is proven in a folder of its own: all of it is done but putting the store in its place.

Knows: what is looked at beyond what a restore looks at.
Must not know: where the folder is, who asked, how the result is shown.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from edge_node.errors import EdgeNodeError
from edge_node.model.backup import Manifest, Report
from edge_node.store import messages, restoring
from edge_node.store.backup import STORE
from edge_node.store.damage import CannotRead
from edge_node.store.opening import open_run
from edge_node.store.restoring import Wanted
from edge_node.store.session import Session
from edge_node.store.surroundings import SealingKeys, Surroundings

#: So many of the oldest bodies and so many of the newest are opened.
_SAMPLE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled:
    """What a drill showed."""

    manifest: Manifest
    report: Report
    opened: int  # bodies
    unreadable: int
    wrong: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Whether this backup can be relied on."""
        return not self.wrong and not self.unreadable


def drill(wanted: Wanted, work: Path) -> Drilled:
    """Restore into this empty folder, with a key made for it alone, and open a sample of the messages."""
    around = Surroundings(
        clock=wanted.around.clock,
        chance=wanted.around.chance,
        sealing=SealingKeys(recovery=wanted.around.sealing.recovery),
    )
    made = restoring.make_ready(replace(wanted, around=around), work)
    opened = open_run(work / STORE, around)
    try:
        seqs = _sample(opened.session)
        unreadable = sum(not _opens(opened.session, seq) for seq in seqs)
    finally:
        opened.database.close()
    return Drilled(
        manifest=made.manifest, report=made.report, opened=len(seqs), unreadable=unreadable, wrong=made.wrong
    )


def _sample(session: Session) -> list[int]:
    oldest = session.execute("SELECT seq FROM bodies ORDER BY seq LIMIT ?", (_SAMPLE,)).fetchall()
    newest = session.execute("SELECT seq FROM bodies ORDER BY seq DESC LIMIT ?", (_SAMPLE,)).fetchall()
    return sorted({seq for (seq,) in (*oldest, *newest)})


def _opens(session: Session, seq: int) -> bool:
    try:
        return messages.payload(session, seq) is not None
    except (CannotRead, EdgeNodeError):
        return False
