"""A push that is passed on holds its lane, although the node does not keep it."""

from pathlib import Path

import pytest

from edge_node.model.keeping import Admitted, LaneClosed
from edge_node.model.lifecycle import Event
from edge_node.store import admission
from tests.store.shelf import ANSWER, OTHER_PATIENT, Shelf, push
from tests.store.test_removal import registration, removal


@pytest.fixture
def shelf(tmp_path: Path):
    shelf = Shelf(tmp_path / "state" / "store.db")
    yield shelf
    shelf.close()


def finish(shelf: Shelf, given) -> None:
    shelf.do(lambda session: admission.finish(session, given, ANSWER, shelf.at))


def abandon(shelf: Shelf, given, *, unknown: bool) -> None:
    shelf.do(lambda session: admission.abandon(session, given, "EN-X", (unknown, shelf.at)))


class TestLane:
    def test_keeps_a_later_message_behind_it(self, shelf: Shelf) -> None:
        """A stop of medication must not arrive before the start that is on its way."""
        shelf.begin(push(1))
        admitted = shelf.keep(push(2), lease=True)
        assert isinstance(admitted, Admitted)
        assert (admitted.entry, shelf.lease()) == (None, [])

    @pytest.mark.parametrize("unknown", [None, False, True])
    def test_is_free_when_it_has_ended(self, shelf: Shelf, unknown: bool | None) -> None:
        """However it ended: its sender knows, and decides what comes next."""
        shelf.begin(push(1))
        uid = shelf.kept(push(2))
        shelf.lease()
        finish(shelf, push(1)) if unknown is None else abandon(shelf, push(1), unknown=unknown)
        assert [entry.uid for entry in shelf.lease()] == [uid]

    def test_is_free_after_its_time(self, shelf: Shelf) -> None:
        """An end that could not be recorded does not close the lane for good."""
        shelf.begin(push(1))
        uid = shelf.kept(push(2))
        shelf.lease()
        shelf.clock.advance(31)
        assert [entry.uid for entry in shelf.lease()] == [uid]

    def test_is_free_after_a_restart(self, shelf: Shelf) -> None:
        """Its process is gone, and with it the connection."""
        shelf.begin(push(1))
        uid = shelf.kept(push(2))
        shelf.restart()
        assert [entry.uid for entry in shelf.lease()] == [uid]

    def test_of_another_patient_is_another(self, shelf: Shelf) -> None:
        """Nobody waits for a stranger."""
        shelf.begin(push(1))
        admitted = shelf.keep(push(2, patient=OTHER_PATIENT), lease=True)
        assert isinstance(admitted, Admitted)
        assert admitted.entry is not None

    def test_held_by_a_kept_one_turns_it_away(self, shelf: Shelf) -> None:
        """The other way about: what is kept goes first, and the sender is told."""
        shelf.kept(push(1))
        assert isinstance(shelf.begin(push(2)), LaneClosed)


class TestRemoval:
    def test_waits_for_nothing(self, shelf: Shelf) -> None:
        """A withdrawal goes at once."""
        shelf.begin(registration(1))
        admitted = shelf.keep(removal(2), lease=True)
        assert isinstance(admitted, Admitted)
        assert admitted.entry is not None

    @pytest.mark.parametrize("unknown", [None, True])
    def test_goes_again_where_a_registration_may_arrive_after_it(self, shelf: Shelf, unknown: bool | None) -> None:
        """Only the last word at the index counts, and it must be the removal."""
        shelf.begin(registration(1))
        removing = shelf.leased(removal(2))
        finish(shelf, registration(1)) if unknown is None else abandon(shelf, registration(1), unknown=True)
        shelf.settle(removing, Event.ACKNOWLEDGED, "CA")
        assert shelf.state(removing.uid) == "WAITING"

    def test_goes_again_while_the_registration_is_on_its_way(self, shelf: Shelf) -> None:
        """Nobody knows yet which of the two reaches the index last."""
        shelf.begin(registration(1))
        removing = shelf.leased(removal(2))
        shelf.settle(removing, Event.ACKNOWLEDGED, "CA")
        assert shelf.state(removing.uid) == "WAITING"

    def test_goes_once_where_the_registration_never_left(self, shelf: Shelf) -> None:
        """Sent twice without need, a signed removal would wait for a second signature."""
        shelf.begin(registration(1))
        removing = shelf.leased(removal(2))
        abandon(shelf, registration(1), unknown=False)
        shelf.settle(removing, Event.ACKNOWLEDGED, "CA")
        assert shelf.state(removing.uid) == "DELIVERED"

    def test_goes_again_after_a_registration_of_which_nobody_knows(self, shelf: Shelf) -> None:
        """It may still be on its way between the switchboard and the index, also when our process ended since."""
        shelf.begin(registration(1))
        shelf.restart()
        removing = shelf.leased(removal(2))
        shelf.settle(removing, Event.ACKNOWLEDGED, "CA")
        assert shelf.state(removing.uid) == "WAITING"

    def test_that_is_passed_on_is_called_overtaken(self, shelf: Shelf) -> None:
        """The node does not keep it, so its sender must be told to send it once more."""
        shelf.begin(registration(1))
        abandon(shelf, registration(1), unknown=True)
        first = shelf.begin(removal(2))
        abandon(shelf, removal(2), unknown=True)
        second = shelf.begin(removal(2))
        assert isinstance(first, Admitted)
        assert isinstance(second, Admitted)
        assert (first.overtaken, second.overtaken, second.unknown) == (True, False, True)
