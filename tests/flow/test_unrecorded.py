"""A handover whose end the store cannot take down holds nobody up."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from edge_node.errors import EdgeNodeError, StoreUnavailable
from edge_node.flow.unrecorded import EVERY_S
from edge_node.model.message import Direction
from tests.doubles import ScriptedDoor
from tests.flow.bench import Bench
from tests.flow.test_deliver import a_push, ack, delivered

SLOTS = 4


class Damaged:
    """A store that cannot record the end of some handovers, until it is told otherwise."""

    def __init__(self, bench: Bench, *numbers: int) -> None:
        self._settle: Callable[..., Awaitable[None]] = bench.keeper.settle
        self._bad = {f"{number:032x}" for number in numbers}
        self.error: EdgeNodeError | None = StoreUnavailable("SQLITE_CORRUPT", code="EN-STORE-DAMAGED")
        bench.keeper.settle = self.settle  # type: ignore[method-assign]

    async def settle(self, entry: Any, *how: Any) -> None:
        if entry.uid in self._bad and self.error is not None:
            raise self.error
        await self._settle(entry, *how)


@pytest.fixture
def bench() -> Bench:
    return Bench(ScriptedDoor(*[ack(number) for number in range(1, 9)]))


def unrecorded(bench: Bench) -> int:
    return len(bench.line.deliverers[Direction.OUT].unrecorded)


def after(bench: Bench, seconds: int) -> None:
    bench.clock.pump([1.0] * seconds)


class TestUnrecorded:
    def test_gives_its_place_to_the_next(self, bench: Bench) -> None:
        """As many of them as there are places would else stop every letter of the practice."""
        Damaged(bench, *range(1, SLOTS + 1))
        delivered(bench, *[a_push(number) for number in range(1, 9)])
        after(bench, 60)
        assert (len(bench.out.asked), len(bench.keeper.ended), unrecorded(bench)) == (8, 4, SLOTS)

    def test_is_not_handed_over_again(self, bench: Bench) -> None:
        """It arrived: only that cannot be written down."""
        Damaged(bench, 1)
        delivered(bench, a_push(1))
        after(bench, 3 * int(EVERY_S))
        assert len(bench.out.asked) == 1

    def test_is_recorded_when_that_is_possible(self, bench: Bench) -> None:
        """A cable was put back: the truth is not lost."""
        damage = Damaged(bench, 1)
        delivered(bench, a_push(1))
        damage.error = None
        after(bench, int(EVERY_S) + 1)
        assert (len(bench.keeper.ended), unrecorded(bench)) == (1, 0)

    def test_ends_with_its_lease(self, bench: Bench) -> None:
        """A person ended the message meanwhile, or it was set aside."""
        damage = Damaged(bench, 1)
        delivered(bench, a_push(1))
        damage.error = EdgeNodeError("the lease is not held any more", code="EN-ILLEGAL-STEP")
        after(bench, int(EVERY_S) + 1)
        assert unrecorded(bench) == 0

    def test_waits_in_its_place_where_time_mends_it(self, bench: Bench) -> None:
        """A full disk has room again in a while."""
        damage = Damaged(bench, 1)
        damage.error = StoreUnavailable("SQLITE_FULL", code="EN-STORE-FULL")
        delivered(bench, a_push(1))
        damage.error = None
        after(bench, 10)
        assert (len(bench.keeper.ended), unrecorded(bench)) == (1, 0)
