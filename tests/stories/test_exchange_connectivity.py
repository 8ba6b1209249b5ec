"""Tick and ping: whether the line works, and whether an application answers."""

from edge_node.sandbox.samples.kinds import KINDS
from tests.stories.caller import seen
from tests.stories.exchanges import ExchangeStory, exchange_tests, sent_by_another
from tests.stories.moves import AT_PRACTICE


@exchange_tests("ping")
class TestPing(ExchangeStory):
    """Answered by the application, never by a node."""


class TestTick(ExchangeStory):
    """The exchange "tick" is the node's own, on both sides."""

    async def test_out_tick(self) -> None:
        """The node asks the switchboard, and tells the local system what came of it."""
        tick = AT_PRACTICE.request("tick", receiver="1", patient=None)
        told = await self.send(tick)
        assert (seen(told).type_code, seen(told).target) == ("CA", tick.id)
        assert [turn.seen.interaction for turn in self.switch.heard] == ["COMT_IN113113NL"]

    async def test_in_tick(self) -> None:
        """The line works whether or not somebody is in the practice."""
        tick = sent_by_another(KINDS["tick"])
        told = await self.call(tick)
        assert (seen(told).type_code, seen(told).target) == ("CA", tick.id)
        assert self.systems["his"].heard == []
