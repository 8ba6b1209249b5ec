"""The demo: a real node between simulated parties; one of everything, a cut line, a queue, the ledgers compared.

Knows: the steps, in the order people see them.
Must not know: how a party is started, or a ledger compared.
"""

import random
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge_node.sandbox.everything import fhir_from_local, one_of_everything
from edge_node.sandbox.interrupts import on_signals
from edge_node.sandbox.keeping_open import recipes
from edge_node.sandbox.killing import Killer, new_seed
from edge_node.sandbox.ledgers import Comparison, compare, failed_legs
from edge_node.sandbox.result import Outcome, Result
from edge_node.sandbox.samples.fhir import fhir_kinds
from edge_node.sandbox.site import AIS, HIS
from edge_node.sandbox.stage import NotStarted, Stage
from edge_node.sandbox.telling import Step, Teller

#: Level laag: without a token, so the node keeps them while the line is down.
KEPT_KINDS: Final = ("prescription", "mp9-prescription", "medication-use")
#: Handed in while the line is down as well, of a kind whose access token the node gets when it sends.
FHIR_KEPT: Final = ("fhir-create-task", 6)
_POLL_S: Final = 0.2
_SETTLE_S: Final = 0.5  # what would arrive twice, arrives now


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a demo is run with."""

    everything: bool = True
    pushes: int = 200
    senders: int = 4
    kills: int = 0
    misbehave: str | None = None
    drain_s: float = 240.0
    seed: int = field(default_factory=new_seed)  # of the moments of the kills


def main(*, json: bool = False, keep: bool = False, options: Options | None = None) -> int:
    """Run the demo; return 0 only when nothing was lost, doubled, out of order, changed or refused."""
    chosen, teller = options or Options(), Teller(json=json)
    return play(lambda stage: _show(stage, teller, chosen, keep=keep), teller, misbehave=chosen.misbehave)


def play(work: Callable[[Stage], Result], teller: Teller, *, misbehave: str | None = None) -> int:
    """Run that on a stage in a temporary folder, which is kept only when there is something to look at in it."""
    folder = Path(tempfile.mkdtemp(prefix="edge-node-demo-"))
    try:
        with Stage(folder=folder, misbehave=misbehave) as stage:
            is_good = work(stage).is_good
    except NotStarted as error:
        teller.say(str(error))
        return 70
    except KeyboardInterrupt:
        with on_signals(lambda: None):
            shutil.rmtree(folder)
        raise
    if is_good:
        shutil.rmtree(folder)
    else:
        teller.say(f"Ledgers and logs are in {folder}")
    return 0 if is_good else 1


def run(stage: Stage, options: Options, teller: Teller) -> Result:
    """Go through all the steps and compare."""
    begun = time.monotonic()
    with teller.step("certificates, switchboard, HIS, AIS, and the node"):
        stage.start()
    outcomes = _everything(stage, teller) if options.everything else ()
    with teller.step(f"the line is cut, and the node accepts {options.pushes} pushes") as step:
        stage.ask("switchboard", "line", cut=True)
        outcomes += _fhir_kept(stage) if options.everything else ()
        send(stage, options)
        wait_sent(stage, options, step)
    with teller.step("the line is back, and the queue drains") as step:
        stage.ask("switchboard", "line", cut=False)
        comparison = drain(stage, options, step, Killer(stage.kill_node, options.kills, random.Random(options.seed)))
    kept = sum(stage.ask(one.name, "state")["kept"] for one in (HIS, AIS))
    return Result(
        comparison=comparison,
        outcomes=outcomes,
        legs=failed_legs(stage.ledger("switchboard")),
        kept=kept,
        kills=len(stage.kills),
        seconds=time.monotonic() - begun,
    )


def send(stage: Stage, options: Options) -> None:
    """Let the HIS begin to send pushes to the AIS, all of a kind that may be kept."""
    stage.ask(
        HIS.name, "send", kinds=KEPT_KINDS, receiver=AIS.party.application, count=options.pushes,
        senders=options.senders,
    )  # fmt: skip


def wait_sent(stage: Stage, options: Options, step: Step, killer: Killer | None = None) -> None:
    """Wait until the HIS has an answer to everything it sent."""
    before = None
    while True:
        state = stage.ask(HIS.name, "state")
        before = state["sent"] if before is None else before
        done = min(state["sent"] - before, options.pushes)
        step.at(done, options.pushes)
        if killer is not None:
            killer.at(done / options.pushes)
        if not state["running"]:
            return
        time.sleep(_POLL_S)


def drain(stage: Stage, options: Options, step: Step, killer: Killer | None = None) -> Comparison:
    """Wait until all that was sent has arrived, or until nothing more can be expected; compare."""
    until, before = time.monotonic() + options.drain_s, compare_all(stage).delivered
    while True:
        comparison = compare_all(stage)
        step.at(comparison.delivered, comparison.sent)
        if killer is not None:
            # Each push is delivered twice: to the switchboard, and by the node again to the other local system.
            killer.at((comparison.delivered - before) / (2 * options.pushes))
        if not comparison.lost or time.monotonic() > until:
            break
        # A local system that drops or holds back a push has said yes to all: waiting longer brings nothing.
        if options.misbehave and _has_answered_all(stage, options.pushes):
            break
        time.sleep(_POLL_S)
    time.sleep(_SETTLE_S)
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


def _has_answered_all(stage: Stage, pushes: int) -> bool:
    """Whether all that was sent was handed on, at least so many, and every local system said yes to it."""
    inward = [line for line in stage.ledger("switchboard") if line.leg == "in" and line.role == "push"]
    out = compare(
        (line for line in stage.ledger(HIS.name) if line.leg == "out"),
        (line for line in stage.ledger("switchboard") if line.event == "received"),
    )
    given = {line.id for line in inward if line.event == "sent"}
    taken = stage.ask(AIS.name, "state")["received"] + stage.ask(HIS.name, "state")["received"]
    return not out.lost and int(taken) >= len(given) >= pushes


def _everything(stage: Stage, teller: Teller) -> tuple[Outcome, ...]:
    found: list[Outcome] = []
    for domain, outcomes in one_of_everything(stage):
        with teller.step(f"one of everything: {domain}") as step:
            begun = len(found)
            for outcome in outcomes:
                found.append(outcome)
                step.at(len(found) - begun)
    return tuple(found)


def _fhir_kept(stage: Stage) -> tuple[Outcome, ...]:
    name, count = FHIR_KEPT
    receiver = AIS.party.application
    return tuple(
        fhir_from_local(stage, HIS, fhir_kinds()[name], receiver=receiver, patient=number) for number in range(count)
    )


def _show(stage: Stage, teller: Teller, options: Options, *, keep: bool) -> Result:
    result = run(stage, options, teller)
    teller.show(result)
    if keep:
        teller.tell(recipes(stage))
        _wait_interrupted()
        teller.say("stopping")
    return result


def _wait_interrupted() -> None:
    with suppress(KeyboardInterrupt):
        while True:
            # Not `signal.pause`: a signal between the last look and the pause would be answered by the next one only.
            time.sleep(_POLL_S)
