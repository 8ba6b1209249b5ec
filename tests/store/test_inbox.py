"""What a local system fetches: locks, and how each ends."""

from pathlib import Path
from typing import Any

import pytest

from edge_node.errors import Refused
from edge_node.model.identifiers import ApplicationId
from edge_node.model.inbox import Fetcher, Key, Offer, Wish
from edge_node.model.keeping import Push
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction
from edge_node.model.overview import By, Choice, Rest
from edge_node.store import inbox, interventions, parking, queue
from tests.store.logged import lines, told
from tests.store.shelf import OTHER_PATIENT, Shelf, push

HIS = Fetcher(system="his", applications=frozenset({"400", "401"}))
AIS = Fetcher(system="ais", applications=frozenset({"500"}))
SECOND_HIS = Fetcher(system="his-2", applications=HIS.applications)
ANN = By(who="ann", why="the HIS is down")


class Counter(Shelf):
    """A store from which local systems fetch."""

    def lock(self, fetcher: Fetcher = HIS, *, most: int = 10, lock_s: float = 60) -> list[Offer]:
        wish = Wish(most=most, lock_s=lock_s)
        return self.do(lambda session: inbox.lock(session, (fetcher, wish), self.chance, self.at))

    def one(self, fetcher: Fetcher = HIS, **how: Any) -> Offer:
        (offer,) = self.lock(fetcher, **how)
        return offer

    def confirm(self, key: Key, fetcher: Fetcher = HIS) -> str:
        return self.do(lambda session: inbox.confirm(session, fetcher, key, self.at)).state

    def release(self, key: Key, fetcher: Fetcher = HIS) -> str:
        return self.do(lambda session: inbox.release(session, fetcher, key, self.at)).state

    def extend(self, key: Key, lock_s: float) -> str:
        return self.do(lambda session: inbox.extend(session, HIS, key, (lock_s, self.at))).state

    def end_locks(self) -> int:
        return self.do(lambda session: inbox.end_locks(session, 100, self.at))

    def unpark(self) -> int:
        return self.do(lambda session: parking.unpark(session, 100, self.at))

    def read(self, uid: str) -> None:
        self.do(lambda session: inbox.read(session, uid, ANN, self.at))

    def refusal(self, work: Any) -> str:
        with pytest.raises(Refused) as refused:
            work()
        return refused.value.code


@pytest.fixture
def counter(tmp_path: Path):
    counter = Counter(tmp_path / "state" / "store.db")
    yield counter
    counter.close()


def push_in(number: int = 1, **other: Any) -> Push:
    return push(number, direction=Direction.IN, lifetime_s=None, **other)


