"""The real node under fire: traffic both ways, hundreds of kills and power cuts, and the ledgers compared.

Knows: the steps, round after round.
Must not know: how a node is ended, how a disk forgets, what a ledger means.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import rich_click as click

from edge_node.sandbox.crash_backups import Backups
from edge_node.sandbox.crash_ledgers import Account, Ledgers, judge
from edge_node.sandbox.crash_machine import Machine
from edge_node.sandbox.crash_plan import Blow, Weather, chance_of, plan
from edge_node.sandbox.crash_trace import Layer, TraceBroken, build
from edge_node.sandbox.killing import new_seed
from edge_node.sandbox.ledger import Line
from edge_node.sandbox.site import AIS, HIS
from edge_node.sandbox.stage import NotStarted, Stage
from edge_node.sandbox.telling import Step, Teller
from edge_node.store.database import open_readonly
from edge_node.store.fail_points import SERVING
from edge_node.store.promises import unsound

#: And how often each is met at most before it strikes.
POINTS: Final[Mapping[str, int]] = {
    **dict.fromkeys(SERVING, 40), "copying": 4, "copied": 1, "sealed": 1, "verified": 1, "placed": 1,
}  # fmt: skip
#: A run with so many kills must have come to every point.
_FULL: Final = 300
NODE: Final = "edge_node.sandbox.crashing_node"
_LIBRARIES: Final = Path(__file__).parents[2] / "build" / "power_cut"
_ROUND: Final = 25
_POLL_S: Final = 0.2
_SHOWN: Final = 12
_LOGGED: Final = 400
#: In these a message waits where a person is told of it.
_TOLD: Final = ("NEEDS_TOKEN", "HELD", "DEAD", "EXPIRED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the node is put through."""

    kills: int = 300
    cuts: int = 100
    seed: int = field(default_factory=new_seed)
    senders: int = 5  # of each local system
    node: str = NODE
    points: Mapping[str, int] = field(default_factory=lambda: POINTS)
    drain_s: float = 150.0  # in which all that was promised must arrive once the node is left alone


@dataclass(slots=True, kw_only=True)
class Report:
    """What came of it."""

    seed: int
    account: Account = field(default_factory=Account)
    kills: int = 0
    cuts: int = 0
    reached: Mapping[str, int] = field(default_factory=dict)
    points: Collection[str] = ()  # the fail points of the plan
    again: int = 0  # copies sent on purpose
    problem: str = ""
    last: str = ""  # the blow after which it was seen
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        """Whether every promise was kept, and there were promises."""
        account = self.account
        if self.problem or (self.never and self.kills >= _FULL):
            return False
        # Nothing in this traffic needs a person: what waits for one in the end does so without a reason.
        return not account.faults and not account.told and account.delivered > 0

    @property
    def never(self) -> tuple[str, ...]:
        """The fail points at which the node was never killed: nothing was proved of them."""
        return tuple(point for point in self.points if not self.reached.get(point))

    def figures(self) -> dict[str, Any]:
        """Return the object of the JSON line."""
        account = self.account
        names = ("lost", "doubled", "unmarked", "out_of_order", "changed", "answered_otherwise", "refused", "told")
        return {
            "seed": self.seed, "kills": self.kills, "cuts": self.cuts, "sent": account.sent,
            "delivered": account.delivered,
            "copies": self.again, **{one: len(getattr(account, one)) for one in names},
            "fail_points": dict(self.reached), "never_reached": list(self.never),
            "problem": self.problem, "seconds": round(self.seconds, 1),
        }  # fmt: skip


