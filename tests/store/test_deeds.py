"""What a person does to many messages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_node.model.identifiers import ApplicationId
from edge_node.model.keeping import BULK
from edge_node.model.lifecycle import Event, State
from edge_node.model.overview import By, Deed, Errand, Moved
from edge_node.store import deeds
from tests.store.logged import told
from tests.store.shelf import OTHER_PATIENT, Shelf, push

BY = By(who="j.jansen", why="address book mended")


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "store.db")
    yield shelf
    shelf.close()


def dead(shelf: Shelf, number: int, **other: object) -> str:
    entry = shelf.leased(push(number, **other))
    shelf.settle(entry, Event.REFUSED_FOR_GOOD, "RTUDEST")
    return entry.uid


def done(shelf: Shelf, deed: Deed, *seqs: int) -> Moved:
    return do(shelf, Errand(deed=deed, by=BY, seen_at=shelf.at.now), *seqs)


def do(shelf: Shelf, errand: Errand, *seqs: int) -> Moved:
    return shelf.do(lambda session: deeds.do(session, errand, seqs, shelf.at))


class TestDeeds:
    def test_leave_who_and_why_with_each_message(self, shelf: Shelf) -> None:
        """Months later one patient's message is asked for, not the batch it was in."""
        uids = [dead(shelf, 1), dead(shelf, 2)]
        done(shelf, Deed.DISCARD, 1, 2)
        shown = [shelf.reader.show(uid) for uid in uids]
        assert [(each.steps[-1].who, each.steps[-1].why) for each in shown if each] == [(BY.who, BY.why)] * 2

    def test_stand_in_the_access_log_one_by_one(self, shelf: Shelf) -> None:
        """Who asks what was done with the data of one patient gets each of it."""
        dead(shelf, 1)
        dead(shelf, 2, patient=OTHER_PATIENT)
        done(shelf, Deed.DISCARD, 1, 2)
        rows = told(shelf.session, "event.code", "marks")
        assert len({marks["object.patient"] for event, marks in rows if event == "DISCARDED"}) == 2

    def test_pass_over_what_they_cannot_be_done_to(self, shelf: Shelf) -> None:
        """One message that moved on meanwhile does not keep a hundred others waiting."""
        dead(shelf, 1)
        shelf.kept(push(2, patient=OTHER_PATIENT))
        assert done(shelf, Deed.RETRY, 1, 2, 99) == Moved(done=1, skipped={"EN-ILLEGAL-STEP": 1, "EN-NOT-FOUND": 1})

    def test_pass_over_what_changed_since_it_was_seen(self, shelf: Shelf) -> None:
        """It waited when a person decided; that it was refused since may be a reason to decide otherwise."""
        entry = shelf.leased(push(1))
        errand = Errand(deed=Deed.DISCARD, by=BY, seen_at=shelf.at.now)
        shelf.clock.advance(1)
        shelf.settle(entry, Event.REFUSED_FOR_GOOD, "RTUDEST")
        assert do(shelf, errand, 1) == Moved(done=0, skipped={"EN-ILLEGAL-STEP": 1})
        assert shelf.state(entry.uid) == State.DEAD

    def test_reach_the_one_that_was_named_past_one_that_is_stuck(self, shelf: Shelf) -> None:
        """A damaged page elsewhere must not have them end the message of another patient."""
        uids = [dead(shelf, number) for number in range(1, 7)]
        shelf.session.set_aside_now(1, is_stuck=True)
        assert done(shelf, Deed.DISCARD, 3, 1) == Moved(done=1, skipped={"EN-NOT-FOUND": 1})
        assert [uid for uid in uids if shelf.state(uid) == State.DISCARDED] == [uids[2]]

    @pytest.mark.parametrize(("deed", "state"), [(Deed.RETRY, State.WAITING), (Deed.DISCARD, State.DISCARDED)])
    def test_take_the_step_a_single_one_takes(self, shelf: Shelf, deed: Deed, state: State) -> None:
        """There is one table of what may happen to a message."""
        uid = dead(shelf, 1)
        done(shelf, deed, 1)
        assert shelf.state(uid) == state

    def test_hold_and_release_what_waits(self, shelf: Shelf) -> None:
        """An operator stops everything to one destination for an hour."""
        uid = shelf.kept(push(1))
        done(shelf, Deed.HOLD, 1)
        held = shelf.state(uid)
        done(shelf, Deed.RELEASE, 1)
        assert (held, shelf.state(uid)) == (State.HELD, State.WAITING)


