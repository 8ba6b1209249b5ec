"""Messages to a place that is down are in nobody's way."""

from pathlib import Path

import pytest

from edge_node.model.identifiers import ApplicationId
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction, Format, Payload
from edge_node.model.overview import Choice, Rest
from edge_node.store import queue, resting
from tests.store.shelf import OTHER_PATIENT, Shelf, push

HERE, THERE = "soap 400", "soap 500"


@pytest.fixture
def shelf(tmp_path: Path):
    shelf = Shelf(tmp_path / "state" / "store.db")
    yield shelf
    shelf.close()


def elsewhere(number: int):
    return push(number, receiver=ApplicationId("500"))


def rouse(shelf: Shelf, place: str = HERE, limit: int = 10) -> int:
    return shelf.do(lambda session: resting.rouse(session, (Direction.OUT, place), limit, shelf.at))


class TestResting:
    def test_lets_others_go(self, shelf: Shelf) -> None:
        """One pharmacy that is down must not keep the letters of all others waiting."""
        shelf.kept(push(1))
        other = shelf.kept(elsewhere(2))
        assert [entry.uid for entry in shelf.lease(limit=1, soap_400=0)] == [other]

    def test_costs_the_next_claim_nothing(self, shelf: Shelf) -> None:
        """It is not looked at again until its place is tried."""
        shelf.kept(push(1))
        shelf.lease(soap_400=0)
        assert shelf.next_due_s() is None

    @pytest.mark.parametrize(("closed", "rests"), [("soap_400", Rest.DESTINATION), ("soap", Rest.LINE)])
    def test_is_seen_by_people(self, shelf: Shelf, closed: str, rests: Rest) -> None:
        """It is due when its place answers, and not in thirty-five years."""
        uid = shelf.kept(push(1))
        shelf.lease(**{closed: 0})
        (row,) = shelf.reader.list(Choice())
        assert (row.uid, row.due_in_s, row.rests) == (uid, None, rests)

    def test_is_seen_to_end(self, shelf: Shelf) -> None:
        """Once roused it is due now."""
        uid = shelf.kept(push(1))
        shelf.lease(soap_400=0)
        rouse(shelf)
        shown = shelf.reader.show(uid)
        assert shown is not None
        assert (shown.row.due_in_s, shown.row.rests) == (0, None)

    def test_is_of_a_whole_way_as_well(self, shelf: Shelf) -> None:
        """The switchboard is down while FHIR goes on: all SOAP messages rest, whoever they are for."""
        shelf.kept(push(1))
        shelf.kept(elsewhere(2))
        assert shelf.lease(soap=0) == []
        assert (rouse(shelf, "soap"), len(shelf.lease())) == (2, 2)

    def test_knows_which_way_a_message_takes(self, shelf: Shelf) -> None:
        """The broker is down while SOAP goes on; a message in SOAP to the same receiver goes."""
        payload = Payload(path="Task", soap_action="", body=b"{}", format=Format.FHIR)
        shelf.kept(push(1, payload=payload))
        letter = shelf.kept(push(2, patient=OTHER_PATIENT))
        assert [entry.uid for entry in shelf.lease(fhir=0)] == [letter]

    def test_ends_when_the_place_is_open_again(self, shelf: Shelf) -> None:
        """In the measure asked for, so that a receiver that has just come back is not flooded."""
        shelf.kept(push(1))
        shelf.kept(push(2, patient=OTHER_PATIENT))
        shelf.lease(soap_400=0)
        assert [rouse(shelf, limit=1), len(shelf.lease()), rouse(shelf), len(shelf.lease())] == [1, 1, 1, 1]

    def test_sends_the_most_urgent_first(self, shelf: Shelf) -> None:
        """A letter before a night of registrations."""
        shelf.kept(push(1, priority=2))
        letter = shelf.kept(push(2, patient=OTHER_PATIENT))
        shelf.lease(soap_400=0)
        rouse(shelf, limit=1)
        assert [entry.uid for entry in shelf.lease()] == [letter]

    def test_lets_one_try(self, shelf: Shelf) -> None:
        """Somebody has to find out that the receiver is back."""
        shelf.kept(push(1))
        shelf.kept(push(2, patient=OTHER_PATIENT))
        shelf.lease(soap_400=0)
        assert (rouse(shelf, limit=1), len(shelf.lease(soap_400=1))) == (1, 1)

    def test_lets_as_many_go_as_may(self, shelf: Shelf) -> None:
        """A receiver that takes long has its part of the window, and no more of it than that."""
        for number in range(5):
            shelf.kept(push(number, order=f"group-{number}"))
        assert (len(shelf.lease(soap_400=2)), shelf.count("resting")) == (2, 3)

    def test_lets_another_one_try_each_time(self, shelf: Shelf) -> None:
        """A message on which the receiver chokes must not keep it closed for all others."""
        uids = [shelf.kept(push(1)), shelf.kept(push(2, patient=OTHER_PATIENT))]
        shelf.lease(soap_400=0)
        rouse(shelf, limit=1)
        (first,) = shelf.lease(soap_400=1)
        shelf.put_back(first, after_s=0)
        shelf.lease(soap_400=0)
        rouse(shelf, limit=1)
        (second,) = shelf.lease(soap_400=1)
        assert [first.uid, second.uid] == uids

    def test_does_not_outlive_the_process(self, shelf: Shelf) -> None:
        """Nothing is forgotten in its rest: a new run, or an older release, tries what waits."""
        uid = shelf.kept(push(1))
        shelf.lease(soap_400=0)
        shelf.restart()
        assert [entry.uid for entry in shelf.lease()] == [uid]

    def test_of_an_older_run_leaves_no_trace_when_it_went(self, shelf: Shelf) -> None:
        """After an outage of a night and a restart, the next outage must not begin with a walk over all of it."""
        for number in range(3):
            shelf.kept(push(number, order=f"group-{number}"))
        shelf.lease(soap_400=0)
        shelf.restart()
        for entry in shelf.lease():
            shelf.settle(entry, Event.ACKNOWLEDGED)
        assert shelf.count("resting") == 0

    def test_of_an_older_run_is_over_already(self, shelf: Shelf) -> None:
        """It may go as what is roused now may."""
        uid = shelf.kept(push(1))
        shelf.lease(soap_400=0)
        shelf.restart()
        assert (rouse(shelf, limit=1), [entry.uid for entry in shelf.lease(soap_400=1)]) == (1, [uid])

    def test_is_ended_for_what_a_removal_went_past(self, shelf: Shelf) -> None:
        """Its place came back while it was second: when it is first it goes, and not at the next restart."""
        first = shelf.kept(push(1, order="index", supersedes="index"))
        shelf.lease(soap_400=0)
        (second,) = [shelf.leased(push(2, order="index", supersedes="index"))]
        rouse(shelf)
        shelf.settle(second, Event.ACKNOWLEDGED)
        assert [entry.uid for entry in shelf.lease()] == [first]

    def test_costs_a_bounded_number_of_rows_to_look_through(self, shelf: Shelf) -> None:
        """Whatever an older release left there: whoever else writes has his turn in between."""
        values = [(number, "out", HERE, 1) for number in range(1000, 2000)]
        sql = "INSERT INTO resting (seq, direction, place, priority) VALUES (?, ?, ?, ?)"
        shelf.session.connection.executemany(sql, values)
        assert rouse(shelf, limit=1) == 0
        assert 700 <= shelf.count("resting") < 1000

    def test_is_not_ended_by_a_repair_elsewhere(self, shelf: Shelf) -> None:
        """The line is back; the receiver is not."""
        shelf.kept(push(1))
        shelf.lease(soap_400=0)
        assert shelf.do(lambda session: queue.wake(session, Direction.OUT, 10, shelf.at)) == 0

    def test_ends_its_pause_when_its_own_place_is_repaired(self, shelf: Shelf) -> None:
        """What was tried just before the receiver came back goes with the rest; what waits for another does not."""
        uid = shelf.kept(push(1))
        shelf.kept(elsewhere(2))
        for entry in shelf.lease():
            shelf.put_back(entry, after_s=300)
        woken = shelf.do(lambda session: queue.wake_for(session, (Direction.OUT, HERE), 10, shelf.at))
        assert (woken, [entry.uid for entry in shelf.lease()]) == (1, [uid])

    @pytest.mark.parametrize(("way", "woken"), [("soap", 1), ("fhir", 2)])
    def test_ends_the_pauses_of_its_own_way(self, shelf: Shelf, way: str, woken: int) -> None:
        """The broker is back: that says nothing about the switchboard."""
        payload = Payload(path="Task", soap_action="", body=b"{}", format=Format.FHIR)
        shelf.kept(push(1))
        shelf.kept(push(2, payload=payload, receiver=ApplicationId("500")))
        shelf.kept(push(3, payload=payload, receiver=ApplicationId("600")))
        for entry in shelf.lease():
            shelf.put_back(entry, after_s=300)
        assert shelf.do(lambda session: queue.wake_for(session, (Direction.OUT, way), 10, shelf.at)) == woken

    def test_does_not_stop_the_end_of_its_life(self, shelf: Shelf) -> None:
        """The sender of an acute message hears in time that it must telephone."""
        uid = shelf.kept(push(1, lifetime_s=900))
        shelf.lease(soap_400=0)
        shelf.clock.advance(901)
        assert [entry.uid for entry in shelf.expire()] == [uid]
        assert (shelf.count("resting"), rouse(shelf), shelf.lease()) == (0, 0, [])

    def test_the_next_of_its_lane_rests_too(self, shelf: Shelf) -> None:
        """Order within the lane stays, whatever becomes of its head."""
        first, second = shelf.kept(push(1)), shelf.kept(push(2))
        (entry,) = shelf.lease()
        shelf.settle(entry, Event.REFUSED_FOR_GOOD, "RTUDEST")
        assert (shelf.lease(soap_400=0), rouse(shelf)) == ([], 1)
        assert [entry.uid for entry in shelf.lease()] == [second]
        assert shelf.state(first) == "DEAD"

    def test_puts_aside_a_bounded_number_at_once(self, shelf: Shelf) -> None:
        """Whoever else writes has his turn in between."""
        for number in range(300):
            shelf.kept(push(number, order=f"group-{number}"))
        shelf.lease(limit=8, soap_400=0)
        assert 256 <= shelf.count("resting") < 300
        shelf.lease(limit=8, soap_400=0)
        assert shelf.count("resting") == 300
