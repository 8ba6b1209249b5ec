"""What the tests of the sandbox share: makers with a fixed clock and counted chance, and a node in little."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from twisted.internet.defer import Deferred, succeed

from edge_node.sandbox.application import Application
from edge_node.sandbox.exchange import Asked, Reply
from edge_node.sandbox.his import LocalSystem
from edge_node.sandbox.http import Told, Unreached
from edge_node.sandbox.ledger import Ledger, Line
from edge_node.sandbox.samples.making import Maker
from edge_node.sandbox.samples.people import HOSPITAL, Party, party_of
from edge_node.sandbox.switchboard import Means, Switchboard

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
_count = itertools.count()


def maker(party: Party, zim: str = "1") -> Maker:
    """A maker whose ids are counted."""
    return Maker(party, zim=zim, now=lambda: NOW, chance=lambda nbytes: f"{next(_count):0{2 * nbytes}x}")


class System(Protocol):
    """A local system behind a node."""

    async def handle(self, asked: Asked, headers: dict[str, str]) -> Reply:
        """Answer one request."""
        ...


class Onward:
    """Hands every message to a local system at once, as a node does; nobody is there while `is_down`."""

    def __init__(self, systems: Mapping[str, System]) -> None:
        self.systems = dict(systems)
        self.refusal: Told | None = None  # of the node, to everything
        self.paths: list[tuple[str, str]] = []
        self.bad: list[str | None] = []
        self.is_down = False

    def __contains__(self, application: str) -> bool:
        return application in self.systems

    async def post(
        self, application: str, *, path: str, soap_action: str, body: bytes, bad: str | None = None
    ) -> Told:
        if self.is_down:
            raise Unreached("down")
        if self.refusal is not None:
            return self.refusal
        self.paths.append((path, soap_action))
        self.bad.append(bad)
        reply = await self.systems[application].handle(Asked(path=path, soap_action=soap_action, body=body), {})
        return Told(status=reply.status, headers={}, body=reply.body)


class Bench:
    """A switchboard with local systems behind it, without a socket."""

    def __init__(self, folder: Path, *parties: Party) -> None:
        self.folder = folder
        self.system_ledgers = {one.application: Ledger(folder / one.application, lambda: 1.0) for one in parties}
        systems = {one.application: LocalSystem(maker(one), self.system_ledgers[one.application]) for one in parties}
        self.onward = Onward(systems)
        self.ledger = Ledger(folder / "switchboard", lambda: 1.0)
        self.waits: list[float] = []
        self.switchboard = Switchboard(
            Means(
                maker=maker(party_of("1")),
                ledger=self.ledger,
                onward=self.onward,
                guests={HOSPITAL.application: Application(maker(HOSPITAL))},
                now=lambda: 1.0,
                wait=self._wait,
            )
        )

    def _wait(self, seconds: float) -> Deferred[None]:
        self.waits.append(seconds)
        return succeed(None)

    def close(self) -> None:
        for ledger in (self.ledger, *self.system_ledgers.values()):
            ledger.close()


def line(
    event: str, id_: str, *, lane: str = "lane", time: float = 0.0, content: str = "same", outcome: str = "CA",
    answer_lost: bool = False,
) -> Line:  # fmt: skip
    """A line about a push."""
    return Line(
        time=time, event=event, role="push", id=id_, lane=lane, content=content, outcome=outcome, arrived=time,
        answer_lost=answer_lost,
    )  # fmt: skip