class Trial:
    """One run on one stage."""

    def __init__(self, stage: Stage, machine: Machine, options: Options, teller: Teller) -> None:
        self._stage = stage
        self._machine = machine
        self._options = options
        self._teller = teller
        self._blows = plan(kills=options.kills, cuts=options.cuts, seed=options.seed, points=options.points)
        self._weather = Weather.FAIR
        self._backups = Backups(stage.folder)
        self.report = Report(seed=options.seed, points=tuple(options.points))

    def run(self) -> Report:
        """Deal every blow; stop at the first round after which something is wrong."""
        begun = time.monotonic()
        try:
            self._rounds()
            self._machine.check()
        except (NotStarted, TraceBroken) as error:
            self.report.problem = str(error)
        report = self.report
        report.reached = dict(sorted(self._machine.reached.items()))
        report.seconds = time.monotonic() - begun
        return report

    def _rounds(self) -> None:
        self._machine.prepare(None)
        with self._teller.step("certificates, switchboard, HIS, AIS, and the node"):
            self._stage.start()
        for start in range(0, len(self._blows), _ROUND):
            some = self._blows[start : start + _ROUND]
            with self._teller.step(f"blows {start + 1} to {start + len(some)} of {len(self._blows)}") as step:
                self._round(some, start, step)
            if self.report.account.faults or self.report.problem:
                return

    def _round(self, blows: Sequence[Blow], number: int, step: Step) -> None:
        for one, other in ((HIS, AIS), (AIS, HIS)):
            seed = f"{self._options.seed}/{one.name}/{number}"
            receiver = other.party.application
            fhir, senders = one.fhir_tokens == "exchange", self._options.senders
            self._stage.ask(one.name, "traffic", receiver=receiver, senders=senders, seed=seed, fhir=fhir)
        self._again(blows[0])
        for blow, following in zip(blows, [*blows[1:], None], strict=True):
            self.report.last = blow.words
            self._change_weather(blow.weather)
            self._machine.strike(blow, chance_of(self._options.seed, -blow.number))
            self.report.cuts += blow.is_cut
            self.report.kills += not blow.is_cut
            self._machine.prepare(following)
            self._stage.run_node()
            step.at(blow.number, len(self._blows))
        self._change_weather(Weather.FAIR)
        self._stage.node.wait_ready()
        self.report.account = self._drain()

    def _change_weather(self, weather: Weather) -> None:
        if weather is self._weather:
            return
        self._weather = weather
        self._stage.ask("switchboard", "line", cut=weather is Weather.LINE_CUT)
        for one in (HIS, AIS):
            self._stage.ask(one.name, "line", cut=weather is Weather.LOCAL_CUT)

    def _again(self, blow: Blow) -> None:
        """Start the node anew, armed for the first blow of a round."""
        self._stage.node.end()
        self._stage.node.wait_end()
        self._machine.prepare(blow)
        self._stage.run_node()

    def _drain(self) -> Account:
        """Let all that is under way come to its end, sign what waits for a signature, and compare."""
        until = time.monotonic() + self._options.drain_s
        for one in (HIS, AIS):
            self._stage.ask(one.name, "rest")
        while True:
            is_sending = any(self._stage.ask(one.name, "state")["running"] for one in (HIS, AIS))
            signing = frozenset(self._listed("NEEDS_TOKEN"))
            for one in (HIS, AIS) if signing else ():
                self._stage.ask(one.name, "sign", ids=sorted(signing))
            account = self._judge()
            if (not is_sending and not signing and not account.lost) or time.monotonic() > until:
                break
            time.sleep(_POLL_S)
        if is_sending:
            self.report.problem = "a sender got no answer to a message"
        time.sleep(_POLL_S * 2)
        self._look_at_node()
        return self._judge()

    def _look_at_node(self) -> None:
        """Beside what others say of it: does its store belong together, and did it complain of itself?"""
        with open_readonly(self._machine.layer.root / "store.db") as connection:
            wrong = unsound(connection)
        complaints = errors_in(self._stage.folder / "node.log")
        if problems := [*wrong, *complaints[:_SHOWN], *self._backups.wrong()]:
            self.report.problem = "; ".join(problems)

    def _judge(self) -> Account:
        local = sorted(self._lines(HIS.name) + self._lines(AIS.name), key=lambda line: line.time)
        self.report.again = sum(line.event == "again" for line in local)
        told = frozenset(id_ for state in _TOLD[1:] for id_ in self._listed(state))
        return judge(
            Ledgers(local=local, switchboard=self._lines("switchboard"), crashes=tuple(self._stage.kills), told=told)
        )

    def _lines(self, name: str) -> list[Line]:
        return list(self._stage.ledger(name))

    def _listed(self, state: str) -> list[str]:
        """The ids that the node shows in that state, asked as an operator does."""
        config = str(self._stage.folder / "site.yaml")
        command = ["-m", "edge_node.cli.main", "queue", "list", "--config", config, "--state", state, "--json"]
        asked = [sys.executable, *command, "--limit", "1000"]
        told = subprocess.run(asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)  # noqa: S603
        return [row["message_id"] for row in json.loads(told.stdout or b"[]")]


