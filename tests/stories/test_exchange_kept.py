"""Kept pushes, one of each ordering group: the line is cut, or the local system is down, and nothing is lost."""

from collections.abc import Callable
from typing import Any, ClassVar, Final, TypeVar

from edge_node.model.interaction import Inbound
from edge_node.sandbox.samples.kinds import KINDS, Kind
from edge_node.sandbox.samples.table import declarations, table
from tests.stories.caller import seen
from tests.stories.exchanges import ExchangeStory, a_sample, comes_in, goes_out, sent_by_another
from tests.stories.story import Story

T = TypeVar("T", bound=type[Story])


def _first_of_each_group(is_kept: Callable[[Kind], bool]) -> tuple[Kind, ...]:
    found: dict[str, Kind] = {}
    for kind in KINDS.values():
        if is_kept(kind):
            found.setdefault(table()[kind.interaction].order, kind)
    return tuple(found.values())


OUT: Final = _first_of_each_group(lambda kind: goes_out(kind) and table()[kind.interaction].keep)
IN: Final = _first_of_each_group(lambda kind: comes_in(kind) and table()[kind.interaction].inbound is Inbound.KEEP)


def every_group(story: T) -> T:
    """Give a story one test for each ordering group that is kept, each way."""
    for kind in OUT:
        setattr(story, f"test_out_{_words(kind)}", _out(kind))
    for kind in IN:
        setattr(story, f"test_in_{_words(kind)}", _in(kind))
    return story


def _words(kind: Kind) -> str:
    return f"{table()[kind.interaction].order}_by_{kind.name}".replace("-", "_")


def _out(kind: Kind) -> Callable[[Any], Any]:
    async def test(self: "TestKept") -> None:
        await self.arrives_when_the_line_is_back(kind)

    return test


def _in(kind: Kind) -> Callable[[Any], Any]:
    async def test(self: "TestKept") -> None:
        await self.arrives_when_the_local_system_is_back(kind)

    return test


@every_group
class TestKept(ExchangeStory):
    """Medication, reports, referrals, transfers, acute care, the index, vaccination, births: each its own lane."""

    given: ClassVar = {"switchboard": {**declarations(), "link_breaker": {"failures": 100}}}

    async def arrives_when_the_line_is_back(self, kind: Kind) -> None:
        """Said to be kept, found at its address, and the same bytes once, with the token that was never used."""
        await self.switch.down()
        sample = a_sample(kind)
        told = await self.send(sample)
        assert (seen(told).type_code, told.headers["edge-node-state"]) == ("CA", "kept")
        self.switch.up()
        await self.comes_to("DELIVERED", told)
        assert [turn.body for turn in self.switch.heard] == [sample.body]

    async def arrives_when_the_local_system_is_back(self, kind: Kind) -> None:
        """Answered with a receipt of the node's own, and the same bytes once."""
        await self.systems["his"].down()
        sample = sent_by_another(kind)
        told = await self.call(sample)
        assert (seen(told).type_code, seen(told).target) == ("CA", sample.id)
        self.systems["his"].up()
        await self.systems["his"].has_heard(1)
        await self.quiet()
        assert [turn.body for turn in self.systems["his"].heard] == [sample.body]
