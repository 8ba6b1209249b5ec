"""The node is killed between the fetching of a message and its confirmation: nothing is lost, nothing is doubled."""

import json
import os
import signal
import sys
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.utils import getProcessOutputAndValue
from twisted.python.failure import Failure

from tests.stories.caller import seen
from tests.stories.story import reactor
from tests.stories.test_inbox import FETCHES, Fetching, a_push


class NodeProcess(ProcessProtocol):
    """A node as a process of its own, that can die."""

    def __init__(self) -> None:
        self.ready: Deferred[dict[str, str]] = Deferred()
        self.ended: Deferred[None] = Deferred()
        self._said = b""

    def outReceived(self, data: bytes) -> None:
        self._said += data
        if b"\n" in self._said and not self.ready.called:
            self.ready.callback(json.loads(self._said.partition(b"\n")[0]))

    def processEnded(self, reason: Failure) -> None:
        self.ended.callback(None)

    async def kill(self, with_signal: int = signal.SIGKILL) -> None:
        """End it; a kill gives it no time for anything."""
        transport: Any = self.transport
        if transport.pid is not None:
            os.kill(transport.pid, with_signal)
        await self.ended


class TestKilledNode(Fetching):
    """Stories of a process that ends as in a power cut."""

    timeout = 60

    def furnish(self) -> None:
        self.rewrite(("local_system: his", FETCHES))

    def start(self) -> None:
        """The node of this story is a process, begun by the story itself."""

    async def begin(self) -> NodeProcess:
        """Start the process, and wait until it serves."""
        process = NodeProcess()
        configs = [part for path in self.paths for part in ("--config", str(path))]
        arguments = [sys.executable, "-m", "edge_node.cli.main", "run", *configs]
        reactor.spawnProcess(
            process, sys.executable, arguments, env=dict(os.environ), childFDs={0: "w", 1: "r", 2: "r"}
        )
        self._where = await process.ready
        return process

    @property
    def addresses(self) -> dict[str, str]:
        return self._where

    async def command(self, *words: str) -> tuple[str, int]:
        """Run `edge-node inbox`; return what it said, and its exit code."""
        where = ["--config", str(self.paths[0]), "--config", str(self.paths[1])]
        arguments = ["-m", "edge_node.cli.main", "inbox", *words, *where]
        out, _, code = await getProcessOutputAndValue(sys.executable, arguments, env=dict(os.environ))
        return out.decode(), code

    async def test_lets_staff_read_and_confirm_with_the_node_and_without(self) -> None:
        """First the HIS is down, then the node as well: the prescription can be read all along."""
        process = await self.begin()
        await self.call(a_push())
        listed, _ = await self.command("list", "--json")
        (waiting,) = json.loads(listed)
        why = ("--why", "HIS down")
        with_node = await self.command("read", waiting["uid"], *why)
        await process.kill()
        without = await self.command("read", waiting["uid"], *why)
        assert with_node == without
        assert "BSN: 999900006" in with_node[0]
        assert await self.command("confirm", waiting["uid"], *why) == (f"{waiting['uid']} DELIVERED\n", 0)
        process = await self.begin()
        assert await self.fetch() == []
        await process.kill(signal.SIGTERM)

    async def test_offers_again_what_was_fetched_and_not_confirmed(self) -> None:
        """The system may have stored it: it is told so, looks, and confirms."""
        first = await self.begin()
        push = a_push()
        assert seen(await self.call(push)).type_code == "CA"
        fetched = await self.one(lock_s=600)
        await first.kill()
        second = await self.begin()
        again = await self.one()
        assert (fetched["redelivery"], again["redelivery"], again["id"]) == (False, True, fetched["id"])
        assert (await self.body(again)).body == push.body
        assert (await self.end("confirm", again))[0] == 200
        await second.kill(signal.SIGTERM)

    async def test_takes_the_confirmation_of_what_was_stored_meanwhile(self) -> None:
        """The system had it before the node was back: it comes to nobody again."""
        first = await self.begin()
        await self.call(a_push())
        fetched = await self.one(lock_s=600)
        await first.kill()
        second = await self.begin()
        assert (await self.end("confirm", fetched))[1] == {"id": fetched["id"], "state": "DELIVERED"}
        await second.kill()
        third = await self.begin()
        assert await self.fetch() == []
        assert (await self.end("confirm", fetched))[0] == 200
        await third.kill(signal.SIGTERM)
