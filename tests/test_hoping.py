"""Another attempt at a peer whose lists are on their way."""

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge_node.hoping import Hoping

UNCHECKED = "EN-TLS-UNCHECKED"


class Peer:
    """One peer that could not be checked."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.hoping = Hoping(self.clock)
        self.said: list[bool] = []

    def asks(self, code: str = UNCHECKED, left_s: float = 10.0) -> "Deferred[None]":
        return Deferred.fromCoroutine(self.hoping.is_worth_another(code, left_s)).addCallback(self.said.append)


class TestHoping:
    def test_waits_for_the_lists_of_a_new_chain(self) -> None:
        """The day the switchboard gets its new certificate costs nobody a question."""
        peer = Peer()
        peer.hoping.wanted()
        peer.asks()
        peer.clock.advance(0.2)
        assert peer.said == []
        peer.hoping.came()
        assert peer.said == [True]

    def test_ends_when_none_come(self) -> None:
        """A screen does not wait for a source that is dead."""
        peer = Peer()
        peer.hoping.wanted()
        peer.clock.advance(4.8)
        peer.asks()
        peer.clock.advance(0.2)
        assert (peer.said, peer.clock.getDelayedCalls()) == ([False], [])

    def test_tries_now_and_then_without_news(self) -> None:
        """A list may have come between the refusal and the question whether one will."""
        peer = Peer()
        peer.hoping.wanted()
        peer.asks()
        peer.clock.advance(0.5)
        assert peer.said == [True]

    def test_is_for_new_chains_only(self) -> None:
        """The second question to it is refused as fast as any other."""
        peer = Peer()
        peer.hoping.wanted()
        peer.clock.advance(6.0)
        peer.asks()
        assert peer.said == [False]

    def test_is_not_for_other_refusals(self) -> None:
        """What was revoked does not get better by waiting."""
        peer = Peer()
        peer.hoping.wanted()
        peer.asks("EN-TLS-REVOKED")
        assert peer.said == [False]

    def test_takes_no_longer_than_the_asker_has(self) -> None:
        """Its own time-out counts."""
        peer = Peer()
        peer.hoping.wanted()
        peer.asks(left_s=0.3)
        peer.clock.advance(0.3)
        assert peer.said == [False]

    def test_that_is_given_up_leaves_nothing(self) -> None:
        """Who asked went away."""
        peer = Peer()
        peer.hoping.wanted()
        peer.asks().addErrback(lambda _: None).cancel()
        peer.hoping.came()
        assert (peer.said, peer.clock.getDelayedCalls()) == ([], [])
