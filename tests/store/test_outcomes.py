"""What became of the messages of a breakdown, as people are told when it is over."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_node.model.alert import Settled
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction
from edge_node.store import outcomes
from tests.store.shelf import Shelf, push


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "store.db")
    yield shelf
    shelf.close()


def settled(shelf: Shelf, since_s: float, direction: Direction = Direction.OUT) -> Settled:
    """Of a breakdown that began so long ago and ended now."""
    now = shelf.clock.now()
    return shelf.reader.look(lambda on, _: outcomes.settled(on, direction, (now - since_s, now)))


class TestSettled:
    def test_counts_what_was_delivered_after_all(self, shelf: Shelf) -> None:
        """Nobody needs to telephone about it."""
        entry = shelf.leased(push(1))
        shelf.clock.advance(60)
        shelf.settle(entry, Event.ACKNOWLEDGED)
        assert settled(shelf, 100) == Settled(delivered=1, failed=0, waiting=0)

    def test_counts_what_failed_and_what_still_waits(self, shelf: Shelf) -> None:
        """Both are to be looked at; only one may still arrive by itself."""
        shelf.settle(shelf.leased(push(1)), Event.REFUSED_FOR_GOOD, "RTUDEST")
        shelf.kept(push(2))
        assert settled(shelf, 100) == Settled(delivered=0, failed=1, waiting=1)

    def test_what_ended_before_it_is_not_of_it(self, shelf: Shelf) -> None:
        """Yesterday's messages were delivered yesterday."""
        shelf.settle(shelf.leased(push(1)), Event.ACKNOWLEDGED)
        shelf.clock.advance(1000)
        assert settled(shelf, 100) == Settled(delivered=0, failed=0, waiting=0)

    def test_what_was_kept_before_it_and_still_waits_is(self, shelf: Shelf) -> None:
        """It was to go when the line broke."""
        shelf.kept(push(1))
        shelf.clock.advance(1000)
        assert settled(shelf, 100).waiting == 1

    def test_the_other_direction_is_another_matter(self, shelf: Shelf) -> None:
        """A local system that is down holds no message out."""
        shelf.kept(push(1))
        assert settled(shelf, 100, Direction.IN) == Settled(delivered=0, failed=0, waiting=0)
