"""What the access log costs of accepting and delivering a message, and how fast one is proven.

Knows: a whole node under load, the same steps of the store with lines and without, a log of many records.
Must not know: how a line is chained or proven.

The share is the processor time that the lines of one message take, of what the whole node takes for it: HTTP,
judging, sealing, keeping, mutual TLS to the far end and settling, with all that it records. They cost what the daemon
takes to make the record of a message, and what the store takes to write, seal, chain and sign its lines.
"""

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

from benchmarks import deliver, keeping, rules
from benchmarks.exchange import make_push
from benchmarks.sending import WARM_UP
from benchmarks.stage import build
from edge_node.flow.records import of_message
from edge_node.formats.hardened import XmlLimits
from edge_node.formats.reader import read_message
from edge_node.model.exchange import Arrival, Beside
from edge_node.model.keeping import Admission, Admitted, Entry, Push
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction, Payload
from edge_node.model.record import LogRecord
from edge_node.policy.logged import bearing_of
from edge_node.store import admission, journal, log_sources, queue
from edge_node.store.access_log import AccessLog
from edge_node.store.admission import Asked
from edge_node.store.batch import run_batch, transact
from edge_node.store.log_line import Line
from edge_node.store.log_proof import prove
from edge_node.store.opening import Opened, open_run
from edge_node.store.surroundings import moment

RECORDS: Final = 100_000
_BLOCKS: Final = 30
_MESSAGES: Final = 50
#: In a commit; with 64 senders the daemon had five on average, by its calls of fdatasync.
_TOGETHER: Final = 5
_MADE: Final = 2_000
_ADD: Final = ("add_push", "add_handover")
_OF_A_QUERY: Final = {
    "event.type": "query",
    "event.action": "R",
    "event.result": "ok",
    "event.code": "AA",
    "event.direction": "out",
    "event.interaction": "QURX_IN990011NL",
    "user.kind": "person",
    "user.role": "01.015",
    "counterparty.application": "1",
    "correlation.id": "0123456789abcdef0123456789abcdef",
    "correlation.message": "2.16.840.1.113883.2.4.6.6.1.1/20260101000000-0000000000000001",
}


@dataclass(slots=True)
class Logged:
    """Of each round."""

    node_us: list[float] = field(default_factory=list)  # processor time of the node for one message
    lines_us: list[float] = field(default_factory=list)  # of its lines, from its record on
    made_us: list[float] = field(default_factory=list)  # of that, the record that the line of the daemon makes
    proven_s: list[float] = field(default_factory=list)  # records a second

    @property
    def shares(self) -> list[float]:
        """Percent."""
        return [100 * lines / node for lines, node in zip(self.lines_us, self.node_us, strict=True)]


def measure(folder: Path, rounds: int, say: Callable[[str], None]) -> Logged:
    """Measure both in turn."""
    logged = Logged()
    with ExitStack() as until:
        stage = build(folder / "node", until, make_push)
        node = until.enter_context(stage.start_node())
        for number in range(rounds):
            before_s = node.cpu_s
            deliver.node_s(stage)
            messages = deliver.MESSAGES + deliver.SENDERS * WARM_UP
            logged.node_us.append((node.cpu_s - before_s) / messages * 1e6)
            make, made_us = _records(folder / f"records-{number}")
            logged.made_us.append(made_us)
            logged.lines_us.append(made_us + _lines_us(folder / f"lines-{number}", make()))
            say(f"journal: round {number + 1} of {rounds}")
    for number in range(rounds):
        logged.proven_s.append(_proven(folder / f"proof-{number}"))
    return logged


def _lines_us(folder: Path, record: LogRecord) -> float:
    """What the lines of a message add to the steps of the store, in the thread that writes: in turn, on one store."""
    made, patients = keeping.pushes(), keeping.bsns(2 * _BLOCKS * _MESSAGES)
    pushes = (replace(made.push(*each), log=record) for each in enumerate(patients))
    with_s = without_s = 0.0
    with _store(folder) as opened:
        for _ in range(_BLOCKS):
            with_s += _spent_s(opened, list(islice(pushes, _MESSAGES)))
            with _without_lines():
                without_s += _spent_s(opened, list(islice(pushes, _MESSAGES)))
    return (with_s - without_s) / (_BLOCKS * _MESSAGES) * 1e6


