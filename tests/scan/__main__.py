"""`./run scan`: thousands of messages through a real node, and a search of everything that leaves it.

Knows: the steps, and what a good end is.
Must not know: how a message is made, where what leaves is gathered, how it is searched.
"""

import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import rich_click as click
import yaml
from twisted.internet import reactor as _reactor
from twisted.internet.defer import ensureDeferred
from twisted.internet.task import LoopingCall, deferLater
from twisted.internet.threads import deferToThread

from edge_node.sandbox.stage import Stage
from edge_node.status.control_client import ask
from edge_node.store import recovery

from .channels import Gathering
from .ears import Ears
from .marks import Found, Marks
from .messages import Writer
from .planting import unfound
from .traffic import Place, Traffic

reactor: Any = _reactor
_CUT_S = 5.0
_SETTLE_S = 4.0
_DRAIN_S = 40.0
_TOLD = 20
_OPEN = frozenset({"KEPT", "IN_FLIGHT", "WAITING"})


class Scan:
    """One run."""

    def __init__(self, stage: Stage, count: int, senders: int) -> None:
        self._stage = stage
        self._count = count
        self._senders = senders
        self._ears = Ears(stage.folder)
        self.marks = Marks()
        self.gathered = Gathering(stage)
        self.outcomes: dict[str, int] = {}
        self.error: BaseException | None = None

    def play(self) -> None:
        """Everything, from certificates to the last byte on the disk."""
        _say("certificates, switchboard, HIS, AIS, and the node")
        self._stage.start()
        self._ears.up()
        self._furnish()
        reactor.callWhenRunning(lambda: ensureDeferred(self._send()).addErrback(self._failed).addBoth(_end))
        reactor.run(installSignalHandlers=False)
        if self.error is not None:
            raise self.error
        _say("what leaves the node is gathered")
        self.gathered.shown()
        self.gathered.kept("while it runs")
        self._stage.stop()
        self.gathered.kept("when it has ended")
        self.gathered.written()
        self.gathered.found |= {f"told by {way}": text for way, text in self._ears.told().items()}
        self._ears.close()

    def search(self) -> list[tuple[str, Found]]:
        """Search all of it."""
        return [(name, found) for name, data in self.gathered.found.items() for found in self.marks.search(data)]

    def _furnish(self) -> None:
        """Have it tell everybody everything, and start it again."""
        path = self._stage.folder / "site.yaml"
        site = yaml.safe_load(path.read_text(encoding="utf-8"))
        site["alerts"] = self._ears.alerts()
        for identity in site["identities"]:
            identity["applications"][0] |= {
                "told_by": ["status", "mail", "webhook"],
                "webhook": self._ears.webhook(),
                "mail_to": ["assistente@example.org"],
            }
        backups = self._stage.folder / "backups"
        backups.mkdir()
        public = self._stage.folder / "recovery.pem"
        recovery.make(self._stage.folder / "safe.pem", public)
        site["store"] |= {"recovery_keys": [str(public)], "backup": {"folder": str(backups)}}
        site["switchboard"]["tick_interval_s"] = 0.5
        path.write_text(yaml.safe_dump(site, sort_keys=False), encoding="utf-8")
        self._stage.node.end()
        self._stage.node.wait_end()
        self._stage.node_environment |= self._ears.environment()
        self._stage.run_node()
        self._stage.node.wait_ready()

    async def _send(self) -> None:
        listening = LoopingCall(self._ears.listen)
        listening.start(0.5)
        ready = self._stage.node.ready
        place = Place(
            folder=self._stage.folder,
            local=ready["local"],
            inbound=ready["switchboard"],
            control=self._stage._programs["switchboard"].ready["control"],
        )
        traffic = Traffic(reactor, place, Writer(self.marks, self._stage.folder / "pki" / "cards"))
        progress, begun = _Progress(self._count), time.monotonic()
        cutting = reactor.callLater(8.0, lambda: ensureDeferred(self._cut()).addErrback(self._failed))
        await traffic.send(self._count, self._senders, progress)
        took_s = time.monotonic() - begun
        _say(f"{self._count} messages in {took_s:.0f} s, {self._count / took_s:.0f} a second")
        if cutting.active():
            cutting.cancel()
            await self._cut()
        await self._drained()
        await traffic.stop()
        await self._ears.down()
        listening.stop()
        self.outcomes = dict(traffic.heard.outcomes.most_common())
        self.gathered.found["answers"] = b"\n".join(traffic.heard.answers)

    async def _cut(self) -> None:
        """Cut the line for a while, so that people are told."""
        await deferToThread(self._stage.ask, "switchboard", "line", cut=True)
        await deferLater(reactor, _CUT_S)
        await deferToThread(self._stage.ask, "switchboard", "line", cut=False)

    async def _drained(self) -> None:
        """Wait until nothing is on its way any more, and everybody was told."""
        # What the other side will not have stays in the queue for a day.
        until = time.monotonic() + min(_DRAIN_S, 8.0 + self._count / 100)
        while time.monotonic() < until:
            now = await deferToThread(ask, self._stage.folder / "control.sock", {"verb": "status"})
            if not any(one["messages"] for one in now["queue"] if one["state"] in _OPEN):
                break
            await deferLater(reactor, 0.5)
        await deferLater(reactor, _SETTLE_S)

    def _failed(self, failure: Any) -> None:
        self.error = failure.value
        failure.printTraceback()


