"""What it costs to claim a message, with few and with many waiting.

Knows: three stores (few lanes, many lanes, few lanes beside one long blocked one), and how a claim is timed.
Must not know: who claims in the daemon.

Timed is the claim inside an open transaction: its commit costs one fdatasync however many wait, and would hide the
rest.
"""

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice, product
from pathlib import Path
from typing import Final

from benchmarks.keeping import Pushes, bsns, pushes, surroundings
from edge_node.machine import MachineChance
from edge_node.model.identifiers import ApplicationId
from edge_node.model.keeping import Push, Room
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction
from edge_node.store import admission, queue
from edge_node.store.admission import Asked
from edge_node.store.batch import run_batch, transact
from edge_node.store.life import Change
from edge_node.store.opening import Opened, open_run
from edge_node.store.session import Session
from edge_node.store.surroundings import moment

FEW: Final = 1_000
BLOCKED: Final = 100_000
CLAIMS: Final = 200
_BODY_BYTES: Final = 1_000
_COMMIT: Final = 5_000
_HOUR_S: Final = 3_600.0
_ONE: Final = Room(limit=1, bulk=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many messages wait."""

    many: int
    blocked: int = BLOCKED  # in the one long lane


def measure(folder: Path, rounds: int, sizes: Sizes, say: Callable[[str], None]) -> dict[str, list[float]]:
    """Return microseconds a claim for each store, one median a round."""
    stores = {"few": _few(folder / "few"), "many": _many(folder / "many", sizes.many)}
    say(f"claim: a store with {sizes.many} messages is full")
    stores["blocked"] = _blocked(folder / "blocked", sizes.blocked)
    say(f"claim: a store with a blocked lane of {sizes.blocked} is full")
    found: dict[str, list[float]] = {name: [] for name in stores}
    for _ in range(rounds):
        for name, opened in stores.items():
            found[name].append(_claims_us(opened.session))
    for opened in stores.values():
        opened.database.close()
    return found


def _claims_us(session: Session) -> float:
    took_s = []
    session.begin()
    for _ in range(CLAIMS):
        begun = time.perf_counter()
        entries = queue.lease(session, Direction.OUT, _ONE, moment(_AROUND.clock))
        took_s.append(time.perf_counter() - begun)
        assert len(entries) == 1
    session.roll_back()
    return statistics.median(took_s) * 1e6


_AROUND: Final = surroundings()


def fill_for_node(store: Path, many: int) -> None:
    """Put messages into the store of a node that does not run."""
    fill_store(store, _lanes(pushes(), many))


def fill_store(store: Path, many: Iterable[Push]) -> None:
    """Put these messages into the store of a node that does not run."""
    opened = open_run(store, _AROUND)
    _fill(opened, many)
    opened.database.close()


def _few(folder: Path) -> Opened:
    return _filled(folder, _lanes(pushes(), FEW))


def _many(folder: Path, many: int) -> Opened:
    return _filled(folder, _lanes(pushes(), many))


def _blocked(folder: Path, many: int) -> Opened:
    """A thousand lanes, and one whose head waits for an hour with all the others behind it."""
    make, patient = pushes(), bsns(1)[0]
    opened = _filled(folder, (_small(make.push(number, patient)) for number in range(many)))
    transact(opened.session, _block)
    _fill(opened, (replace(push, order="report") for push in _lanes(make, FEW, first=many)))
    return opened


def _block(session: Session) -> None:
    now = moment(_AROUND.clock)
    entry = queue.lease(session, Direction.OUT, _ONE, now)[0]
    queue.put_back(session, entry, Change(event=Event.DELIVERY_FAILED, at=now, code="EN-NOT-SENT", after_s=_HOUR_S))


def _lanes(make: Pushes, count: int, first: int = 0) -> Iterable[Push]:
    """Messages each in a lane of its own: up to a thousand patients, for as many receivers as it takes."""
    pairs = product(range(1 + count // FEW), bsns(FEW))
    for number, (receiver, patient) in enumerate(islice(pairs, count), first):
        yield replace(_small(make.push(number, patient)), receiver=ApplicationId(str(80_000_100 + receiver)))


def _small(push: Push) -> Push:
    """Bodies lie in a table of their own, which a claim does not walk: small ones fill faster."""
    return replace(push, payload=replace(push.payload, body=push.payload.body[:_BODY_BYTES]))


def _filled(folder: Path, many: Iterable[Push]) -> Opened:
    folder.mkdir()
    opened = open_run(folder / "queue.sqlite3", _AROUND)
    _fill(opened, many)
    return opened


def _fill(opened: Opened, many: Iterable[Push]) -> None:
    chance, left = MachineChance(), iter(many)
    while some := list(islice(left, _COMMIT)):
        asked = [(push, Asked(chance.hex(16), moment(_AROUND.clock))) for push in some]
        works = [lambda session, one=one: admission.keep(session, *one) for one in asked]
        for outcome in run_batch(opened.session, works):
            if outcome.error is not None:
                raise outcome.error
