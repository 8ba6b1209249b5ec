"""Alerts go on when a page of the queue is damaged, and what people see stays to be seen."""

from contextlib import suppress
from pathlib import Path

import pytest

from edge_node.errors import StoreUnavailable
from edge_node.model.message import Direction
from edge_node.model.notice import Ages
from edge_node.store import late
from tests.store.shelf import Shelf, push
from tests.store.test_repair import pages_of, spoil

WAITING = 600


def an_inbox(path: Path, count: int) -> Shelf:
    shelf = Shelf(path)
    for number in range(1, count + 1):
        shelf.kept(push(number, order=str(number), direction=Direction.IN, lifetime_s=None))
    return shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Messages of which some, the oldest too, are on a damaged page."""
    shelf = an_inbox(tmp_path / "store.db", WAITING)
    shelf.close()
    spoil(shelf.path, pages_of(shelf.path, "messages")[0])
    shelf.open()
    return shelf


def told(shelf: Shelf) -> int:
    """Look for what is late, as the daemon does: what fails is tried again at the next look."""
    total = 0
    for _ in range(10):
        with suppress(StoreUnavailable):
            total += len(shelf.do(lambda session: late.tell(session, Ages(), 200, shelf.at)))
    return total


class TestADamagedPage:
    def test_leaves_the_status(self, shelf: Shelf) -> None:
        """Just then people look, and must see how many wait and for how long."""
        shelf.clock.advance(5 * 3600)
        (count,) = shelf.reader.overview().counts
        shelf.die()
        assert (count.messages, 5 * 3600 <= count.oldest_s <= 5 * 3600 + 300) == (WAITING, True)

    def test_leaves_the_inbox(self, shelf: Shelf) -> None:
        """A local system that fetches its letters gets the others."""
        few, all_of_them = shelf.reader.inbox(None, 50), shelf.reader.inbox("400", WAITING)
        nobodys = shelf.reader.inbox("401", 50)
        shelf.die()
        assert (len(few), 400 < len(all_of_them) < WAITING, nobodys) == (50, True, ())

    def test_leaves_the_alerts(self, shelf: Shelf) -> None:
        """Acute care waits for an answer: somebody must ring."""
        shelf.clock.advance(5 * 3600)
        total = told(shelf)
        aside = shelf.reader.overview().set_aside
        shelf.die()
        assert (total + aside, total > 400) == (WAITING, True)


class TestARowThatNobodyWrote:
    def test_leaves_the_alerts(self, tmp_path: Path) -> None:
        """One odd row must not silence the alerts of all others."""
        shelf = an_inbox(tmp_path / "store.db", 3)
        shelf.session.execute("UPDATE messages SET state = 'FLOATING', due = NULL WHERE seq = 1")
        shelf.clock.advance(5 * 3600)
        assert (told(shelf), shelf.reader.overview().set_aside) == (2, 1)
        shelf.close()
