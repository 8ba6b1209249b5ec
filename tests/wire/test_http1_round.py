"""Rounds past live connections, that keep nobody waiting."""

from twisted.internet.task import Clock

from edge_node.wire.http1_round import Round


class Connection:
    """Counts how often it was judged."""

    def __init__(self) -> None:
        self.judged = 0

    def rejudge(self) -> None:
        self.judged += 1


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
