"""Trials with one certificate of ours: what ends them, and that nothing of them stays behind."""

from typing import Any

from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol
from twisted.trial.unittest import TestCase

from edge_node.model.renewal import Outcome, Stage, Tried
from edge_node.sandbox.pki import make_pki
from edge_node.wire import trust
from edge_node.wire.trying import Aim, Attempts
from tests.folders import a_folder
from tests.wire.handshakes import NOW, Wall, identity, switchboard

reactor: Any = _reactor
LIMIT_S = 30.0


class Mute(Protocol):
    """Who takes a connection and never says a word."""

    factory: "FarEnd"

    def connectionMade(self) -> None:
        self.factory.came.callback(None)

    def connectionLost(self, reason: Any = None) -> None:
        self.factory.went.callback(None)


class FarEnd(Factory[Mute]):
    """Says when a connection came, and when it went."""

    protocol = Mute

    def __init__(self) -> None:
        self.came: Deferred[None] = Deferred()
        self.went: Deferred[None] = Deferred()


class TestATrial(TestCase):
    """The reactor is looked at after each test: a timer or a socket that stays makes it fail."""

    def setUp(self) -> None:
        self.far_end = FarEnd()
        self.port = reactor.listenTCP(0, self.far_end, interface="127.0.0.1")
        self.place = self.port.getHost().port
        self.addCleanup(self.port.stopListening)
        self.attempts = Attempts()

    def begin(self) -> "Deferred[Tried]":
        pki = make_pki(a_folder(self) / "pki", now=NOW, bad=False)
        tls = trust.client_tls(identity(pki, "practice"), switchboard(pki), Wall().surroundings())
        aim = Aim(peer="lsp", role="zim", host="127.0.0.1", port=self.place, path="/", tls=tls)
        return Deferred.fromCoroutine(self.attempts.attempt(aim, reactor, LIMIT_S))

    async def test_tells_who_is_there_and_turns_away(self) -> None:
        """A refusal comes from the other side, so the network is whole."""
        await self.port.stopListening()
        tried = await self.begin()
        assert (tried.steps[-1].stage, tried.steps[-1].is_turned_away) == (Stage.CONNECTION, True)

    async def test_breaks_off_what_is_under_way(self) -> None:
        """A stop takes as long as the messages in hand; nobody waits for a peer that says nothing."""
        trial = self.begin()
        await self.far_end.came
        self.attempts.end()
        tried = await trial
        await self.far_end.went
        assert (tried.outcome, tried.steps[-1].code) == (Outcome.UNKNOWN, "EN-CERT-UNTESTED")

    async def test_before_the_connection_is_there_leaves_none(self) -> None:
        """The name was just being looked up."""
        trial = self.begin()
        self.attempts.end()
        assert ((await trial).outcome, self.far_end.came.called) == (Outcome.UNKNOWN, False)

    async def test_lets_no_other_begin(self) -> None:
        """A round that goes on with the next peer meets a door that is closed."""
        self.attempts.end()
        assert ((await self.begin()).steps, self.far_end.came.called) == ((), False)
