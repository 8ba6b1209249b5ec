"""What the tests of the store share: time, chance, a push, and a store whose units run at once."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from edge_node.model.identifiers import ApplicationId, Bsn, InteractionId, MessageId
from edge_node.model.keeping import Admission, Admitted, Entry, Push, Room
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction, Payload, StoredAnswer
from edge_node.store import admission, life, pruning, queue
from edge_node.store.admission import Asked
from edge_node.store.batch import transact
from edge_node.store.life import Change
from edge_node.store.opening import open_run
from edge_node.store.reader import Reader
from edge_node.store.session import Session
from edge_node.store.surroundings import LogPlan, Moment, Surroundings, moment

T = TypeVar("T")
ROOT = "2.16.840.1.113883.2.4.6.6.1.1"
PATIENT = Bsn("999911120")
OTHER_PATIENT = Bsn("999900092")
ANSWER = StoredAnswer(status=200, content_type="text/xml", body=b"<CA/>", headers=(("Edge-Node-State", "kept"),))


class TwoClocks:
    """Both clocks of a machine, moved by hand."""

    def __init__(self) -> None:
        self.wall_s = 1_790_000_000.0
        self.running_s = 100.0

    def monotonic(self) -> float:
        return self.running_s

    def now(self) -> float:
        return self.wall_s

    def advance(self, seconds: float) -> None:
        self.wall_s += seconds
        self.running_s += seconds


class Counting:
    """Chance that can be foretold."""

    def __init__(self, start: int = 0) -> None:
        self.n = start

    def hex(self, nbytes: int) -> str:
        self.n += 1
        return f"{self.n:0{2 * nbytes}x}"


def push(number: int = 1, **other: Any) -> Push:
    """A keepable push out for one patient; `other` says what is different."""
    body = other.pop("body", f"<message>{number}</message>".encode())
    plain = Push(
        direction=Direction.OUT,
        message_id=MessageId(ROOT, str(number)),
        interaction=InteractionId("REPC_IN990003NL"),
        sender=ApplicationId("300"),
        receiver=ApplicationId("400"),
        order="report",
        patient=PATIENT,
        digest=hashlib.sha256(str(number).encode()).digest(),
        payload=Payload(path="Report", soap_action="urn:hl7-org:v3/Report_Send", body=body),
        priority=1,
        lifetime_s=3600,
        correlation=f"c{number}",
    )
    return replace(plain, **other)


@dataclass
class Shelf:
    """A store whose units run at once, in the caller's thread."""

    path: Path
    clock: TwoClocks = field(default_factory=TwoClocks)
    chance: Counting = field(default_factory=Counting)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.around = Surroundings(clock=self.clock, chance=self.chance, log=LogPlan(node="n1"))
        self.opened = open_run(self.path, self.around)
        self.session = self.opened.session
        self.reader = Reader(self.path, self.clock)

    def close(self) -> None:
        self.opened.database.close()

    def die(self) -> None:
        """What a kill leaves behind: nothing is written back."""
        self.opened.database.abandon()

    def restart(self, running_s: float = 5.0) -> None:
        """The machine starts again: its monotonic clock begins anew."""
        self.die()
        self.clock.running_s = running_s
        self.open()

    @property
    def at(self) -> Moment:
        return moment(self.clock)

    def do(self, work: Callable[[Session], T]) -> T:
        return transact(self.session, work)

    def keep(self, given: Push, *, lease: bool = False, answer: StoredAnswer | None = None) -> Admission:
        asked = Asked(self.chance.hex(16), self.at, lease, answer)
        return self.do(lambda session: admission.keep(session, given, asked))

    def kept(self, given: Push) -> str:
        admitted = self.keep(given)
        assert isinstance(admitted, Admitted), admitted
        return admitted.uid

    def leased(self, given: Push) -> Entry:
        admitted = self.keep(given, lease=True)
        assert isinstance(admitted, Admitted), admitted
        assert admitted.entry is not None
        return admitted.entry

    def begin(self, given: Push) -> Admission:
        return self.do(
            lambda session: admission.begin(session, given, Asked(self.chance.hex(16), self.at, holds_s=30))
        )

    def lease(
        self, limit: int = 10, direction: Direction = Direction.OUT, bulk: int = 10, **closed: int
    ) -> list[Entry]:
        room = Room(limit=limit, bulk=bulk, closed={name.replace("_", " "): most for name, most in closed.items()})
        return self.do(lambda session: queue.lease(session, direction, room, self.at))

    def settle(self, entry: Entry, event: Event, code: str = "", answer: StoredAnswer | None = None) -> None:
        change = queue.settling(event, code, self.at)
        self.do(lambda session: admission.settle(session, entry, change, answer))

    def put_back(self, entry: Entry, *, after_s: float = 2, unknown: bool = False) -> None:
        change = Change(
            event=Event.DELIVERY_FAILED,
            at=self.at,
            code="EN-NOT-SENT",
            after_s=after_s,
            unknown=unknown,
            spends=unknown and not entry.unknown,
        )
        self.do(lambda session: queue.put_back(session, entry, change))

    def next_due_s(self) -> float | None:
        return self.do(lambda session: queue.next_due_s(session, Direction.OUT, self.at))

    def expire(self) -> list[Entry]:
        return self.do(lambda session: queue.expire(session, 100, self.at))

    def end_tokens(self) -> None:
        self.do(lambda session: queue.end_tokens(session, 100, self.at))

    def prune(self) -> int:
        return self.do(lambda session: pruning.prune(session, 100, self.at))

    def state(self, uid: str) -> str:
        shown = self.reader.show(uid)
        assert shown is not None
        return shown.row.state.value

    def events(self, uid: str) -> list[str]:
        shown = self.reader.show(uid)
        assert shown is not None
        return [step.event.value for step in shown.steps]

    def count(self, table: str) -> int:
        return int(self.session.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


__all__ = ["ANSWER", "OTHER_PATIENT", "PATIENT", "Counting", "Shelf", "TwoClocks", "life", "push"]
