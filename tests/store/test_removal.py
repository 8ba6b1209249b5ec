"""A removal from the index never waits."""

from pathlib import Path

import pytest

from edge_node.model.identifiers import ApplicationId
from edge_node.model.keeping import Admitted, Known
from edge_node.model.lifecycle import Event
from tests.store.shelf import OTHER_PATIENT, Shelf, push


@pytest.fixture
def shelf(tmp_path: Path):
    shelf = Shelf(tmp_path / "state" / "store.db")
    yield shelf
    shelf.close()


def registration(number: int, **other):
    return push(number, order="index", **other)


def removal(number: int, **other):
    return push(number, order="index", priority=0, supersedes="index", **other)


class TestRemoval:
    def test_it_replaces_the_registrations_that_wait(self, shelf: Shelf) -> None:
        """A patient who takes consent back is not registered afterwards by an old message."""
        waiting = [shelf.kept(registration(1)), shelf.kept(registration(2))]
        gone = shelf.kept(removal(3))
        assert [shelf.state(uid) for uid in [*waiting, gone]] == ["DISCARDED", "DISCARDED", "KEPT"]

    def test_it_goes_at_once_although_its_lane_is_closed(self, shelf: Shelf) -> None:
        """A withdrawal waits for nobody's signature under something else."""
        shelf.settle(shelf.leased(registration(1)), Event.CONFIGURATION_ERROR, "INACTIVEAPP")
        admitted = shelf.keep(removal(2), lease=True)
        assert isinstance(admitted, Admitted)
        assert admitted.entry is not None

    def test_a_copy_of_what_it_replaced_does_not_bring_it_back(self, shelf: Shelf) -> None:
        """A sender that missed our answer sends the registration once more: the withdrawal came after it."""
        shelf.kept(registration(1))
        shelf.kept(removal(2))
        assert isinstance(shelf.keep(registration(1), lease=True), Known)

    def test_other_patients_registrations_stay(self, shelf: Shelf) -> None:
        """It takes back what this patient asked, nothing else."""
        other = shelf.kept(registration(1, patient=OTHER_PATIENT))
        shelf.kept(removal(2))
        assert shelf.state(other) == "KEPT"

    def test_another_organisations_registration_stays(self, shelf: Shelf) -> None:
        """The patient left one practice of the health centre, not the other that is behind the same node."""
        other = shelf.kept(registration(1, sender=ApplicationId("301")))
        removing = shelf.leased(removal(2))
        shelf.settle(removing, Event.ACKNOWLEDGED, "CA")
        assert [entry.uid for entry in shelf.lease()] == [other]

    def test_without_a_patient_it_replaces_nothing(self, shelf: Shelf) -> None:
        """The lane is then the sender's, and holds everybody's."""
        other = shelf.kept(registration(1, patient=None))
        shelf.kept(removal(2, patient=None))
        assert shelf.state(other) == "KEPT"

    def test_a_registration_in_flight_is_never_sent_again(self, shelf: Shelf) -> None:
        """Its failure would otherwise bring it back behind the removal."""
        entry = shelf.leased(registration(1))
        shelf.keep(removal(2), lease=True)
        shelf.put_back(entry)
        assert shelf.events(entry.uid)[-2:] == ["DELIVERY_FAILED", "DISCARDED"]

    def test_it_goes_again_where_a_registration_may_arrive_after_it(self, shelf: Shelf) -> None:
        """Only the last word at the index counts, and it must be the removal."""
        registering = shelf.leased(registration(1))
        removing = shelf.leased(removal(2))
        shelf.settle(registering, Event.ACKNOWLEDGED, "CA")
        shelf.settle(removing, Event.ACKNOWLEDGED, "CA")
        shelf.clock.advance(60)
        again = shelf.lease()
        shelf.settle(again[0], Event.ACKNOWLEDGED, "KEY204")
        assert (again[0].uid, again[0].unknown, shelf.state(removing.uid)) == (removing.uid, True, "DELIVERED")

    def test_it_goes_once_where_no_registration_can_have_arrived(self, shelf: Shelf) -> None:
        """Sent twice without need, a signed removal would wait for a second signature."""
        registering = shelf.leased(registration(1))
        removing = shelf.leased(removal(2))
        shelf.put_back(registering)
        shelf.settle(removing, Event.ACKNOWLEDGED, "CA")
        assert shelf.state(removing.uid) == "DELIVERED"

    def test_it_goes_again_while_a_registration_is_on_its_way(self, shelf: Shelf) -> None:
        """Nobody knows yet which of the two reaches the index last."""
        shelf.leased(registration(1))
        removing = shelf.leased(removal(2))
        shelf.settle(removing, Event.ACKNOWLEDGED, "CA")
        assert shelf.state(removing.uid) == "WAITING"

    def test_a_later_registration_stays_behind_it(self, shelf: Shelf) -> None:
        """A patient who says yes again is registered after the removal, not before."""
        removing = shelf.leased(removal(1))
        later = shelf.keep(registration(2), lease=True)
        assert isinstance(later, Admitted)
        shelf.put_back(removing, after_s=0)
        assert [entry.uid for entry in shelf.lease()] == [removing.uid]

    def test_a_second_removal_goes_before_the_first(self, shelf: Shelf) -> None:
        """It need not wait for one that waits out its pause."""
        shelf.put_back(shelf.leased(removal(1)), after_s=300)
        second = shelf.leased(removal(2))
        shelf.settle(second, Event.ACKNOWLEDGED, "CA")
        shelf.clock.advance(300)
        assert [entry.message_id for entry in shelf.lease()] == [removal(1).message_id]
