"""The verbs of the daemon, carried out by a command itself while no daemon runs.

Knows: which verbs can be had so, that changes take the store's lock first, that nothing here waits for another.
Must not know: what the verbs do, or how their answers are shown.
"""

import os
import pwd
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_node.errors import Refused
from edge_node.machine import MachineChance, MachineClock
from edge_node.model.identifiers import MessageId
from edge_node.model.inbox import Waiting
from edge_node.model.overview import By, Choice, Overview, Row, SetAside, Shown
from edge_node.status import control_client, crowd_verbs, emergency_verbs, inbox_verbs, log_verbs, queue_verbs
from edge_node.status.control_client import Hear, Stopping
from edge_node.status.ports import Change
from edge_node.status.verbs import Attendant, Verb, register
from edge_node.store.emergency_desk import EmergencyDesk
from edge_node.store.inbox_desk import InboxDesk
from edge_node.store.opening import Offline, open_offline
from edge_node.store.reader import Reader
from edge_node.store.stock import Stock, at_once
from edge_node.store.surroundings import SealingKeys, Surroundings

Request = Mapping[str, Any]


class StoredQueue:
    """The queue as the verbs use it, over the file. Fits `status.ports.Queue`; without the lock it only reads."""

    def __init__(self, reader: Reader, changing: Offline | None = None) -> None:
        self._reader = reader
        self._locked = changing

    @property
    def _changing(self) -> Offline:
        if self._locked is None:
            raise Refused("opened for reading only", code="EN-STORE-IN-USE")
        return self._locked

    async def overview(self) -> Overview:
        return self._reader.overview()

    async def list(self, choice: Choice) -> tuple[Row, ...]:
        return self._reader.list(choice)

    async def show(self, uid: str) -> Shown | None:
        return self._reader.show(uid)

    async def find(self, message_id: MessageId) -> Shown | None:
        return self._reader.find(message_id)

    async def set_aside(self, limit: int) -> tuple[SetAside, ...]:
        return self._reader.set_aside(limit)

    async def retry(self, uid: str, by: By) -> Row:
        return self._changing.retry(uid, by)

    async def discard(self, uid: str, by: By) -> Row:
        return self._changing.discard(uid, by)

    async def hold(self, uid: str, by: By) -> Row:
        return self._changing.hold(uid, by)

    async def release(self, uid: str, by: By) -> Row:
        return self._changing.release(uid, by)


@dataclass(slots=True)
class _Here:
    """The person at this command is the caller."""

    hear: Hear
    is_stopped: bool = False

    def stop(self) -> None:
        self.is_stopped = True

    async def tell(self, part: dict[str, Any]) -> None:
        self.hear(part)


def verbs(queue: StoredQueue, inbox: InboxDesk, stock: Stock, log: dict[str, Verb]) -> dict[str, Verb]:
    """Return the verbs that work without the daemon."""
    return register(queue_verbs.verbs(queue), inbox_verbs.verbs(inbox), crowd_verbs.verbs(stock), log)


def _inbox(reader: Reader, changing: Offline | None = None) -> InboxDesk:
    async def look(receiver: str | None, limit: int) -> tuple[Waiting, ...]:
        return reader.inbox(receiver, limit)

    if changing is not None:
        return changing.inbox(look)
    return InboxDesk(_refuse, Surroundings(clock=MachineClock(), chance=MachineChance()), 0, look)


def _stock(reader: Reader, changing: Offline | None = None) -> Stock:
    if changing is not None:
        return changing.stock(reader)
    return Stock(_refuse, reader, at_once, MachineClock())


def _emergencies(reader: Reader) -> dict[str, Verb]:
    """Only the list of them: what is said of one is sealed by the daemon."""
    known = emergency_verbs.verbs(EmergencyDesk(_refuse, reader, at_once, MachineClock()))
    return {name: verb for name, verb in known.items() if not verb.changes}


async def _refuse(work: object) -> Any:
    raise Refused("opened for reading only", code="EN-STORE-IN-USE")


def look(store: Path, request: Request, hear: Hear, stopping: Stopping) -> Any:
    """Read from the store, beside whoever has it open."""

    async def record(change: Change) -> None:
        raise Refused("this needs the lock on the store", code="EN-STORE-IN-USE")

    reader = Reader(store, MachineClock())
    known = verbs(StoredQueue(reader), _inbox(reader), _stock(reader), _emergencies(reader))
    attendant = Attendant(known, record, _new_correlation)
    return _attended(attendant, request, hear, stopping)


def change(store: Path, request: Request, hear: Hear, stopping: Stopping) -> Any:
    """Change the store, which no other process may then have open."""
    with _locked(store) as attendant:
        return _attended(attendant, request, hear, stopping)


@contextmanager
def _locked(store: Path) -> Iterator[Attendant]:
    clock = MachineClock()
    # The key of the store may be lent to the service alone; what needs it is refused by name.
    around = Surroundings(clock=clock, chance=MachineChance(), sealing=SealingKeys(may_be_absent=True))
    with open_offline(store, around) as changing:

        async def record(change: Change) -> None:
            changing.record(change.record)

        reader = Reader(store, clock)
        parts = StoredQueue(reader, changing), _inbox(reader, changing), _stock(reader, changing)
        known = verbs(*parts, log_verbs.verbs(changing.log(store)) | _emergencies(reader))
        yield Attendant(known, record, _new_correlation)


def _new_correlation() -> str:
    return MachineChance().hex(16)


def _attended(attendant: Attendant, request: Request, hear: Hear, stopping: Stopping) -> Any:
    here = _Here(hear)
    with stopping(here.stop):
        return control_client.result_of(_at_once(attendant.attend(request, user(), here)))


def _at_once(attending: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """Run a coroutine that never waits: what it awaits is done by this process."""
    try:
        attending.send(None)
    except StopIteration as done:
        answer: dict[str, Any] = done.value
        return answer
    raise AssertionError("a verb waited for something, and there is nobody to do it")


def user() -> str:
    """The name of who runs this command, as it is recorded."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