def _records(folder: Path) -> tuple[Callable[[], LogRecord], float]:
    """How the line makes the record of a push it was handed, and the microseconds that takes."""
    sample, ground = rules.sample_of("prescription"), rules.ground_of(folder)
    reading = read_message(sample.body, limits=XmlLimits(), patient_at=lambda it: ground.table[it].patient_at)
    case = rules.case_of(sample, reading, ground)
    payload = Payload(path=sample.kind.service, soap_action=sample.kind.soap_action, body=sample.body)
    beside = Beside(workstation="balie 1", supplied=case.supplied)
    arrival = Arrival(
        direction=Direction.OUT,
        payload=payload,
        caller=case.caller,
        correlation=secrets.token_hex(16),
        beside=beside,
        address="10.1.2.3:40000",
    )

    def make() -> LogRecord:
        return of_message(case, arrival, bearing_of(()))

    begun_s = time.process_time()
    for _ in range(_MADE):
        make()
    return make, (time.process_time() - begun_s) / _MADE * 1e6


def _spent_s(opened: Opened, pushes: Sequence[Push]) -> float:
    """Keep and settle them, so many in a commit as the daemon does under that load."""
    clock, chance, session = keeping.surroundings().clock, keeping.surroundings().chance, opened.session
    before_s = time.thread_time()
    for first in range(0, len(pushes), _TOGETHER):
        asked = [
            (push, Asked(chance.hex(16), moment(clock), True, None)) for push in pushes[first : first + _TOGETHER]
        ]
        kept = run_batch(session, [lambda of, each=each: admission.keep(of, *each) for each in asked])
        entries = [_entry(outcome.value) for outcome in kept]
        change = queue.settling(Event.ACKNOWLEDGED, "CA", moment(clock))
        run_batch(
            session, [lambda of, each=each, how=change: admission.settle(of, each, how, None) for each in entries]
        )
    return time.thread_time() - before_s


def _entry(admission_: Admission | None) -> Entry:
    assert isinstance(admission_, Admitted)
    assert admission_.entry is not None
    return admission_.entry


@contextmanager
def _without_lines() -> Iterator[None]:
    whole = {name: getattr(journal, name) for name in _ADD}
    for name in _ADD:
        setattr(journal, name, _nothing)  # nor is anything made of what they are handed
    try:
        yield
    finally:
        for name, one in whole.items():
            setattr(journal, name, one)


def _nothing(*_: Any, **__: Any) -> None:
    """No line."""


@contextmanager
def _store(folder: Path) -> Iterator[Opened]:
    folder.mkdir(parents=True)
    opened = open_run(folder / "store.db", keeping.surroundings())
    try:
        yield opened
    finally:
        opened.database.close()


def _proven(folder: Path) -> float:
    """Write a log, and return how many of its records are proven in a second."""
    path = folder / "store.db"
    with _store(folder) as opened:
        log = opened.session.log
        assert isinstance(log, AccessLog)
        now = keeping.surroundings().clock.now()
        for _ in range(RECORDS // 1000):
            transact(opened.session, lambda session: fill(session.log, 1000, now))
        transact(opened.session, lambda session: log.sign(now))
    before_s = time.perf_counter()
    proof = prove(log_sources.of_all(path, log_sources.folder_of(path)), [log.signer.public])
    assert proof.is_sound
    return proof.records / (time.perf_counter() - before_s)


def fill(log: Any, records: int, at: float) -> None:
    """Write so many records of that moment."""
    for number in range(records):
        hashes = {"object.patient": number.to_bytes(32, "big"), "user.uzi": bytes(32)}
        log.append(Line(_OF_A_QUERY, {"object.patient": "999911120", "user.uzi": "900000101"}, hashes), at)
