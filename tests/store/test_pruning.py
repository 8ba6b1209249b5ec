"""What is removed when its time is over."""

from pathlib import Path

import pytest

from edge_node.model.keeping import Admitted, IdReused, Known
from edge_node.model.lifecycle import Event
from edge_node.model.message import StoredAnswer
from edge_node.store import admission, pruning
from tests.store.shelf import ANSWER, Shelf, push
from tests.store.test_repair import pages_of, spoil

DAY_S = 86_400
KEPT = StoredAnswer(status=200, content_type="text/xml", body=b"<kept/>")


@pytest.fixture
def shelf(tmp_path: Path):
    shelf = Shelf(tmp_path / "state" / "store.db")
    yield shelf
    shelf.close()


def delivered(shelf: Shelf) -> str:
    entry = shelf.leased(push(1))
    shelf.settle(entry, Event.ACKNOWLEDGED, "CA", ANSWER)
    return entry.uid


def prune_as_the_daemon(shelf: Shelf) -> None:
    """Each kind in units of its own, to its end."""
    for step in pruning.STEPS:
        for _ in range(20):
            shelf.do(lambda session, step=step: step(session, 50, shelf.at))  # type: ignore[misc]


class TestADamagedBody:
    def test_keeps_nothing_else_from_going(self, shelf: Shelf) -> None:
        """One bad sector must not have the letters of all patients stay for good, and their keys with them."""
        for number in range(1, 6):
            entry = shelf.leased(push(number, order=str(number), body=b"z" * 60_000))
            shelf.settle(entry, Event.ACKNOWLEDGED)
        shelf.close()
        spoil(shelf.path, pages_of(shelf.path, "bodies", "overflow")[0])
        shelf.open()
        shelf.clock.advance(40 * DAY_S)
        prune_as_the_daemon(shelf)
        assert (shelf.count("bodies"), shelf.count("duplicates"), shelf.count("set_aside")) == (1, 0, 1)
        shelf.clock.advance(40 * DAY_S)
        prune_as_the_daemon(shelf)
        keys = {number for (number,) in shelf.session.execute("SELECT key FROM wrapped_keys")}
        assert (shelf.count("set_aside_cells"), keys & {1}) == (0, set())


class TestPrune:
    def test_a_body_goes_a_day_after_delivery_and_its_history_stays(self, shelf: Shelf) -> None:
        """Medical content is not kept longer than needed; that it was delivered is."""
        uid = delivered(shelf)
        shelf.clock.advance(DAY_S)
        shelf.prune()
        assert (shelf.count("bodies"), shelf.state(uid)) == (0, "DELIVERED")

    def test_of_two_answers_the_one_that_copies_get_stays(self, shelf: Shelf) -> None:
        """What the other side said later goes with the body."""
        entry = shelf.leased(push(1))
        shelf.do(lambda session: admission.answered(session, entry.uid, KEPT))
        shelf.settle(entry, Event.ACKNOWLEDGED, "CA", ANSWER)
        before = shelf.count("answers")
        shelf.clock.advance(DAY_S)
        shelf.prune()
        assert (before, shelf.count("answers")) == (2, 1)
        assert shelf.keep(push(1)) == Known(uid=entry.uid, answer=KEPT)

    def test_nothing_goes_before_its_time(self, shelf: Shelf) -> None:
        """A receiver that lost it can still be helped the same day."""
        delivered(shelf)
        shelf.clock.advance(DAY_S - 1)
        assert shelf.prune() == 0

    def test_the_bytes_are_gone_from_the_file(self, shelf: Shelf) -> None:
        """Removed means overwritten, not only unlisted."""
        entry = shelf.leased(push(1, body=b"<secret>0123456789</secret>" * 50))
        shelf.settle(entry, Event.ACKNOWLEDGED)
        shelf.clock.advance(DAY_S)
        shelf.prune()
        shelf.close()
        assert b"<secret>" not in shelf.path.read_bytes()
        shelf.open()

    def test_a_dead_letter_stays_thirty_days(self, shelf: Shelf) -> None:
        """Time enough to find the cause and send them again."""
        shelf.settle(shelf.leased(push(1)), Event.REFUSED_FOR_GOOD, "x")
        shelf.clock.advance(29 * DAY_S)
        shelf.prune()
        assert shelf.count("bodies") == 1

    def test_an_id_is_remembered_for_thirty_days_after_the_end(self, shelf: Shelf) -> None:
        """A copy from a system that was down for weeks is still recognised."""
        delivered(shelf)
        shelf.clock.advance(29 * DAY_S)
        shelf.prune()
        early = shelf.keep(push(1, digest=b"other"))
        shelf.clock.advance(DAY_S)
        shelf.prune()
        assert (early, type(shelf.keep(push(1, digest=b"other")))) == (IdReused(), Admitted)

    def test_the_memory_of_an_open_message_is_never_forgotten(self, shelf: Shelf) -> None:
        """As long as it may still be sent, a copy is a copy."""
        shelf.kept(push(1, lifetime_s=None))
        shelf.clock.advance(1000 * DAY_S)
        assert (shelf.prune(), shelf.count("duplicates")) == (0, 1)

    def test_a_row_goes_last_with_its_history_and_its_count(self, shelf: Shelf) -> None:
        """The file does not grow for ever."""
        delivered(shelf)
        shelf.clock.advance(91 * DAY_S)
        shelf.prune()
        shelf.prune()
        assert [shelf.count(table) for table in ("messages", "history", "duplicates")] == [0, 0, 0]
        assert shelf.reader.overview().counts == ()