class TestReplay:
    def test_keeps_the_order_of_one_patient(self, shelf: Shelf) -> None:
        """First the prescription, then its change."""
        first, second = dead(shelf, 1), dead(shelf, 2)
        done(shelf, Deed.RETRY, 1, 2)
        (entry,) = shelf.lease()
        shelf.settle(entry, Event.ACKNOWLEDGED)
        assert [entry.uid, *(next_.uid for next_ in shelf.lease())] == [first, second]

    def test_goes_before_what_came_later(self, shelf: Shelf) -> None:
        """A newer message of the patient that waits behind another one does not slip in between."""
        replayed = dead(shelf, 1)
        head = shelf.leased(push(2))
        newest = shelf.kept(push(3))
        done(shelf, Deed.RETRY, 1)
        shelf.settle(head, Event.ACKNOWLEDGED)
        (entry,) = shelf.lease()
        shelf.settle(entry, Event.ACKNOWLEDGED)
        assert [entry.uid, *(each.uid for each in shelf.lease())] == [replayed, newest]

    def test_goes_at_the_pace_of_bulk(self, shelf: Shelf) -> None:
        """A thousand replayed messages stand behind the prescription that a doctor sends now."""
        dead(shelf, 1)
        done(shelf, Deed.RETRY, 1)
        assert shelf.lease(bulk=0) == []
        assert [entry.is_bulk for entry in shelf.lease(bulk=1)] == [True]

    def test_of_a_removal_does_not_wait(self, shelf: Shelf) -> None:
        """Somebody took consent back: that goes first of all, also the second time."""
        dead(shelf, 1, priority=0, supersedes="report")
        done(shelf, Deed.RETRY, 1)
        assert shelf.session.execute("SELECT priority FROM messages").fetchone() == (0,)

    def test_never_undoes_a_removal_that_came_after_it(self, shelf: Shelf) -> None:
        """A patient was taken out of the index: an old registration must not put him back in."""
        registration = dead(shelf, 1)
        removal = shelf.leased(push(2, priority=0, supersedes="report"))
        shelf.settle(removal, Event.ACKNOWLEDGED)
        assert done(shelf, Deed.RETRY, 1).skipped == {"EN-ILLEGAL-STEP": 1}
        assert shelf.state(registration) == State.DEAD

    def test_may_follow_a_removal_of_another_patient(self, shelf: Shelf) -> None:
        """Only his own removal stands in its way."""
        dead(shelf, 1)
        removal = shelf.leased(push(2, priority=0, supersedes="report", patient=OTHER_PATIENT))
        shelf.settle(removal, Event.ACKNOWLEDGED)
        assert done(shelf, Deed.RETRY, 1).done == 1

    def test_may_follow_a_removal_that_never_went(self, shelf: Shelf) -> None:
        """A removal that was refused took nothing back."""
        dead(shelf, 1)
        dead(shelf, 2, priority=0, supersedes="report")
        assert done(shelf, Deed.RETRY, 1).done == 1

    def test_leaves_bulk_what_was_bulk(self, shelf: Shelf) -> None:
        """Its pace is the one it had."""
        dead(shelf, 1, priority=BULK, receiver=ApplicationId("401"))
        done(shelf, Deed.RETRY, 1)
        assert [entry.is_bulk for entry in shelf.lease()] == [True]