def crash(options: Options, teller: Teller) -> Report:
    """Run it in a temporary folder, which stays when there is something to look at in it."""
    folder = Path(tempfile.mkdtemp(prefix="edge-node-crash-"))
    backups = Backups(folder)
    backups.prepare()
    layer = Layer(library=build(_LIBRARIES), root=folder / "state", traces=folder / "power-cut-traces")
    with Stage(folder=folder, node_module=options.node, store_settings=backups.settings) as stage:
        report = Trial(stage, Machine(stage, layer), options, teller).run()
    if report.is_good:
        shutil.rmtree(folder)
    else:
        evidence = {**report.figures(), "faults": report.account.faults, "crashes": stage.kills, "last": report.last}
        (folder / "report.json").write_text(json.dumps(evidence, indent=1), encoding="utf-8")
        teller.say(f"Ledgers, logs and the store are in {folder}")
    return report


def errors_in(log: Path) -> list[str]:
    """Return what a node logged as its own mistake. A line that a kill cut short is none."""
    found = []
    for line in log.read_text("utf-8", errors="replace").splitlines():
        if '"level": "error"' in line or '"level": "critical"' in line or line.startswith("Traceback"):
            found.append(line[:_LOGGED])
    return found


def show(report: Report, teller: Teller, *, as_json: bool) -> None:
    """Tell what came of it."""
    figures = report.figures()
    shown = {
        name: value for name, value in figures.items() if name not in {"fail_points", "never_reached", "problem"}
    }
    teller.say(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in shown.items()))
    teller.say("killed at: " + ", ".join(f"{point} {report.reached.get(point, 0)}" for point in report.points))
    for words, what in {"problem": report.problem, "never killed at": ", ".join(report.never)}.items():
        if what:
            teller.say(f"[red]{words}[/red]: {what}")
    for kind, ids in {**report.account.faults, "told": report.account.told}.items():
        if ids:
            teller.say(f"[red]{kind}[/red]: {', '.join(ids[:_SHOWN])}")
    if not report.is_good:
        teller.say(f"seen after {report.last}; the same blows again: ./run crash --seed {report.seed}")
    if as_json:
        sys.stdout.write(json.dumps(figures) + "\n")


@click.command()
@click.option("--kills", type=click.IntRange(0), default=300, show_default=True, help="Ends by signal 9.")
@click.option("--cuts", type=click.IntRange(0), default=100, show_default=True, help="Power cuts.")
@click.option("--seed", type=int, help="Of all blows; one that was printed before, to deal the same ones.")
@click.option("--senders", type=click.IntRange(1), default=5, show_default=True, help="Senders of each local system.")
@click.option("--json", "as_json", is_flag=True, help="The last line is one JSON object.")
def main(kills: int, cuts: int, seed: int | None, senders: int, as_json: bool) -> None:
    """Crash the node again and again, with traffic both ways; end with 1 if a promise was broken."""
    options = Options(kills=kills, cuts=cuts, senders=senders, seed=new_seed() if seed is None else seed)
    teller = Teller(json=as_json)
    teller.say(f"seed {options.seed}")
    try:
        report = crash(options, teller)
    except KeyboardInterrupt:
        teller.say("stopped")
        sys.exit(1)
    show(report, teller, as_json=as_json)
    sys.exit(0 if report.is_good else 1)


if __name__ == "__main__":
    main()
