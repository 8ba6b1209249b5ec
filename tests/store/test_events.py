"""What local systems are told is written in the commit of the step that causes it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_node.model.identifiers import ApplicationId, InteractionId
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction, StoredAnswer
from edge_node.model.notice import Ages, Notice, NoticeKind
from edge_node.model.overview import By
from edge_node.store import admission, aside, events, interventions, late, queue, restored, views
from edge_node.store.life import Change
from edge_node.store.surroundings import Moment

from .shelf import ANSWER, Shelf, push

OUR_PUSH_IN = {"direction": Direction.IN, "lifetime_s": None}
DEAD = Event.REFUSED_FOR_GOOD
ACUTE = "ZTAZ_IN000001NL01"
AGES = Ages(acute=frozenset({ACUTE}))
ACCEPTED = StoredAnswer(status=200, content_type="text/xml", body=b"<own/>")


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "store.db")
    yield shelf
    shelf.close()


def told(shelf: Shelf, application: str = "300", after: int = 0) -> list[Notice]:
    """What this application is told."""
    return list(events.after(shelf.session.connection, {application}, after, 100))


def kinds(shelf: Shelf, application: str = "300") -> list[str]:
    """The kinds of it."""
    return [notice.kind.value for notice in told(shelf, application)]


def told_kept(shelf: Shelf, uid: str, answer: StoredAnswer = ANSWER) -> None:
    """The sender of a kept message is answered with "kept"."""
    shelf.do(lambda session: admission.answered(session, uid, answer))


class TestOut:
    def test_delivered_after_kept_is_told(self, shelf: Shelf) -> None:
        """Its sender heard "kept" and nothing since."""
        entry = shelf.leased(push())
        told_kept(shelf, entry.uid)
        shelf.settle(entry, Event.ACKNOWLEDGED, "CA", ACCEPTED)
        assert kinds(shelf) == ["delivered"]

    def test_delivered_while_its_sender_waits_is_no_news(self, shelf: Shelf) -> None:
        """He has the answer itself."""
        entry = shelf.leased(push())
        shelf.settle(entry, Event.ACKNOWLEDGED, "CA", ACCEPTED)
        told_kept(shelf, entry.uid, ACCEPTED)
        assert kinds(shelf) == []

    def test_delivered_just_before_kept_was_answered_is_no_news(self, shelf: Shelf) -> None:
        """The answer came as the wait ended: the sender hears it, and no "kept" that is true no more."""
        entry = shelf.leased(push())
        shelf.settle(entry, Event.ACKNOWLEDGED, "CA", ACCEPTED)
        assert shelf.do(lambda session: admission.answered(session, entry.uid, ANSWER)) == ACCEPTED
        assert kinds(shelf) == []

    def test_refused_is_told_with_its_code(self, shelf: Shelf) -> None:
        """What is wrong decides what to do."""
        entry = shelf.leased(push())
        shelf.settle(entry, DEAD, "RTUDEST")
        (notice,) = told(shelf)
        assert (notice.kind, notice.code, notice.uid, notice.state) == (NoticeKind.DEAD, "RTUDEST", entry.uid, "DEAD")

    def test_expired_is_told(self, shelf: Shelf) -> None:
        """In acute care somebody must telephone."""
        shelf.kept(push())
        shelf.clock.advance(3601)
        shelf.expire()
        assert [(one.kind, one.code) for one in told(shelf)] == [("expired", "EN-LIFETIME-ENDED")]

    def test_unknown_outcome_is_told_once(self, shelf: Shelf) -> None:
        """Each further try with the same doubt is no news."""
        entry = shelf.leased(push())
        shelf.put_back(entry, unknown=True)
        shelf.clock.advance(5)
        (again,) = shelf.lease()
        shelf.put_back(again, unknown=True)
        assert kinds(shelf) == ["outcome-unknown"]

    def test_spent_token_is_told_as_one_thing(self, shelf: Shelf) -> None:
        """Sent, no answer, and only a new signature lets it go on: one notice says all of it."""
        entry = shelf.leased(push(token=b"t" * 32))
        shelf.put_back(entry, unknown=True)
        assert [(one.kind, one.unknown) for one in told(shelf)] == [("needs-token", True)]

    def test_what_a_person_does_is_told(self, shelf: Shelf) -> None:
        """The HIS shows the same as the queue."""
        by, uid = By(who="jan", why="test"), shelf.kept(push())
        for verb in (interventions.hold, interventions.release, interventions.hold, interventions.discard):
            shelf.do(lambda session, verb=verb: verb(session, uid, by, shelf.at))
        assert kinds(shelf) == ["held", "released", "held", "discarded"]

    def test_pause_between_two_tries_is_no_news(self, shelf: Shelf) -> None:
        """The node does what it promised."""
        shelf.put_back(shelf.leased(push()))
        assert kinds(shelf) == []


class TestIn:
    def test_refusal_by_the_local_system_is_told_to_its_people(self, shelf: Shelf) -> None:
        """The sender got CA and believes that they have it."""
        shelf.keep(push(**OUR_PUSH_IN), answer=ANSWER)
        (entry,) = shelf.lease(direction=Direction.IN)
        shelf.settle(entry, DEAD, "SYN")
        assert kinds(shelf, "400") == ["dead"]
        assert kinds(shelf, "300") == []

    def test_no_by_the_local_system_is_told_once_though_it_is_offered_again(self, shelf: Shelf) -> None:
        """It may say no for ever; and that it took it in the end is told too."""
        shelf.keep(push(**OUR_PUSH_IN), answer=ANSWER)
        for code in ("SYN105", "SYN105", "EN-LOCAL-UNREACHABLE"):
            (entry,) = shelf.lease(direction=Direction.IN)
            change = Change(event=Event.DELIVERY_FAILED, at=shelf.at, code=code)
            shelf.do(lambda session, entry=entry, change=change: queue.put_back(session, entry, change))
        (entry,) = shelf.lease(direction=Direction.IN)
        shelf.settle(entry, Event.ACKNOWLEDGED, "CA")
        assert [(one.kind, one.code) for one in told(shelf, "400")] == [("late", "SYN105"), ("delivered", "CA")]

    @pytest.mark.parametrize("code", ["NOSTORE", "EN-LOCAL-UNREACHABLE", "EN-LOCAL-TIMEOUT"])
    def test_local_system_that_is_away_for_a_moment_is_no_news(self, shelf: Shelf, code: str) -> None:
        """It restarts every night; only its age is told."""
        shelf.keep(push(**OUR_PUSH_IN), answer=ANSWER)
        (entry,) = shelf.lease(direction=Direction.IN)
        change = Change(event=Event.DELIVERY_FAILED, at=shelf.at, code=code)
        shelf.do(lambda session: queue.put_back(session, entry, change))
        assert kinds(shelf, "400") == []

    def test_delivery_is_no_news(self, shelf: Shelf) -> None:
        """The local system has it."""
        shelf.keep(push(**OUR_PUSH_IN), answer=ANSWER)
        (entry,) = shelf.lease(direction=Direction.IN)
        shelf.settle(entry, Event.ACKNOWLEDGED, "CA")
        assert kinds(shelf, "400") == []


class TestLate:
    def look(self, shelf: Shelf) -> list[str]:
        return [one.interaction for one in shelf.do(lambda session: late.tell(session, AGES, 100, shelf.at))]

    def kept_in(self, shelf: Shelf, number: int, interaction: str) -> None:
        receiver = ApplicationId(str(400 + number))
        shelf.kept(push(number, receiver=receiver, interaction=InteractionId(interaction), **OUR_PUSH_IN))

    def test_acute_care_is_late_after_a_quarter_and_the_rest_after_four_hours(self, shelf: Shelf) -> None:
        """A referral to the emergency department cannot wait for the morning."""
        self.kept_in(shelf, 1, ACUTE)
        self.kept_in(shelf, 2, "PORX_IN932000NL")
        found = []
        for seconds in (899, 2, 4 * 3600 - 1000, 1000):
            shelf.clock.advance(seconds)
            found.append(self.look(shelf))
        assert found == [[], [ACUTE], [], ["PORX_IN932000NL"]]

    def test_each_is_told_once_and_counted_until_it_is_taken(self, shelf: Shelf) -> None:
        """A mail every quarter of an hour is soon not read any more."""
        self.kept_in(shelf, 1, ACUTE)
        shelf.clock.advance(1000)
        assert (self.look(shelf), self.look(shelf)) == ([ACUTE], [])
        assert views.overview(shelf.session.connection, shelf.at).late == 1
        (entry,) = shelf.lease(direction=Direction.IN)
        shelf.settle(entry, Event.ACKNOWLEDGED, "CA")
        assert views.overview(shelf.session.connection, shelf.at).late == 0

    def test_that_it_was_taken_after_all_is_told(self, shelf: Shelf) -> None:
        """Whoever was alarmed may sit down again."""
        self.kept_in(shelf, 1, ACUTE)
        shelf.clock.advance(1000)
        self.look(shelf)
        (entry,) = shelf.lease(direction=Direction.IN)
        shelf.settle(entry, Event.ACKNOWLEDGED, "CA")
        assert kinds(shelf, "401") == ["late", "delivered"]

    def test_looking_walks_no_table(self, shelf: Shelf) -> None:
        """With a million waiting a look costs what one costs."""
        plan = shelf.session.execute(f"EXPLAIN QUERY PLAN {late._LOOK}", (0, 1.0, 100)).fetchall()
        assert [row[3].startswith("SEARCH messages USING INDEX messages_late") for row in plan] == [True]


class TestReading:
    def test_each_application_has_its_own_in_order(self, shelf: Shelf) -> None:
        """What became of one practice's messages is no business of another."""
        for number, sender in ((1, "300"), (2, "301"), (3, "300")):
            entry = shelf.leased(push(number, sender=ApplicationId(sender)))
            shelf.settle(entry, DEAD, "RTUDEST")
        connection = shelf.session.connection
        assert [one.seq for one in told(shelf)] == [1, 3]
        assert [one.seq for one in events.after(connection, {"300", "301"}, 1, 1)] == [2]
        assert [one.seq for one in events.after(connection, None, 0, 100)] == [1, 2, 3]

    def test_a_new_way_begins_now_and_never_goes_back(self, shelf: Shelf) -> None:
        """A webhook that is configured today is not called for last month."""
        shelf.settle(shelf.leased(push()), DEAD, "RTUDEST")
        assert shelf.do(lambda session: events.cursor(session, "300", "webhook")) == 1
        for upto in (7, 3):
            shelf.do(lambda session, upto=upto: events.advance(session, "300", "webhook", upto))
        shelf.restart()
        assert shelf.do(lambda session: events.cursor(session, "300", "webhook")) == 7

    def test_they_go_when_dead_letters_go(self, shelf: Shelf) -> None:
        """Thirty days; and no number is ever given twice."""
        shelf.settle(shelf.leased(push()), DEAD, "RTUDEST")
        shelf.clock.advance(30 * 86_400 + 1)
        shelf.do(lambda session: events.forget(session, 100, shelf.at))
        shelf.settle(shelf.leased(push(2)), DEAD, "RTUDEST")
        assert [one.seq for one in told(shelf)] == [2]

    def test_after_a_restore_the_numbers_go_on_far_beyond(self, shelf: Shelf) -> None:
        """Who read up to 5 must not miss the new 5."""
        shelf.settle(shelf.leased(push()), DEAD, "RTUDEST")
        shelf.kept(push(2))
        shelf.do(lambda session: events.leap(session.connection))
        restored.hold_all(shelf.session, shelf.at, lambda _: None)
        before, after = told(shelf)
        assert (before.seq, after.seq > 1_000_000, after.code) == (1, True, "EN-RESTORED")

    def test_who_read_what_a_restore_lost_goes_on_where_the_backup_ended(self, shelf: Shelf) -> None:
        """The numbers between were given by the store that is gone, and this one cannot tell to what."""
        shelf.settle(shelf.leased(push()), DEAD, "RTUDEST")
        shelf.kept(push(2))
        shelf.do(lambda session: events.leap(session.connection))
        restored.hold_all(shelf.session, shelf.at, lambda _: None)
        connection = shelf.session.connection
        newest = told(shelf)[-1].seq
        assert [events.known(connection, seq) for seq in (0, 1, 2, 999_999, newest, newest + 1)] == [
            0, 1, 1, 1, newest, 0,
        ]  # fmt: skip

    def test_a_second_restore_hides_nothing_of_the_first(self, shelf: Shelf) -> None:
        """A system that was away for both is told too."""
        shelf.do(lambda session: events.leap(session.connection))
        shelf.settle(shelf.leased(push()), DEAD, "RTUDEST")
        (last,) = told(shelf)
        shelf.do(lambda session: events.leap(session.connection))
        connection = shelf.session.connection
        assert [events.known(connection, seq) for seq in (5, last.seq, last.seq + 5)] == [0, last.seq, last.seq]

    def test_holds_no_patient(self, shelf: Shelf) -> None:
        """It is mailed."""
        columns = {row[1] for row in shelf.session.execute("PRAGMA table_info(events)")}
        assert "patient" not in columns

    def test_a_step_that_is_undone_is_not_told(self, shelf: Shelf) -> None:
        """What did not happen is never told."""
        entry = shelf.leased(push())

        def fails(session: object) -> None:
            queue.settle(shelf.session, entry, queue.settling(DEAD, "RTUDEST", Moment(1.0, 1)), None)
            raise ValueError("after it")

        with pytest.raises(ValueError, match="after it"):
            shelf.do(fails)
        assert kinds(shelf) == []


class TestAside:
    def test_a_message_that_cannot_be_read_any_more_is_told(self, shelf: Shelf) -> None:
        """Its sender heard "kept": only he can send it again."""
        uid = shelf.kept(push())
        shelf.do(lambda session: aside.set_aside(session, 1, "row: invented", shelf.at))
        assert [(one.kind, one.uid, one.code) for one in told(shelf)] == [("set-aside", uid, "EN-SET-ASIDE")]

    def test_one_that_was_delivered_is_not(self, shelf: Shelf) -> None:
        """Nobody has to do anything."""
        shelf.settle(shelf.leased(push()), Event.ACKNOWLEDGED, "CA", ACCEPTED)
        shelf.do(lambda session: aside.set_aside(session, 1, "row: invented", shelf.at))
        assert kinds(shelf) == []

    def test_one_that_nobody_can_name_leaves_the_others_to_be_read(self, shelf: Shelf) -> None:
        """A notice that cannot be read would silence all that come after it."""
        shelf.kept(push())
        shelf.session.execute("UPDATE messages SET root = 'no oid'")
        shelf.do(lambda session: aside.set_aside(session, 1, "row: invented", shelf.at))
        assert kinds(shelf) == []
