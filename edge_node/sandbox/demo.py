"""The demo: a real node between simulated parties; one of everything, a cut line, a queue, the ledgers compared.

Knows: the steps, in the order people see them.
Must not know: how a party is started, or a ledger compared.
"""

import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge_node.sandbox.keeping_open import recipes
from edge_node.sandbox.ledgers import Comparison, compare
from edge_node.sandbox.result import Outcome, Result
from edge_node.sandbox.samples.kinds import PUSHES, QUERIES
from edge_node.sandbox.site import AIS, HIS
from edge_node.sandbox.stage import NotStarted, Stage
from edge_node.sandbox.telling import Step, Teller

#: Level laag: without a token, so the node keeps them while the line is down.
KEPT_KINDS: Final = ("prescription", "mp9-prescription", "medication-use")
#: What each side has of the patient: kinds of data in the index.
HOLDINGS: Final = {HIS.name: ("460320", "722933", "288432", "902200"), AIS.name: ("272353",)}
GUEST: Final = "80000003"  # the out-of-hours post, simulated inside the switchboard
PATIENT: Final = 3
_POLL_S: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a demo is run with."""

    pushes: int = 200
    senders: int = 4
    kills: int = 0
    misbehave: str | None = None
    drain_s: float = 240.0


def main(*, json: bool = False, keep: bool = False, options: Options | None = None) -> int:
    """Run the demo; return 0 only when nothing was lost, doubled, out of order, changed or refused."""
    options = options or Options()
    teller = Teller(json=json)
    folder = Path(tempfile.mkdtemp(prefix="edge-node-demo-"))
    try:
        with Stage(folder=folder, misbehave=options.misbehave) as stage:
            result = run(stage, options, teller)
            teller.show(result)
            if keep:
                _keep_open(stage, teller)
    except NotStarted as error:
        teller.say(str(error))
        return 70
    if result.is_good:
        shutil.rmtree(folder)
    else:
        teller.say(f"Ledgers and logs are in {folder}")
    return 0 if result.is_good else 1


def run(stage: Stage, options: Options, teller: Teller) -> Result:
    """Go through all the steps and compare."""
    begun = time.monotonic()
    with teller.step("certificates, switchboard, HIS, AIS, and the node"):
        stage.start()
    with teller.step("one of everything, in both directions") as step:
        outcomes = _collect(stage, step)
    with teller.step(f"the line is cut, and the node accepts {options.pushes} pushes") as step:
        stage.ask("switchboard", "line", cut=True)
        send(stage, options)
        wait_sent(stage, options, step)
    with teller.step("the line is back, and the queue drains") as step:
        stage.ask("switchboard", "line", cut=False)
        kill_at_random(stage, options.kills, random.SystemRandom().random)
        comparison = drain(stage, options, step)
    kept = sum(stage.ask(one.name, "state")["kept"] for one in (HIS, AIS))
    return Result(
        comparison=comparison, outcomes=outcomes, kept=kept, kills=len(stage.kills), seconds=time.monotonic() - begun
    )


def send(stage: Stage, options: Options) -> None:
    """Let the HIS begin to send pushes to the AIS, all of a kind that may be kept."""
    stage.ask(
        HIS.name, "send", kinds=KEPT_KINDS, receiver=AIS.party.application, count=options.pushes,
        senders=options.senders,
    )  # fmt: skip


def wait_sent(stage: Stage, options: Options, step: Step) -> None:
    """Wait until the HIS has an answer to everything it sent."""
    before = None
    while True:
        state = stage.ask(HIS.name, "state")
        before = state["sent"] if before is None else before
        step.at(min(state["sent"] - before, options.pushes), options.pushes)
        if not state["running"]:
            return
        time.sleep(_POLL_S)


def kill_at_random(stage: Stage, kills: int, chance: Callable[[], float]) -> None:
    """Kill the node that often with signal 9, each time some while after it was started again."""
    for _ in range(kills):
        time.sleep(0.2 + 2.8 * chance())
        stage.kill_node()


def drain(stage: Stage, options: Options, step: Step) -> Comparison:
    """Wait until all that was sent has arrived, or until nothing more can be expected; compare."""
    until = time.monotonic() + options.drain_s
    while True:
        comparison = compare_all(stage)
        step.at(comparison.delivered, comparison.sent)
        if not comparison.lost or time.monotonic() > until:
            break
        # A local system that drops or holds back a push has said yes to all: waiting longer brings nothing.
        if options.misbehave and _has_answered_all(stage):
            break
        time.sleep(_POLL_S)
    time.sleep(4 * _POLL_S)  # what would arrive twice, arrives now
    stage.ask(AIS.name, "settle")
    return compare_all(stage)


def compare_all(stage: Stage) -> Comparison:
    """Compare both legs: local systems to switchboard, switchboard to local systems."""
    local = sorted((*stage.ledger(HIS.name), *stage.ledger(AIS.name)), key=lambda line: line.time)
    switchboard = stage.ledger("switchboard")
    broken = [*stage.kills, *(line.time for line in switchboard if line.event == "cut")]
    out = compare(
        (line for line in local if line.leg == "out"),
        (line for line in switchboard if line.event == "received"),
        broken,
    )
    inward = compare(
        (line for line in switchboard if line.leg == "in"),
        (line for line in local if line.event == "received"),
        broken,
    )
    return out + inward


def _has_answered_all(stage: Stage) -> bool:
    inward = [line for line in stage.ledger("switchboard") if line.leg == "in" and line.role == "push"]
    out = compare(
        (line for line in stage.ledger(HIS.name) if line.leg == "out"),
        (line for line in stage.ledger("switchboard") if line.event == "received"),
    )
    given = {line.id for line in inward if line.event == "sent"}
    taken = stage.ask(AIS.name, "state")["received"] + stage.ask(HIS.name, "state")["received"]
    return not out.lost and int(taken) >= len(given)


def _collect(stage: Stage, step: Step) -> tuple[Outcome, ...]:
    found: list[Outcome] = []
    for outcome in _one_of_everything(stage):
        found.append(outcome)
        step.at(len(found))
    return tuple(found)


def _one_of_everything(stage: Stage) -> Iterator[Outcome]:
    """Send one of each kind; registrations before the queries that need them, removals last."""
    for one in (HIS, AIS):
        yield _from_local(stage, one.name, "tick", "line")
        yield _from_local(stage, one.name, "ping", "query")
    yield from _index(stage, "index-update", "index-registration")
    for query in QUERIES:
        if query.name != "ping":
            yield _from_local(stage, HIS.name, query.name, "query")
            yield _from_local(stage, AIS.name, query.name, "query")
    for push in PUSHES:
        yield _from_local(stage, HIS.name, push.name, "push", receiver=AIS.party.application)
        yield _from_local(stage, AIS.name, push.name, "push", receiver=HIS.party.application)
        yield _from_outside(stage, push.name, "push", sender=GUEST)
    yield _from_outside(stage, "patient-notification", "push")
    yield _from_outside(stage, "ping", "query")
    yield _from_outside(stage, "tick", "line")
    yield from _index(stage, "index-removal", "index-deregistration")


def _index(stage: Stage, of_practice: str, of_pharmacy: str) -> Iterator[Outcome]:
    for name, kind in ((HIS.name, of_practice), (AIS.name, of_pharmacy)):
        for data in HOLDINGS[name]:
            yield _from_local(stage, name, kind, "push", data=data)


def _from_local(stage: Stage, who: str, kind: str, role: str, **more: str) -> Outcome:
    told = stage.ask(who, "one", kind=kind, patient=PATIENT, **more)
    return Outcome(who=who, kind=kind, role=role, outcome=str(told["outcome"]))


def _from_outside(stage: Stage, kind: str, role: str, sender: str = "1") -> Outcome:
    told = stage.ask("switchboard", "send", kind=kind, sender=sender, receiver=HIS.party.application, patient=PATIENT)
    return Outcome(who="switchboard", kind=kind, role=role, outcome=str(told["outcome"]))


def _keep_open(stage: Stage, teller: Teller) -> None:
    teller.say(recipes(stage))
    try:
        signal.pause()
    except KeyboardInterrupt:
        teller.say("stopping")