class TestLock:
    def test_gives_the_oldest_first(self, counter: Counter) -> None:
        """A letter of this morning is read before one of this afternoon."""
        uids = [counter.kept(push_in(number, order=str(number))) for number in (1, 2, 3)]
        assert [offer.key.uid for offer in counter.lock(most=2)] == uids[:2]

    def test_gives_only_the_head_of_a_lane(self, counter: Counter) -> None:
        """A correction never comes before what it corrects."""
        first = counter.kept(push_in(1))
        counter.kept(push_in(2))
        assert [offer.key.uid for offer in counter.lock()] == [first]

    def test_mixes_the_applications_of_one_system_by_age(self, counter: Counter) -> None:
        """A health centre fetches for practice and pharmacy in one request, and neither starves the other."""
        receivers = ("401", "400", "401")
        uids = [counter.kept(push_in(n, receiver=ApplicationId(it), order=str(n))) for n, it in enumerate(receivers)]
        assert [offer.key.uid for offer in counter.lock()] == uids

    def test_gives_nobody_anothers_message(self, counter: Counter) -> None:
        """The pharmacy must never see a letter to the practice."""
        counter.kept(push_in())
        assert counter.lock(AIS) == []

    def test_gives_no_message_that_goes_out(self, counter: Counter) -> None:
        """The inbox is one way."""
        counter.kept(push())
        assert counter.lock() == []

    def test_gives_a_message_to_one_of_two(self, counter: Counter) -> None:
        """Two workers of one system, or two systems: never the same letter twice."""
        counter.kept(push_in())
        assert (len(counter.lock()), counter.lock(SECOND_HIS)) == (1, [])

    def test_keeps_the_line_away(self, counter: Counter) -> None:
        """What a system is storing just now is not pushed to it as well."""
        counter.kept(push_in())
        counter.lock()
        assert counter.lease(direction=Direction.IN) == []

    def test_leaves_what_the_line_is_handing_over(self, counter: Counter) -> None:
        """The other way round as well."""
        counter.kept(push_in())
        counter.lease(direction=Direction.IN)
        assert counter.lock() == []

    def test_takes_what_waits_for_its_next_push(self, counter: Counter) -> None:
        """A system whose listener is broken can still fetch."""
        counter.kept(push_in())
        (entry,) = counter.lease(direction=Direction.IN)
        counter.put_back(entry, after_s=300, unknown=False)
        assert (counter.one().redelivery, counter.state(entry.uid)) == (False, "IN_FLIGHT")

    def test_says_that_a_push_may_have_arrived(self, counter: Counter) -> None:
        """The answer to the push was lost: the system looks whether it has the letter."""
        counter.kept(push_in())
        (entry,) = counter.lease(direction=Direction.IN)
        counter.put_back(entry, after_s=300, unknown=True)
        assert counter.one().redelivery

    def test_leaves_what_is_held(self, counter: Counter) -> None:
        """After a restore a person releases first."""
        uid = counter.kept(push_in())
        counter.do(lambda session: interventions.hold(session, uid, ANN, counter.at))
        assert counter.lock() == []

    def test_waits_behind_a_push_that_is_on_its_way(self, counter: Counter) -> None:
        """A relayed push holds its lane until it ends; nothing kept after it overtakes it."""
        counter.begin(push_in(1))
        uid = counter.kept(push_in(2))
        assert counter.lock() == []
        counter.clock.advance(3600)
        assert counter.one().key.uid == uid

    def test_gives_nobody_what_cannot_be_read(self, counter: Counter) -> None:
        """One damaged letter is set aside; the one behind it comes."""
        counter.kept(push_in(1))
        second = counter.kept(push_in(2, order="x"))
        counter.session.execute("UPDATE bodies SET body = X'00' WHERE seq = 1")
        assert [offer.key.uid for offer in counter.lock()] == [second]
        assert counter.count("set_aside") == 1


