"""The kept messages in numbers, beside the writer."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from twisted.internet.defer import Deferred

from edge_node.errors import Refused
from edge_node.model.lifecycle import Event, State
from edge_node.model.overview import Choice, Crowd, Preview
from edge_node.store.stock import Stock, at_once, nothing_under_way
from tests.store.shelf import Shelf, push

DEAD = Crowd(choice=Choice(), states=frozenset({State.DEAD}))


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "store.db")
    yield shelf
    shelf.close()


async def refuse(work: object) -> None:
    raise Refused("opened for reading only", code="EN-STORE-IN-USE")


def previewed(shelf: Shelf, settled: Callable[[], Awaitable[None]]) -> Preview:
    found: list[Preview] = []
    stock = Stock(refuse, shelf.reader, at_once, shelf.clock, settled=settled)
    Deferred.fromCoroutine(stock.preview(DEAD)).addCallback(found.append)
    return found[0]


class TestPreview:
    def test_sees_what_was_begun_before_its_moment(self, shelf: Shelf) -> None:
        """A step on its way to the disk bears an earlier moment: not counted now, it would be discarded unseen."""
        entry = shelf.leased(push())

        async def committed() -> None:
            shelf.settle(entry, Event.REFUSED_FOR_GOOD, "RTUDEST")

        assert previewed(shelf, committed).messages == 1

    def test_does_not_see_what_was_begun_after_it(self, shelf: Shelf) -> None:
        """Nor does the deed: both mean the same messages."""
        entry = shelf.leased(push())

        async def committed() -> None:
            shelf.clock.advance(0.5)
            shelf.settle(entry, Event.REFUSED_FOR_GOOD, "RTUDEST")

        assert previewed(shelf, committed).messages == 0

    def test_needs_nobody_where_the_daemon_is_down(self, shelf: Shelf) -> None:
        """Looking takes no lock."""
        assert previewed(shelf, nothing_under_way).messages == 0
