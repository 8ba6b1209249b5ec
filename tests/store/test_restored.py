"""A store after a restore: nothing goes by itself, everything new is taken, a person lets go by age."""

from pathlib import Path

import pytest

from edge_node.errors import Refused
from edge_node.model.backup import Span
from edge_node.model.keeping import Admitted, LaneClosed
from edge_node.model.lifecycle import Event, State
from edge_node.model.overview import By
from edge_node.store import interventions, life, messages, restored
from edge_node.store.life import Change
from edge_node.store.messages import Message
from tests.store.shelf import ANSWER, OTHER_PATIENT, Shelf, push

BY = By(who="jan", why="not delivered, asked the pharmacy")
HOUR_S = 3600.0


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "store.db")


def hold_all(shelf: Shelf) -> int:
    return restored.hold_all(shelf.session, shelf.at, lambda _held: None)


def state(shelf: Shelf, uid: str) -> str:
    return shelf.do(lambda session: messages.get(session, uid)).state


def act(shelf: Shelf, ending: str, span: Span, limit: int = 100) -> list[Message]:
    return shelf.do(lambda session: restored.act(session, ending, span, (limit, BY, shelf.at)))


class TestHolding:
    def test_takes_every_open_message(self, shelf: Shelf) -> None:
        """Each of them may have been delivered after the backup: sent again by itself, it would come twice."""
        waiting, leased = shelf.kept(push(1)), shelf.leased(push(2, order="other"))
        shelf.restart()
        assert hold_all(shelf) == 2
        assert (state(shelf, waiting), state(shelf, leased.uid)) == ("HELD", "HELD")
        assert shelf.lease() == []

    def test_calls_the_outcome_of_each_unknown(self, shelf: Shelf) -> None:
        """A receiver that says "I have this already" is then believed."""
        uid = shelf.kept(push(1))
        hold_all(shelf)
        assert shelf.do(lambda session: messages.get(session, uid)).unknown == 1

    def test_leaves_what_is_over(self, shelf: Shelf) -> None:
        """What was delivered before the backup stays delivered."""
        entry = shelf.leased(push(1))
        shelf.settle(entry, Event.ACKNOWLEDGED)
        assert hold_all(shelf) == 0
        assert state(shelf, entry.uid) == "DELIVERED"

    def test_leaves_the_reason_of_what_a_person_held(self, shelf: Shelf) -> None:
        """Who releases by age must not release what a colleague stopped on purpose."""
        uid = shelf.kept(push(1))
        change = Change(event=Event.HELD_BACK, at=shelf.at, code="EN-UNKNOWN-CODE", by=BY)
        shelf.do(lambda session: life.step(session, messages.get(session, uid), change))
        assert hold_all(shelf) == 0
        assert act(shelf, "release", Span()) == []
        assert state(shelf, uid) == "HELD"

    def test_is_written_in_the_history_and_the_counts(self, shelf: Shelf) -> None:
        """Who looks at one message later must see that a restore held it."""
        uid = shelf.kept(push(1))
        hold_all(shelf)
        shown = shelf.reader.show(uid)
        assert shown is not None
        assert (shown.steps[-1].event, shown.steps[-1].code) == (Event.HELD_BACK, "EN-RESTORED")
        assert [(each.state, each.messages) for each in shelf.reader.overview().counts] == [(State.HELD, 1)]

    def test_lets_nothing_expire(self, shelf: Shelf) -> None:
        """Its lifetime may have ended while the machine was away, after it was delivered: a person finds out."""
        uid = shelf.kept(push(1, lifetime_s=60))
        hold_all(shelf)
        shelf.clock.advance(HOUR_S)
        assert shelf.expire() == []
        assert state(shelf, uid) == "HELD"

    def test_looks_at_no_more_than_its_part(self, shelf: Shelf) -> None:
        """A million messages in parts of two thousand: each part must not walk the million."""
        plan = shelf.session.execute(f"EXPLAIN QUERY PLAN {restored._UNCERTAIN}", (1, 2)).fetchall()
        assert [line[3] for line in plan] == ["SEARCH messages USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"]

    def test_of_many_is_done_in_parts(self, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
        """A store of a hundred thousand must not need one transaction of that size."""
        monkeypatch.setattr(restored, "_MARKED_AT_ONCE", 2)
        for number in range(5):
            shelf.kept(push(number, order=str(number)))
        told: list[int] = []
        assert restored.hold_all(shelf.session, shelf.at, told.append) == 5
        assert told == [2, 4, 5]


class TestIntake:
    def test_goes_on_at_once(self, shelf: Shelf) -> None:
        """The practice works while somebody finds out what was delivered."""
        shelf.kept(push(1))
        hold_all(shelf)
        assert isinstance(shelf.keep(push(2, patient=OTHER_PATIENT)), Admitted)

    def test_keeps_behind_what_is_held(self, shelf: Shelf) -> None:
        """For the same patient too, and in order: the new one goes when the old one was released."""
        old = shelf.kept(push(1))
        hold_all(shelf)
        admitted = shelf.keep(push(2), lease=True)
        assert isinstance(admitted, Admitted)
        assert admitted.entry is None
        assert shelf.lease() == []
        act(shelf, "release", Span())
        (entry,) = shelf.lease()
        assert entry.uid == old

    def test_of_what_is_not_kept_names_what_is_held(self, shelf: Shelf) -> None:
        """It cannot wait, and must not overtake."""
        old = shelf.kept(push(1))
        hold_all(shelf)
        refused = shelf.begin(push(2))
        assert isinstance(refused, LaneClosed)
        assert (refused.uid, refused.closed) == (old, True)

    def test_knows_a_copy(self, shelf: Shelf) -> None:
        """What was handed in before the backup is still recognised, and answered as it was."""
        shelf.keep(push(1), answer=ANSWER)
        hold_all(shelf)
        known = shelf.keep(push(1))
        assert getattr(known, "answer", None) == ANSWER


class TestRelease:
    def test_chooses_by_age(self, shelf: Shelf) -> None:
        """What is older than the backup before this one was surely seen; what is younger perhaps not."""
        old = shelf.kept(push(1, order="a"))
        shelf.clock.advance(HOUR_S)
        young = shelf.kept(push(2, order="b"))
        hold_all(shelf)
        (released,) = act(shelf, "release", Span(since=shelf.clock.now() - HOUR_S / 2))
        assert released.uid == young
        assert state(shelf, old) == "HELD"

    def test_goes_a_little_at_a_time(self, shelf: Shelf) -> None:
        """A hundred thousand at once would keep every other message waiting."""
        for number in range(5):
            shelf.kept(push(number, order=str(number)))
        hold_all(shelf)
        assert [len(act(shelf, "release", Span(), limit=2)) for _ in range(4)] == [2, 2, 1, 0]

    def test_delivers_in_order(self, shelf: Shelf) -> None:
        """A change of medication must not overtake the prescription it changes."""
        uids = [shelf.kept(push(number)) for number in range(3)]
        hold_all(shelf)
        act(shelf, "release", Span())
        delivered = []
        while entries := shelf.lease():
            delivered += [entry.uid for entry in entries]
            shelf.settle(entries[0], Event.ACKNOWLEDGED)
        assert delivered == uids

    def test_begins_its_lifetime_anew(self, shelf: Shelf) -> None:
        """A person chose to send it now; the time the machine was away does not count."""
        uid = shelf.kept(push(1, lifetime_s=60))
        hold_all(shelf)
        shelf.clock.advance(HOUR_S)
        act(shelf, "release", Span())
        assert shelf.expire() == []
        shelf.clock.advance(61)
        assert [entry.uid for entry in shelf.expire()] == [uid]

    def test_of_what_a_person_held_begins_its_lifetime_anew_too(self, shelf: Shelf) -> None:
        """Acute care that nobody gets must end some day: then somebody takes the telephone."""
        uid = shelf.kept(push(1, lifetime_s=60))
        shelf.do(lambda session: interventions.hold(session, uid, BY, shelf.at))
        hold_all(shelf)
        shelf.clock.advance(HOUR_S)
        shelf.do(lambda session: interventions.release(session, uid, BY, shelf.at))
        assert shelf.expire() == []
        shelf.clock.advance(61)
        assert [entry.uid for entry in shelf.expire()] == [uid]

    def test_of_a_signed_message_waits_for_a_signature(self, shelf: Shelf) -> None:
        """Its token may have been used between the backup and the restore, and a token is for one use."""
        uid = shelf.kept(push(1, token=b"t"))
        hold_all(shelf)
        act(shelf, "release", Span())
        assert state(shelf, uid) == "NEEDS_TOKEN"

    def test_says_who_and_why(self, shelf: Shelf) -> None:
        """Each message tells who let it go."""
        uid = shelf.kept(push(1))
        hold_all(shelf)
        act(shelf, "release", Span())
        shown = shelf.reader.show(uid)
        assert shown is not None
        assert (shown.steps[-1].who, shown.steps[-1].why) == (BY.who, BY.why)
        assert shown.row.code == ""

    def test_can_be_a_discard(self, shelf: Shelf) -> None:
        """What was found to be delivered is ended, and its lane goes on."""
        old = shelf.kept(push(1))
        hold_all(shelf)
        young = shelf.kept(push(2))
        act(shelf, "discard", Span(until=shelf.clock.now() + 1))
        assert state(shelf, old) == "DISCARDED"
        assert [entry.uid for entry in shelf.lease()] == [young]

    def test_of_another_kind_is_refused(self, shelf: Shelf) -> None:
        """Only what the operator can mean."""
        with pytest.raises(Refused, match="EN-CONTROL-REQUEST"):
            act(shelf, "forget", Span())


class TestCounting:
    def test_ends_with_the_last_one(self, shelf: Shelf) -> None:
        """The status says "restored" until nothing is held any more, by whatever verb it went."""
        uid, _ = shelf.kept(push(1)), shelf.kept(push(2))
        hold_all(shelf)
        assert restored.held(shelf.session.connection) == 2
        shelf.do(lambda session: interventions.retry(session, uid, BY, shelf.at))
        act(shelf, "discard", Span())
        assert restored.held(shelf.session.connection) == 0

    @pytest.mark.parametrize("sql", [restored._COUNT, restored._CHOSEN])
    def test_never_walks_the_queue(self, shelf: Shelf, sql: str) -> None:
        """It is asked for at every look at the status."""
        values = ("out", 0.0, 1.0, 1)[: sql.count("?")]
        plan = shelf.session.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
        assert [line[3].split(" USING ")[0] for line in plan] == ["SEARCH messages"]
        assert "messages_restored (direction=? AND kept_at>? AND kept_at<?)" in plan[0][3]
