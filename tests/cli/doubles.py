"""A daemon for the commands: a real Unix socket, answered by the real attendant from a queue in memory."""

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred

from edge_node.errors import Refused
from edge_node.model.backup import Band, Made, Safety, Span
from edge_node.model.emergency import Emergency, EmergencyState, Verdict
from edge_node.model.message import Direction
from edge_node.model.overview import By
from edge_node.status import (
    backup_verbs,
    cert_verbs,
    emergency_verbs,
    inbox_verbs,
    key_verbs,
    node_verbs,
    queue_verbs,
)
from edge_node.status.facts import Facts
from edge_node.status.ports import Change
from edge_node.status.snapshot import Snapshot, snapshot
from edge_node.status.verbs import Attendant, Verb, register

from ..status.doubles import MemoryQueue, PeoplesInbox, facts, row
from ..status.renewing_double import PeoplesCertificates


class Parts:
    """A caller that hears what it is told ahead of the last line."""

    is_stopped = False

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    async def tell(self, part: dict[str, Any]) -> None:
        self.told.append({"part": part})


@dataclass
class Keys:
    """A store whose key can be changed."""

    key: str = "00ff"
    file: str | None = None

    async def rotate(self) -> "Keys":
        return self


class EmergencyList:
    """Emergency accesses, in memory."""

    def __init__(self) -> None:
        self.held = {
            7: Emergency(
                id=7,
                at=datetime(2026, 11, 22, 3, 4, tzinfo=UTC),
                direction="out",
                interaction="QUPC_IN990001NL",
                application="900001",
                counterparty="1",
                system="his",
                role="01.015",
                ura="90000123",
                message="2.16.1/42",
                correlation="c-7",
                result="ok",
            )
        }

    async def list(self, limit: int, *, reviewed: bool) -> tuple[Emergency, ...]:
        return tuple(one for one in self.held.values() if reviewed or one.signed_at is None)[:limit]

    async def state(self) -> EmergencyState:
        return EmergencyState(open=len(self.held))

    async def explain(self, number: int, by: By) -> Emergency:
        return self._become(number, explained_at=datetime(2026, 11, 23, tzinfo=UTC), explained_by=by.who)

    async def sign_off(self, number: int, verdict: Verdict, by: By) -> Emergency:
        return self._become(number, signed_at=datetime(2026, 11, 24, tzinfo=UTC), signed_by=by.who, verdict=verdict)

    def _become(self, number: int, **changes: Any) -> Emergency:
        if number not in self.held:
            raise Refused(f"no emergency access {number}", code="EN-NOT-FOUND")
        self.held[number] = replace(self.held[number], **changes)
        return self.held[number]


class RestoreHolds:
    """Messages that a restore holds, as numbers; it makes no backups."""

    def __init__(self, held: int = 3) -> None:
        self.held = held

    async def bands(self, span: Span) -> tuple[Band, ...]:
        return (Band(Direction.OUT, self.held, 0.0),)

    async def act(self, ending: str, span: Span, limit: int, by: By) -> list[Direction]:
        done = min(limit, self.held)
        self.held -= done
        return [Direction.OUT] * done

    async def make(self, folder: Path | None, told: Callable[[str, int, int], None]) -> Made:
        raise AssertionError(folder)

    async def drilled(self, detail: dict[str, object]) -> None:
        raise AssertionError(detail)

    async def safety(self) -> Safety:
        raise AssertionError


class Daemon:
    """Serves one caller after the other, in a thread."""

    def __init__(self, path: Path, more: dict[str, Verb] | None = None) -> None:
        self.queue = MemoryQueue([row()])
        self.inbox = PeoplesInbox()
        self.keys = Keys()
        self.emergencies = EmergencyList()
        self.restored = RestoreHolds()
        self.certificates = PeoplesCertificates()
        self.facts: Facts = facts()
        self.changes: list[Change] = []
        verbs = register(
            node_verbs.verbs(self._look, self._reload),
            queue_verbs.verbs(self.queue),
            inbox_verbs.verbs(self.inbox),
            key_verbs.verbs(self.keys),
            emergency_verbs.verbs(self.emergencies),
            cert_verbs.verbs(self.certificates),
            backup_verbs.verbs(self.restored, self.restored, lambda: 7200.0),
            more or {},
        )
        self._attendant = Attendant(verbs, self._record, lambda: "c1")
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def stop(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            with caller, caller.makefile("rwb") as stream:
                for line in stream:
                    parts = Parts()
                    answer = self._attend(json.loads(line), parts)
                    for each in (*parts.told, answer):
                        stream.write(json.dumps(each).encode() + b"\n")
                    stream.flush()

    def _attend(self, request: Any, parts: Parts) -> dict[str, Any]:
        answers: list[dict[str, Any]] = []
        Deferred.fromCoroutine(self._attendant.attend(request, "anna", parts)).addCallback(answers.append)
        return answers[0]

    async def _look(self) -> Snapshot:
        return snapshot(self.facts)

    async def _record(self, change: Change) -> None:
        self.changes.append(change)

    async def _reload(self, by: By) -> None:
        raise AssertionError(by)
