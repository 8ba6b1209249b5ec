"""What name servers say, through a real one on loopback."""

from pathlib import Path
from typing import Any

import pytest
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from edge_node.model.facts_network import NameSeen
from edge_node.probes.names import ask, resolvers

from .name_server import NameServer

KNOWN = {"gp-1.example": ["10.20.0.5", "fd00::5"], "empty.example": []}
_reactor: Any = reactor


class TestANameServer(TestCase):
    def setUp(self) -> None:
        self.server = NameServer(KNOWN)
        self.addCleanup(self.server.stop)

    async def _ask(self, name: str) -> NameSeen:
        return await ask(name, ("127.0.0.1", self.server.port), _reactor, 5)

    async def test_tells_both_kinds_of_address(self) -> None:
        """A switchboard may call by either."""
        assert (await self._ask("gp-1.example")).addresses == ("10.20.0.5", "fd00::5")

    async def test_that_knows_no_such_name_says_so(self) -> None:
        """That is an answer; silence is none."""
        seen = await self._ask("gone.example")
        assert (seen.failure, seen.is_silent) == ("no such name", False)

    async def test_may_know_a_name_without_address(self) -> None:
        """Only a mail server, say."""
        assert (await self._ask("empty.example")).failure == "no address"


class TestASilentServer(TestCase):
    async def test_is_told_apart(self) -> None:
        """It says nothing of the name."""
        server = NameServer({}, is_silent=True)
        self.addCleanup(server.stop)
        seen = await ask("gp-1.example", ("127.0.0.1", server.port), _reactor, 0.1)
        assert (seen.failure, seen.is_silent) == ("no answer", True)

    async def test_may_be_given_up(self) -> None:
        """The node stops while it asks; what it asked ends by itself."""
        server = NameServer({}, is_silent=True)
        self.addCleanup(server.stop)
        asking = Deferred.fromCoroutine(ask("gp-1.example", ("127.0.0.1", server.port), _reactor, 0.1))
        asking.cancel()
        self.assertFailure(asking, CancelledError)
        await deferLater(_reactor, 0.3, lambda: None)


class TestTheMachine:
    @pytest.mark.parametrize(
        ("named", "expected"),
        [
            ("search x\nnameserver 10.20.0.53\n# nameserver 8.8.8.8\nnameserver fd00::53\n", "10.20.0.53 fd00::53"),
            ("nameserver 127.0.0.53\noptions edns0\n", "10.20.0.9"),
            ("", ""),
        ],
    )  # fmt: skip
    def test_names_whom_it_asks(self, tmp_path: Path, named: str, expected: str) -> None:
        """Where systemd-resolved stands in between, it is those that that asks."""
        stub, behind = tmp_path / "resolv.conf", tmp_path / "behind"
        stub.write_text(named)
        behind.write_text("nameserver 10.20.0.9\n")
        assert " ".join(resolvers(stub, behind)) == expected

    def test_may_name_nobody(self, tmp_path: Path) -> None:
        """A machine without that file still has a hosts file."""
        assert resolvers(tmp_path / "none", tmp_path / "neither") == ()
