"""Leases, dues and lifetimes."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge_node.errors import EdgeNodeError
from edge_node.model.keeping import LaneClosed
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction, Format, Payload
from edge_node.model.overview import By
from edge_node.store import interventions, messages, queue
from tests.store.shelf import ANSWER, OTHER_PATIENT, Shelf, push

BY = By(who="jan", why="asked the pharmacy")


@pytest.fixture
def shelf(tmp_path: Path):
    shelf = Shelf(tmp_path / "state" / "store.db")
    yield shelf
    shelf.close()


class TestLease:
    def test_only_the_head_of_a_lane_is_handed_out(self, shelf: Shelf) -> None:
        """Order is kept for each patient, receiver and kind."""
        first = shelf.kept(push(1))
        shelf.kept(push(2))
        assert [entry.uid for entry in shelf.lease()] == [first]

    def test_lanes_do_not_wait_for_each_other(self, shelf: Shelf) -> None:
        """One patient's stuck message must not hold up another patient's."""
        uids = [shelf.kept(push(1)), shelf.kept(push(2, patient=OTHER_PATIENT)), shelf.kept(push(3, order="x"))]
        assert [entry.uid for entry in shelf.lease()] == uids

    def test_no_more_bytes_are_handed_out_at_once_than_fit_in_memory(self, shelf: Shelf) -> None:
        """Eight letters with scans must not take the memory of the whole node."""
        for number in range(3):
            shelf.kept(push(number, order=str(number), body=b"x" * 5 * 1024 * 1024))
        assert [len(shelf.lease()) for _ in range(3)] == [2, 1, 0]

    def test_the_next_follows_when_the_head_is_delivered(self, shelf: Shelf) -> None:
        """The lane goes on by itself."""
        entry = shelf.leased(push(1))
        second = shelf.kept(push(2))
        shelf.settle(entry, Event.ACKNOWLEDGED, "CA")
        assert [entry.uid for entry in shelf.lease()] == [second]

    def test_the_most_urgent_goes_first(self, shelf: Shelf) -> None:
        """Bulk never makes a person wait."""
        shelf.kept(push(1, priority=2))
        urgent = shelf.kept(push(2, priority=1, order="x"))
        assert [entry.uid for entry in shelf.lease(limit=1)] == [urgent]

    def test_directions_are_apart(self, shelf: Shelf) -> None:
        """A local system that is down must not take places of the switchboard."""
        shelf.kept(push(1))
        assert shelf.lease(direction=Direction.IN) == []

    def test_a_row_without_its_bytes_is_set_aside(self, shelf: Shelf) -> None:
        """One damaged row must not stop the queue."""
        shelf.kept(push(1))
        shelf.session.execute("DELETE FROM bodies")
        other = shelf.kept(push(2, order="x"))
        assert ([entry.uid for entry in shelf.lease()], shelf.reader.overview().set_aside) == ([other], 1)


class TestPutBack:
    def test_it_is_due_again_after_its_pause(self, shelf: Shelf) -> None:
        """A switchboard that is down is not hammered."""
        shelf.put_back(shelf.leased(push(1)), after_s=2)
        assert (shelf.lease(), shelf.next_due_s()) == ([], 2)
        shelf.clock.advance(2)
        assert [entry.attempts for entry in shelf.lease()] == [1]

    def test_its_lane_waits_with_it(self, shelf: Shelf) -> None:
        """Nothing overtakes a message that is to be tried again."""
        shelf.put_back(shelf.leased(push(1)), after_s=60)
        shelf.kept(push(2))
        assert shelf.lease() == []

    def test_a_pause_does_not_see_the_wall_clock_step(self, shelf: Shelf) -> None:
        """A clock put right must not send everything at once, or nothing for an hour."""
        shelf.put_back(shelf.leased(push(1)), after_s=60)
        shelf.clock.wall_s += 3600
        assert shelf.next_due_s() == 60

    def test_an_old_fence_is_refused(self, shelf: Shelf) -> None:
        """Only the owner of a lease may end it: two ends would be two outcomes."""
        entry = shelf.leased(push(1))
        shelf.put_back(entry, after_s=0)
        shelf.lease()
        with pytest.raises(EdgeNodeError) as refused:
            shelf.settle(entry, Event.ACKNOWLEDGED)
        assert refused.value.code == "EN-ILLEGAL-STEP"

    def test_wake_makes_waiting_heads_due(self, shelf: Shelf) -> None:
        """When the line is back nobody waits out a pause of five minutes."""
        shelf.put_back(shelf.leased(push(1)), after_s=300)
        woken = shelf.do(lambda session: queue.wake(session, Direction.OUT, 5, shelf.at))
        assert (woken, len(shelf.lease())) == (1, 1)

    def test_nothing_waiting_is_never_due(self, shelf: Shelf) -> None:
        """The node then sleeps."""
        shelf.leased(push(1))
        assert shelf.next_due_s() is None


class TestSettle:
    @pytest.mark.parametrize(
        ("event", "state"),
        [
            (Event.ACKNOWLEDGED, "DELIVERED"),
            (Event.REFUSED_FOR_GOOD, "DEAD"),
            (Event.CONFIGURATION_ERROR, "HELD"),
            (Event.TOKEN_SPENT, "NEEDS_TOKEN"),
        ],
    )
    def test_it_ends_in_the_state_of_the_table(self, shelf: Shelf, event: Event, state: str) -> None:
        """The table of the lifecycle is the only place that decides."""
        entry = shelf.leased(push(1))
        shelf.settle(entry, event, "code")
        assert shelf.state(entry.uid) == state

    def test_a_held_head_closes_its_lane(self, shelf: Shelf) -> None:
        """The sender of the next one is told at once whom to ask."""
        entry = shelf.leased(push(1))
        shelf.settle(entry, Event.CONFIGURATION_ERROR, "INACTIVEAPP")
        closed = shelf.keep(push(2))
        assert isinstance(closed, LaneClosed)
        assert closed.closed

    def test_an_unknown_end_of_a_token_is_remembered_as_unknown(self, shelf: Shelf) -> None:
        """After a new signature "already registered" means that the first one arrived."""
        entry = shelf.leased(push(1, token=b"t1"))
        shelf.settle(entry, Event.TOKEN_SPENT, "EN-OUTCOME-UNKNOWN")
        shown = shelf.reader.show(entry.uid)
        assert shown is not None
        assert shown.row.unknown

    def test_the_last_answer_is_kept_and_no_other(self, shelf: Shelf) -> None:
        """An answer that belongs to nobody is about a patient, and would never be removed."""
        uid = shelf.kept(push())
        for answer in (replace(ANSWER, body=b"<no/>"), ANSWER):
            (entry,) = shelf.lease()
            shelf.settle(entry, Event.REFUSED_FOR_GOOD, "RTUDEST", answer)
            shelf.do(lambda session: interventions.retry(session, uid, BY, shelf.at))
        row = shelf.do(lambda session: messages.get(session, uid))
        assert shelf.session.execute("SELECT id FROM answers").fetchall() == [(row.answer,)]

    def test_the_counters_follow(self, shelf: Shelf) -> None:
        """Monitoring reads a few rows, never a million."""
        shelf.settle(shelf.leased(push(1)), Event.ACKNOWLEDGED)
        shelf.kept(push(2))
        counts = {(count.state.value, count.messages) for count in shelf.reader.overview().counts}
        assert counts == {("DELIVERED", 1), ("KEPT", 1)}


class TestExpire:
    def test_a_message_ends_with_its_lifetime(self, shelf: Shelf) -> None:
        """A prescription that arrives tomorrow does harm: the sender is told instead."""
        uid = shelf.kept(push(1, lifetime_s=60))
        shelf.clock.advance(60)
        assert [(entry.uid, entry.payload.body) for entry in shelf.expire()] == [(uid, b"")]
        assert shelf.state(uid) == "EXPIRED"

    def test_what_is_in_flight_is_left_to_its_owner(self, shelf: Shelf) -> None:
        """It may be delivered this very moment."""
        shelf.leased(push(1, lifetime_s=60))
        shelf.clock.advance(61)
        assert shelf.expire() == []

    def test_a_push_in_that_was_acknowledged_never_ends(self, shelf: Shelf) -> None:
        """We said we have it: it waits until taken or discarded by a named person."""
        shelf.kept(push(1, direction=Direction.IN, lifetime_s=None))
        shelf.clock.advance(10**9)
        assert shelf.expire() == []

    def test_a_whole_lane_may_end_at_once(self, shelf: Shelf) -> None:
        """The end of the head makes the next one head, which ends too."""
        uids = [shelf.kept(push(n, lifetime_s=60)) for n in (1, 2, 3)]
        shelf.clock.advance(61)
        assert [entry.uid for entry in shelf.expire()] == uids
        assert shelf.session.execute("SELECT count(*) FROM messages WHERE head IS NOT NULL").fetchone() == (0,)


class TestTakeBack:
    def test_a_lease_of_an_older_run_is_due_at_once_and_unknown(self, shelf: Shelf) -> None:
        """The process that held it is gone, and may have sent it: same id, same bytes, marked."""
        uid = shelf.leased(push(1)).uid
        shelf.restart()
        entries = shelf.lease()
        assert [(entry.uid, entry.unknown, entry.attempts) for entry in entries] == [(uid, True, 1)]

    def test_a_token_that_may_have_been_seen_is_not_sent_again(self, shelf: Shelf) -> None:
        """Tokens are for one use: the message waits for a new signature."""
        uid = shelf.leased(push(1, token=b"t1")).uid
        shelf.restart()
        assert (shelf.lease(), shelf.state(uid)) == ([], "NEEDS_TOKEN")

    def test_one_whose_copies_do_no_harm_goes_again(self, shelf: Shelf) -> None:
        """Its receiver recognises it, and a fresh access token is fetched for each handover anyway."""
        uid = shelf.leased(push(1, token=b"t1", is_repeatable=True)).uid
        shelf.restart()
        assert [(entry.uid, entry.unknown, entry.is_repeatable) for entry in shelf.lease()] == [(uid, True, True)]

    def test_one_whose_token_was_refused_waits_all_the_same(self, shelf: Shelf) -> None:
        """Asking again with tokens that have ended helps nobody."""
        entry = shelf.leased(push(1, token=b"t1", is_repeatable=True))
        shelf.settle(entry, Event.TOKEN_SPENT, "EN-TOKEN-REFUSED")
        assert (shelf.lease(), shelf.state(entry.uid)) == ([], "NEEDS_TOKEN")

    def test_a_fhir_request_comes_out_as_it_went_in(self, shelf: Shelf) -> None:
        """After a restart as before: method, address and headers belong to the message."""
        headers = (("aorta-id", "initialRequestID=1; requestID=2"), ("accept", "application/fhir+json"))
        given = Payload(
            path="fhir/R4/Task/1",
            soap_action="",
            body=b"{}",
            content_type="application/fhir+json",
            format=Format.FHIR,
            method="PUT",
            headers=headers,
        )
        shelf.leased(push(1, payload=given))
        shelf.restart()
        assert [entry.payload for entry in shelf.lease()] == [given]

    def test_pauses_of_an_older_run_are_over(self, shelf: Shelf) -> None:
        """The monotonic clock begins anew with the machine: its old moments mean nothing."""
        shelf.put_back(shelf.leased(push(1)), after_s=300)
        shelf.restart(running_s=1)
        assert (shelf.next_due_s(), len(shelf.lease())) == (0, 1)

    def test_a_lease_cannot_be_ended_by_the_next_run(self, shelf: Shelf) -> None:
        """What an old process knew is not what the new one did."""
        entry = shelf.leased(push(1))
        shelf.restart()
        newer = shelf.lease()[0]
        with pytest.raises(EdgeNodeError):
            shelf.settle(replace(newer, fence=entry.fence), Event.ACKNOWLEDGED)