class TestConfirm:
    def test_delivers(self, counter: Counter) -> None:
        """The system has stored it: that, and nothing else, is delivery."""
        counter.kept(push_in())
        offer = counter.one()
        assert counter.confirm(offer.key) == "DELIVERED"
        assert counter.events(offer.key.uid) == ["CHECKS_PASSED", "LEASED", "CONFIRMED"]

    def test_opens_the_lane_for_the_next(self, counter: Counter) -> None:
        """Order is kept by the system's own pace."""
        counter.kept(push_in(1))
        second = counter.kept(push_in(2))
        counter.confirm(counter.one().key)
        assert counter.one().key.uid == second

    def test_is_answered_the_same_when_it_is_said_again(self, counter: Counter) -> None:
        """Its answer was lost, so the system says it again: it must not think that it failed."""
        counter.kept(push_in())
        key = counter.one().key
        assert [counter.confirm(key) for _ in range(2)] == ["DELIVERED", "DELIVERED"]
        assert counter.events(key.uid).count("CONFIRMED") == 1

    def test_counts_after_the_lock_ended(self, counter: Counter) -> None:
        """A system that stored it slowly has it all the same."""
        counter.kept(push_in())
        key = counter.one(lock_s=60).key
        counter.clock.advance(61)
        counter.end_locks()
        assert counter.confirm(key) == "DELIVERED"

    def test_counts_in_the_moment_between_the_end_and_its_noticing(self, counter: Counter) -> None:
        """Nobody else was given it, whatever the clock says."""
        counter.kept(push_in())
        key = counter.one(lock_s=60).key
        counter.clock.advance(61)
        assert counter.confirm(key) == "DELIVERED"

    def test_counts_after_a_restart(self, counter: Counter) -> None:
        """The node died between the fetching and the confirming: what is stored there is delivered."""
        counter.kept(push_in())
        key = counter.one().key
        counter.restart()
        assert counter.confirm(key) == "DELIVERED"

    def test_of_one_held_meanwhile_counts(self, counter: Counter) -> None:
        """A restore holds everything; what the system has is not offered a second time."""
        uid = counter.kept(push_in())
        key = counter.one(lock_s=1).key
        counter.clock.advance(2)
        counter.end_locks()
        counter.do(lambda session: interventions.hold(session, uid, ANN, counter.at))
        assert counter.confirm(key) == "DELIVERED"

    def test_is_refused_once_another_has_it(self, counter: Counter) -> None:
        """The second one stores it as well, told that it may be there already; who is first no longer decides."""
        counter.kept(push_in())
        key = counter.one(lock_s=60).key
        counter.clock.advance(61)
        taken = counter.one(SECOND_HIS)
        assert counter.refusal(lambda: counter.confirm(key)) == "EN-INBOX-LOCK"
        assert (taken.redelivery, counter.confirm(taken.key, SECOND_HIS)) == (True, "DELIVERED")

    def test_is_refused_while_the_line_pushes_it(self, counter: Counter) -> None:
        """Two outcomes of one message would be one too many."""
        counter.kept(push_in())
        key = counter.one(lock_s=60).key
        counter.clock.advance(61)
        counter.end_locks()
        assert len(counter.lease(direction=Direction.IN)) == 1
        assert counter.refusal(lambda: counter.confirm(key)) == "EN-INBOX-LOCK"

    @pytest.mark.parametrize(
        ("fetcher", "lock", "code"),
        [
            (HIS, "0" * 32, "EN-INBOX-LOCK"),
            (SECOND_HIS, None, "EN-INBOX-LOCK"),
            (AIS, None, "EN-NOT-FOUND"),
        ],
    )
    def test_is_refused_to_who_has_no_lock(
        self, counter: Counter, fetcher: Fetcher, lock: str | None, code: str
    ) -> None:
        """A guess, a colleague's lock or another organisation's message: nothing changes."""
        counter.kept(push_in())
        key = counter.one().key
        other = Key(uid=key.uid, lock=lock or key.lock)
        assert counter.refusal(lambda: counter.confirm(other, fetcher)) == code
        assert counter.state(key.uid) == "IN_FLIGHT"

    def test_is_refused_for_what_was_never_locked(self, counter: Counter) -> None:
        """Only what was fetched can be confirmed."""
        uid = counter.kept(push_in())
        assert counter.refusal(lambda: counter.confirm(Key(uid=uid, lock="0" * 32))) == "EN-INBOX-LOCK"

    def test_is_in_the_access_log(self, counter: Counter) -> None:
        """Who took the letter is asked for years later."""
        counter.kept(push_in())
        counter.confirm(counter.one().key)
        assert told(counter.session, "event.type", "event.code")[-1] == ("handover", "CONFIRMED")


class TestRelease:
    def test_offers_it_again_at_once(self, counter: Counter) -> None:
        """The system could not store it: nobody waits for the lock to end."""
        counter.kept(push_in())
        key = counter.one().key
        assert counter.release(key) == "WAITING"
        again = counter.one()
        assert (again.key.uid, again.redelivery) == (key.uid, False)

    def test_twice_is_one(self, counter: Counter) -> None:
        """A lost answer does no harm."""
        counter.kept(push_in())
        key = counter.one().key
        assert [counter.release(key) for _ in range(2)] == ["WAITING", "WAITING"]

    def test_of_a_confirmed_one_is_refused(self, counter: Counter) -> None:
        """It is delivered; to hand it out again would double it."""
        counter.kept(push_in())
        key = counter.one().key
        counter.confirm(key)
        assert counter.refusal(lambda: counter.release(key)) == "EN-ILLEGAL-STEP"


class TestExtend:
    def test_keeps_the_lock(self, counter: Counter) -> None:
        """A slow import is not handed to a second worker half way."""
        counter.kept(push_in())
        key = counter.one(lock_s=60).key
        counter.clock.advance(50)
        counter.extend(key, 60)
        counter.clock.advance(50)
        assert (counter.end_locks(), counter.state(key.uid)) == (0, "IN_FLIGHT")

    def test_of_a_lock_that_ended_is_refused(self, counter: Counter) -> None:
        """It may be somebody else's by now."""
        counter.kept(push_in())
        key = counter.one(lock_s=60).key
        counter.clock.advance(61)
        counter.end_locks()
        assert counter.refusal(lambda: counter.extend(key, 60)) == "EN-INBOX-LOCK"


