"""Rounds past live connections, that keep nobody waiting."""

import pytest
from twisted.internet.task import Clock

from edge_node.wire.http1_round import Round


class Connection:
    """Counts how often it was judged."""

    def __init__(self) -> None:
        self.judged = 0

    def rejudge(self) -> None:
        self.judged += 1


class Broken(Connection):
    """Fails in a way nobody thought of."""

    def rejudge(self) -> None:
        raise AttributeError("a connection that is gone")


class TestRound:
    def test_judges_everybody_once(self) -> None:
        """Nobody who was revoked stays for being the last in the row."""
        clock, live = Clock(), [Connection() for _ in range(30)]
        Round(clock, lambda: live).begin()
        clock.pump([0] * 10)
        assert [one.judged for one in live] == [1] * 30

    def test_lets_others_have_their_turn(self) -> None:
        """A thousand connections are no reason for a message to wait."""
        clock, live = Clock(), [Connection() for _ in range(30)]
        Round(clock, lambda: live).begin()
        assert sum(one.judged for one in live) == 8
        assert len(clock.getDelayedCalls()) == 1

    def test_that_is_asked_for_during_another_begins_again(self) -> None:
        """What is new in between counts for those who were judged already."""
        clock, live = Clock(), [Connection() for _ in range(20)]
        going = Round(clock, lambda: live)
        going.begin()
        going.begin()
        clock.pump([0] * 10)
        assert [one.judged for one in live] == [2] * 8 + [1] * 12

    def test_past_nobody_ends_at_once(self) -> None:
        """A listener nobody is connected to."""
        Round(clock := Clock(), list).begin()
        assert clock.getDelayedCalls() == []

    def test_goes_on_behind_one_that_fails(self) -> None:
        """Who was revoked must not stay because another connection ended at that moment."""
        clock, live = Clock(), [Broken(), *(Connection() for _ in range(10))]
        with pytest.raises(AttributeError):
            Round(clock, lambda: live).begin()
        clock.pump([0] * 3)
        assert [one.judged for one in live] == [0] + [1] * 10
