"""A message in a state of another release is set aside wherever it stands."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_node.model.message import Direction
from edge_node.model.overview import Choice
from edge_node.store import pruning, tallies
from tests.store.shelf import Shelf, push


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "store.db")
    shelf.session.execute("PRAGMA ignore_check_constraints = ON")
    yield shelf
    shelf.close()


ENDED = "UPDATE messages SET state = 'PONDERING', head = NULL, due = NULL, ended_at = kept_at, body_until = 4e9"
BEHIND = "UPDATE messages SET state = 'PONDERING' WHERE head = 0"


def strange(shelf: Shelf, change: str) -> None:
    """Two messages of one lane, and one of them, or both, as another release may leave it."""
    shelf.kept(push(1))
    shelf.kept(push(2))
    shelf.session.execute(change)


@pytest.mark.parametrize(("change", "expected"), [(ENDED, 2), (BEHIND, 1)])
class TestAStateThatNobodyKnows:
    def test_is_counted_from_the_next_start(self, shelf: Shelf, change: str, expected: int) -> None:
        """Nobody looks for a message that no list shows."""
        strange(shelf, change)
        shelf.restart()
        assert shelf.reader.overview().set_aside == expected
        assert {found.why for found in shelf.reader.set_aside(10)} == {"row: unknown state"}

    def test_is_found_while_the_node_runs(self, shelf: Shelf, change: str, expected: int) -> None:
        """A disk may spoil it at any time."""
        strange(shelf, change)
        shelf.do(lambda session: pruning.prune(session, 200, shelf.at))
        assert shelf.reader.overview().set_aside == expected

    def test_leaves_the_counters_right(self, shelf: Shelf, change: str, expected: int) -> None:
        """A figure that drifts hides a stuck queue."""
        strange(shelf, change)
        shelf.restart()
        assert sum(count.messages for count in shelf.reader.overview().counts) == 2 - expected


class TestFiguresOfAnotherRelease:
    def test_break_no_page(self, shelf: Shelf) -> None:
        """Its counters are there after a step back to this release."""
        shelf.kept(push(1))
        shelf.session.execute("INSERT INTO counters (direction, state, n) VALUES ('out', 'PONDERING', 3)")
        shelf.session.execute("UPDATE messages SET state = 'PONDERING', head = NULL")
        assert sum(count.messages for count in shelf.reader.overview().counts) == 1
        assert shelf.reader.look(lambda connection, at: tallies.shape(connection, Choice(), at)) == ()

    def test_are_not_walked(self, shelf: Shelf) -> None:
        """A million messages in known states cost a dozen steps in the index."""
        shelf.kept(push(1, direction=Direction.OUT))
        assert shelf.do(lambda session: pruning.prune(session, 200, shelf.at)) == 0