class TestEnd:
    def test_of_time_offers_it_again_as_a_redelivery(self, counter: Counter) -> None:
        """A worker that died may have stored it: the next one looks."""
        counter.kept(push_in())
        first = counter.one(lock_s=60)
        counter.clock.advance(61)
        second = counter.one()
        assert (first.redelivery, second.redelivery) == (False, True)
        assert first.key != second.key

    def test_sees_no_step_of_the_wall_clock(self, counter: Counter) -> None:
        """A clock put right takes nothing out of anybody's hands."""
        counter.kept(push_in())
        counter.lock(lock_s=60)
        counter.clock.wall_s += 86_400
        assert counter.end_locks() == 0

    def test_of_the_process_offers_it_again_as_a_redelivery(self, counter: Counter) -> None:
        """Killed between fetching and confirming: nothing is lost, and the copy is called one."""
        uid = counter.kept(push_in())
        counter.lock(lock_s=3600)
        counter.restart()
        assert counter.state(uid) == "WAITING"
        assert counter.one().redelivery

    def test_of_the_message_ends_its_lock(self, counter: Counter) -> None:
        """No lock of a removed message can ever open a new one."""
        counter.kept(push_in())
        counter.confirm(counter.one().key)
        counter.session.execute("DELETE FROM messages")
        assert counter.count("inbox_locks") == 0


class TestParking:
    """A system that fetches is not pushed to."""

    def fetch_only(self, counter: Counter, *receivers: str) -> None:
        counter.session.fetched_by = frozenset(receivers)

    def test_nothing_is_pushed_to_a_system_that_fetches(self, counter: Counter) -> None:
        """It has no listener, and a firewall would say so every five minutes."""
        self.fetch_only(counter, "400")
        counter.kept(push_in(1))
        other = counter.kept(push_in(2, receiver=ApplicationId("500")))
        assert [entry.uid for entry in counter.lease(direction=Direction.IN)] == [other]
        assert counter.one().attempts == 1

    def test_what_is_put_aside_is_looked_at_once(self, counter: Counter) -> None:
        """Ten thousand letters in an inbox cost the line nothing."""
        self.fetch_only(counter, "400")
        counter.kept(push_in())
        counter.lease(direction=Direction.IN)
        assert counter.do(lambda session: queue.next_due_s(session, Direction.IN, counter.at)) is None

    def test_is_shown_as_what_it_is(self, counter: Counter) -> None:
        """People read that it waits to be fetched, and no moment at which nothing will happen."""
        self.fetch_only(counter, "400")
        counter.kept(push_in())
        counter.lease(direction=Direction.IN)
        (row,) = counter.reader.list(Choice())
        assert (row.due_in_s, row.rests) == (None, Rest.INBOX)

    def test_a_person_cannot_have_it_pushed_either(self, counter: Counter) -> None:
        """Retrying makes it due; the line still knows who fetches."""
        self.fetch_only(counter, "400")
        uid = counter.kept(push_in())
        counter.release(counter.one().key)
        counter.do(lambda session: interventions.retry(session, uid, ANN, counter.at))
        assert counter.lease(direction=Direction.IN) == []

    def test_it_is_pushed_again_when_the_settings_say_so(self, counter: Counter) -> None:
        """A system that gets a listener is sent what still waits."""
        self.fetch_only(counter, "400")
        uid = counter.kept(push_in())
        counter.lease(direction=Direction.IN)
        self.fetch_only(counter)
        assert counter.unpark() == 1
        assert [entry.uid for entry in counter.lease(direction=Direction.IN)] == [uid]

    def test_a_restart_changes_nothing(self, counter: Counter) -> None:
        """What rested is due again in a new run, and rests again when the line comes to it."""
        self.fetch_only(counter, "400")
        counter.kept(push_in())
        counter.lease(direction=Direction.IN)
        counter.restart()
        self.fetch_only(counter, "400")
        assert counter.lease(direction=Direction.IN) == []
        assert counter.one().attempts == 1

    def test_a_release_without_an_inbox_pushes(self, counter: Counter) -> None:
        """Whoever goes back to it loses no message to a rule that it does not know."""
        self.fetch_only(counter, "400")
        uid = counter.kept(push_in())
        counter.lease(direction=Direction.IN)
        counter.restart()
        assert [entry.uid for entry in counter.lease(direction=Direction.IN)] == [uid]

    def test_others_that_fetch_stay_put_aside(self, counter: Counter) -> None:
        """One system's change is not another's."""
        self.fetch_only(counter, "400", "401")
        counter.kept(push_in(1))
        uid = counter.kept(push_in(2, receiver=ApplicationId("401")))
        counter.lease(direction=Direction.IN)
        self.fetch_only(counter, "400")
        counter.unpark()
        assert [entry.uid for entry in counter.lease(direction=Direction.IN)] == [uid]