class _Progress:
    """Tells each tenth part."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._done = 0

    def __call__(self, _number: int) -> None:
        self._done += 1
        if self._done % max(1, self._count // 10) == 0:
            _say(f"  {self._done} of {self._count}")


def _say(text: str) -> None:
    click.echo(text, err=True)


def _end(_: object) -> None:
    if reactor.running:
        reactor.stop()


@click.command()
@click.option("--messages", "count", type=click.IntRange(1, 16_000), default=10_000, help="Messages in all.")
@click.option("--senders", type=click.IntRange(1), default=24, help="Senders at the same time.")
@click.option("--keep", is_flag=True, help="Leave the folder of the run.")
def main(count: int, senders: int, keep: bool) -> None:
    """Send synthetic messages through a real node; end with 1 when anything of them stands where it must not."""
    folder = Path(tempfile.mkdtemp(prefix="edge-node-scan-"))
    with Stage(folder=folder) as stage:
        scan = Scan(stage, count, senders)
        scan.play()
    for outcome, often in scan.outcomes.items():
        _say(f"{often:6} {outcome}")
    places, nbytes = len(scan.gathered.found), sum(map(len, scan.gathered.found.values()))
    _say(f"searched: {nbytes / 1e6:.1f} MB of {places} kinds, for {scan.marks.count} marks in every spelling")
    begun = time.monotonic()
    leaks = scan.search()
    _say(f"the search took {time.monotonic() - begun:.0f} s")
    often = Counter((name, found.mark.kind, found.form) for name, found in leaks)
    first = {(name, found.mark.kind, found.form): found for name, found in reversed(leaks)}
    for (name, kind, form), count in often.most_common(_TOLD):
        found = first[name, kind, form]
        around = scan.gathered.found[name][max(0, found.at - 80) : found.at + 80]
        _say(f"LEAK in {name}, {count} times: {found}: {around!r}")
    missed, planted = unfound(scan.gathered.found, scan.marks)
    for each in missed[:_TOLD]:
        _say(f"NOT FOUND though planted: {each}")
    for name, why in scan.gathered.failed.items():
        _say(f"NOT GATHERED: {name}: {why}")
    _say(f"{len(leaks)} leaks; {planted - len(missed)} of {planted} planted ones found")
    is_good = not leaks and not missed and not scan.gathered.failed
    if is_good and not keep:
        shutil.rmtree(folder)
    else:
        _say(f"kept in {folder}")
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
