"""A node that really runs, between a switchboard and local systems that do what a story tells them.

Knows: how everything is started, changed and ended within one test.
Must not know: any story.
"""

import json
import secrets
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

import structlog
import yaml
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.task import deferLater
from twisted.python.threadpool import ThreadPool
from twisted.trial.unittest import TestCase

from edge_node.choosing import read_settings
from edge_node.machine import Clocks, Machine, MachineClock
from edge_node.model.overview import By, Choice
from edge_node.running import Running
from edge_node.sandbox.samples.making import Maker, Sample
from edge_node.status import log
from edge_node.wire.trust_keys import SoundKeys
from tests.stories import certificates, moves, site
from tests.stories.caller import Caller, Told
from tests.stories.far_end import FarEnd
from tests.stories.moves import ANNA, AT_PRACTICE

reactor: Any = _reactor
T = TypeVar("T")
#: The keys of all stories are the same: to test them anew for each node would be much of what a story takes.
SOUND = SoundKeys()


class Story(TestCase):
    """One node, one switchboard, its local systems. `given` holds what this story's site has otherwise."""

    timeout = 30
    given: Mapping[str, Any] = {}
    site_systems: Mapping[str, tuple[str, str]] = site.SYSTEMS
    clock: Clocks = MachineClock()

    async def setUp(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="edge-node-")
        self.addCleanup(self._folder.cleanup)
        self.folder = Path(self._folder.name)
        self._listen_to_the_log()
        self.switch = FarEnd(moves.usual, certificates.ServerTls())
        self.systems = {name: FarEnd(moves.usual) for name in self.site_systems}
        for far_end in (self.switch, *self.systems.values()):
            far_end.up()
            self.addCleanup(self._async(far_end.down))
        self._pool = ThreadPool(1, 4, "story")
        self._pool.start()
        self.addCleanup(self._pool.stop)
        self.paths = site.write(self.folder, self.switch.port, {n: s.port for n, s in self.systems.items()})
        self.write_settings(self.given)
        self.furnish()
        self.node: Running | None = None
        self.addCleanup(self._async(self.stop))
        self.start()

    def furnish(self) -> None:
        """What a kind of story has beside; called before its node starts."""

    # The node

    def start(self) -> None:
        """Start the node."""
        self.node = Running(read_settings(self.paths), self.paths, self.machine())
        self.node.begin()

    def machine(self) -> Machine:
        """The machine it runs on."""
        return Machine(reactor, self._pool, self.clock, sound=SOUND)

    async def stop(self) -> None:
        """Stop the node, as SIGTERM does."""
        if self.node is not None:
            node, self.node = self.node, None
            await node.stop()

    async def restart(self) -> None:
        """Stop it and start it again on the same store."""
        await self.stop()
        self.start()

    async def reload(self) -> None:
        """Read the settings again, as SIGHUP does."""
        assert self.node is not None
        await self.node.reload(By(who="system", why="SIGHUP"))

    async def quiet(self) -> None:
        """Let the node do what it is at, for a moment."""
        await deferLater(reactor, 0.3, lambda: None)

    def write_settings(self, changes: Mapping[str, Any]) -> None:
        """Write what this site has otherwise, over the usual site."""
        self.paths[1].write_text(yaml.safe_dump(dict(changes)) if changes else "version: 1\n", encoding="utf-8")

    def rewrite(self, *changes: tuple[str, str]) -> None:
        """Change words of the usual site, where a layer over it cannot."""
        text = self.paths[0].read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        self.paths[0].write_text(text, encoding="utf-8")

    @property
    def addresses(self) -> dict[str, str]:
        """Where the node is."""
        assert self.node is not None
        return self.node.addresses

    # Who speaks with it

    def local(self, system: str = "his") -> Caller:
        """A local system, with its bearer token."""
        secret = (self.folder / f"{system}.secret").read_text(encoding="utf-8")
        return Caller.at(self.addresses["local"], headers={"authorization": f"Bearer {secret}"})

    def outside(self, identity: str = "practice", certificate: str | None = "switchboard") -> Caller:
        """One who calls as the switchboard does, at the name of one of our organisations."""
        tls = certificates.ClientTls(certificates.NAMES[identity], certificate, certificates.pki().anchors)
        return Caller.at(self.addresses["switchboard"], tls)

    async def send(self, sample: Sample, system: str = "his", **changes: Any) -> Told:
        """Hand a message to the node, as a local system does."""
        return await _post(self.local(system), sample, changes)

    async def call(self, sample: Sample, identity: str = "practice", **changes: Any) -> Told:
        """Hand a message to the node, as the switchboard does."""
        return await _post(self.outside(identity), sample, changes)

    async def about(self, told: Told, system: str = "his") -> dict[str, Any]:
        """What the node says of a message at the address it gave."""
        answer = await self.local(system).get(told.headers["location"])
        return {"status": answer.status, **json.loads(answer.body)}

    async def comes_to(self, state: str, told: Told, system: str = "his") -> dict[str, Any]:
        """Wait until a kept message is in that state."""
        return await self.eventually(lambda: self.about(told, system), lambda found: found["state"] == state)

    async def eventually(self, look: Callable[[], Awaitable[Any]], is_good: Callable[[Any], bool]) -> Any:
        """Look until it is good; the time-out of the story ends that."""
        while not is_good(found := await look()):
            await deferLater(reactor, 0.02, lambda: None)
        return found

    async def kept_messages(self) -> list[Any]:
        """All that stands in the store."""
        assert self.node is not None
        return list(await self.node.store.list(Choice(limit=1000)))

    async def management(self, path: str) -> Told:
        """Ask the management listener."""
        return await Caller.at(self.addresses["management"]).get(path)

    # The log

    @property
    def log(self) -> list[dict[str, Any]]:
        """Every line that was logged."""
        return [json.loads(line) for line in self.tape.getvalue().splitlines()]

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The lines of one event."""
        return [line for line in self.log if line["event"] == event]

    def _listen_to_the_log(self) -> None:
        self.tape = StringIO()
        settings = log.LogSettings(stream=self.tape, node_id="story", now=self.clock.moment, level="debug")
        structlog.configure(
            processors=log.processors(settings), logger_factory=structlog.PrintLoggerFactory(self.tape)
        )
        self.addCleanup(structlog.reset_defaults)

    @staticmethod
    def _async(work: Callable[[], Awaitable[None]]) -> Callable[[], Any]:
        async def run() -> None:
            await work()

        return lambda: ensureDeferred(run())


async def _post(caller: Caller, sample: Sample, changes: Mapping[str, Any]) -> Told:
    service = changes.get("path") or sample.kind.service.removesuffix("Batch")
    soap_action = changes.get("soap_action") or f"urn:hl7-org:v3/{service}_{sample.kind.operation}"
    headers = {"soapaction": f'"{soap_action}"', **changes.get("headers", {})}
    return await caller.post(f"/{service}", changes.get("body", sample.body), headers)


def deferred(work: Coroutine[Any, Any, T]) -> "Deferred[T]":
    """Begin something that goes on beside the story."""
    return ensureDeferred(work)


def a_query(maker: Maker = AT_PRACTICE, receiver: str = "80000003", patient: Any = ANNA) -> Sample:
    """A question for a professional summary, put to one other application."""
    return maker.request("summary-query", receiver=receiver, patient=patient)


def a_prescription(maker: Maker = AT_PRACTICE, receiver: str = "80000003", patient: Any = ANNA) -> Sample:
    """A push that needs no token, so it may be kept."""
    return maker.request("prescription", receiver=receiver, patient=patient)


def a_report(maker: Maker = AT_PRACTICE, receiver: str = "80000003", patient: Any = ANNA) -> Sample:
    """A push that a person signed: it has a token for one use."""
    return maker.request("locum-report", receiver=receiver, patient=patient)


def an_index_update(maker: Maker = AT_PRACTICE, patient: Any = ANNA) -> Sample:
    """A push that is answered at once, never kept."""
    return maker.request("index-update", receiver="1", patient=patient)


def other_content(sample: Sample) -> bytes:
    """The same message id with something else in it."""
    return sample.body.replace(b"</ControlActProcess>", b"<!-- more --></ControlActProcess>")


def token_text() -> str:
    """A secret of a local system."""
    return secrets.token_urlsafe(32)