class TestPerson:
    def test_reads_after_it_is_in_the_access_log(self, counter: Counter) -> None:
        """Whoever opens a letter by hand is known, with the reason and the patient."""
        uid = counter.kept(push_in())
        message, payload = counter.do(lambda session: inbox.read(session, uid, ANN, counter.at))
        assert payload is not None
        assert (message.state, payload.body) == ("KEPT", b"<message>1</message>")
        kept, read = lines(counter.session)
        assert (read["event.type"], read["user.name"], read["event.reason"]) == ("reading", "ann", "the HIS is down")
        assert read["marks"]["object.patient"] == kept["marks"]["object.patient"]

    def test_may_read_what_a_system_has_in_hand(self, counter: Counter) -> None:
        """Reading takes nothing from anybody."""
        uid = counter.kept(push_in())
        key = counter.one().key
        counter.do(lambda session: inbox.read(session, uid, ANN, counter.at))
        assert counter.confirm(key) == "DELIVERED"

    def test_reads_nothing_that_is_delivered_or_goes_out(self, counter: Counter) -> None:
        """What the local system has is read there, under its own rules."""
        counter.kept(push_in(1))
        done = counter.one().key
        counter.confirm(done)
        out = counter.kept(push(2))
        assert counter.refusal(lambda: counter.read(done.uid)) == "EN-ILLEGAL-STEP"
        assert counter.refusal(lambda: counter.read(out)) == "EN-ILLEGAL-STEP"

    def test_is_recorded_before_what_is_damaged_is_set_aside(self, counter: Counter) -> None:
        """That somebody tried is known, whatever he saw."""
        uid = counter.kept(push_in())
        counter.session.execute("DELETE FROM bodies")
        assert counter.do(lambda session: inbox.read(session, uid, ANN, counter.at))[1] is None
        assert told(counter.session, "event.type")[-2:] == [("reading",), ("set aside",)]

    def test_takes_it_over_by_hand(self, counter: Counter) -> None:
        """It was printed and put in the paper file: it must not come a second time."""
        uid = counter.kept(push_in())
        counter.do(lambda session: inbox.take(session, uid, ANN, counter.at))
        shown = counter.reader.show(uid)
        assert shown is not None
        assert (shown.row.state, shown.steps[-1].event, shown.steps[-1].who) == ("DELIVERED", Event.CONFIRMED, "ann")

    def test_does_not_take_it_out_of_a_systems_hands(self, counter: Counter) -> None:
        """The system may be storing it this second."""
        uid = counter.kept(push_in())
        counter.lock()
        taken = counter.refusal(lambda: counter.do(lambda session: inbox.take(session, uid, ANN, counter.at)))
        assert (taken, counter.state(uid)) == ("EN-ILLEGAL-STEP", "IN_FLIGHT")

    def test_does_not_confirm_what_goes_out(self, counter: Counter) -> None:
        """A push that never left must not look delivered."""
        uid = counter.kept(push())
        assert (
            counter.refusal(lambda: counter.do(lambda session: inbox.take(session, uid, ANN, counter.at)))
            == "EN-ILLEGAL-STEP"
        )

    def test_sees_what_waits_and_who_has_it(self, counter: Counter) -> None:
        """At the telephone: what is there, how long, and is somebody at it."""
        counter.kept(push_in(1))
        counter.kept(push_in(2, patient=OTHER_PATIENT))
        counter.lock(most=1, lock_s=60)
        counter.clock.advance(20)
        seen = counter.reader.inbox(None, 10)
        assert [(it.row.message_id[-1], it.locked_by, it.lock_s) for it in seen] == [
            ("1", "his", 40),
            ("2", "", None),
        ]
        assert counter.reader.inbox("999", 10) == ()
