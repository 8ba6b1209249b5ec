"""A queue in memory that obeys the ports of status, and facts to start from."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from edge_node.errors import Refused
from edge_node.model.identifiers import MessageId
from edge_node.model.inbox import Ended, Fetcher, Key, Offer, Opened, Waiting, Wish
from edge_node.model.keeping import Renewal
from edge_node.model.lifecycle import Event, State, advance
from edge_node.model.message import Direction, Payload
from edge_node.model.overview import By, Choice, Count, Overview, Row, Shown, Step
from edge_node.status.facts import CertificateFact, Facts, LinkFact, LocalFact, StoreFact

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
UID = "0123456789abcdef0123456789abcdef"
OTHER_UID = "f" * 32
ROOT = "2.16.840.1.113883.2.4.6.6.1.1"
DIGEST = b"d" * 32


def facts(**changes: Any) -> Facts:
    """A node that is well."""
    well = Facts(
        node_id="node-1",
        version="0.1.0",
        environment="test",
        settings_hash="abc",
        at=NOW,
        started_at=NOW - timedelta(hours=1),
        is_serving=True,
        is_draining=False,
        store=StoreFact(is_recording=True, free_bytes=10_000),
        queue=Overview(counts=()),
        links=(LinkFact(peer="zim", is_open=False, since_s=3600, connections=2),),
        local_systems=(LocalFact(system="his", is_reachable=True),),
        certificates=(CertificateFact(identity="practice", not_after=NOW + timedelta(days=400)),),
        inflight_bytes=10,
        budget_bytes=64,
    )
    return replace(well, **changes)


def row(**changes: Any) -> Row:
    """A prescription that waits."""
    waiting = Row(
        uid=UID,
        direction=Direction.OUT,
        message_id=f"{ROOT}/1",
        interaction="PORX_IN932000NL",
        sender="111",
        receiver="222",
        state=State.WAITING,
        attempts=1,
        unknown=False,
        code="EN-NOT-SENT",
        correlation="c1",
        kept_at=NOW,
        due_in_s=2.0,
        ends_at=NOW + timedelta(days=1),
    )
    return replace(waiting, **changes)


class MemoryQueue:
    """Keeps rows in a dictionary and moves them by the table of the lifecycle."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.rows = {each.uid: each for each in rows}
        self.steps: dict[str, list[Step]] = {uid: [] for uid in self.rows}
        self.bodies: dict[str, bytes] = {}

    async def overview(self) -> Overview:
        return Overview(
            counts=tuple(
                Count(direction=each.direction, state=each.state, messages=1, oldest_s=5.0)
                for each in self.rows.values()
            )
        )

    async def list(self, choice: Choice) -> tuple[Row, ...]:
        wanted = [
            each
            for each in self.rows.values()
            if choice.state in {None, each.state} and choice.direction in {None, each.direction}
        ]
        return tuple(wanted[: choice.limit])

    async def show(self, uid: str) -> Shown | None:
        found = self.rows.get(uid)
        return Shown(row=found, steps=tuple(self.steps[uid])) if found else None

    async def find(self, message_id: MessageId) -> Shown | None:
        uids = [uid for uid, each in self.rows.items() if each.message_id == str(message_id)]
        return await self.show(uids[-1]) if uids else None

    async def retry(self, uid: str, by: By) -> Row:
        return self._step(uid, Event.RETRIED, by)

    async def discard(self, uid: str, by: By) -> Row:
        return self._step(uid, Event.DISCARDED, by)

    async def hold(self, uid: str, by: By) -> Row:
        return self._step(uid, Event.HELD_BACK, by)

    async def release(self, uid: str, by: By) -> Row:
        return self._step(uid, Event.RELEASED, by)

    async def renew(self, uid: str, renewal: Renewal) -> Row:
        if renewal.digest != DIGEST:
            raise Refused(code="EN-ID-REUSED")
        renewed = self._step(uid, Event.TOKEN_RENEWED, By(who="", why=""))
        self.bodies[uid] = renewal.body
        return renewed

    def _step(self, uid: str, event: Event, by: By) -> Row:
        if uid not in self.rows:
            raise Refused(f"no message {uid}", code="EN-NOT-FOUND")
        state = advance(self.rows[uid].state, event)
        self.rows[uid] = replace(self.rows[uid], state=state)
        self.steps[uid].append(Step(at=NOW, event=event, state=state, who=by.who, why=by.why))
        return self.rows[uid]


class PeoplesInbox:
    """An inbox with one message, as people see it. What systems do with it is not asked here."""

    def __init__(self) -> None:
        self.row = row(direction=Direction.IN, receiver="111", sender="9", interaction="REPC_IN990003NL")
        self.payload = Payload(path="Report", soap_action="a", body=b"<a><text>Dag &amp; welkom</text></a>")
        self.read_by: list[By] = []
        self.locked_by = ""
        self.lock_s: float | None = None

    async def waiting(self, receiver: str | None, limit: int) -> tuple[Waiting, ...]:
        if receiver not in {None, self.row.receiver}:
            return ()
        return (Waiting(row=self.row, locked_by=self.locked_by, lock_s=self.lock_s),)[:limit]

    async def read(self, uid: str, by: By) -> Opened:
        if uid != self.row.uid:
            raise Refused("no message with this name", code="EN-NOT-FOUND")
        self.read_by.append(by)
        return Opened(row=self.row, payload=self.payload)

    async def take(self, uid: str, by: By) -> Row:
        self.row = replace(self.row, state=State.DELIVERED)
        return self.row

    async def lock(self, fetcher: Fetcher, wish: Wish) -> tuple[Offer, ...]:
        raise AssertionError

    async def open(self, fetcher: Fetcher, key: Key) -> Opened:
        raise AssertionError

    async def confirm(self, fetcher: Fetcher, key: Key) -> Ended:
        raise AssertionError

    async def release(self, fetcher: Fetcher, key: Key) -> Ended:
        raise AssertionError

    async def extend(self, fetcher: Fetcher, key: Key, lock_s: float) -> Ended:
        raise AssertionError
