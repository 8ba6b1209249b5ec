"""What people do to a message."""

from pathlib import Path

import pytest

from edge_node.errors import EdgeNodeError, Refused
from edge_node.model.keeping import Renewal
from edge_node.model.lifecycle import Event, State
from edge_node.model.overview import By, Choice
from edge_node.store import interventions
from edge_node.store.opening import Offline, open_offline
from tests.store.shelf import Shelf, push

BY = By(who="j.jansen", why="called the pharmacy")


@pytest.fixture
def shelf(tmp_path: Path):
    shelf = Shelf(tmp_path / "state" / "store.db")
    yield shelf
    shelf.close()


@pytest.fixture
def people(shelf: Shelf) -> Offline:
    return Offline(shelf.session, shelf.around)


class TestVerbs:
    def test_who_and_why_stay_with_the_message(self, shelf: Shelf, people: Offline) -> None:
        """A message that was not delivered has a name under it."""
        uid = shelf.kept(push(1))
        people.discard(uid, BY)
        shown = shelf.reader.show(uid)
        assert shown is not None
        assert (shown.steps[-1].event, shown.steps[-1].who, shown.steps[-1].why) == (Event.DISCARDED, BY.who, BY.why)

    def test_a_held_message_is_not_sent_until_released(self, shelf: Shelf, people: Offline) -> None:
        """An operator can stop one message without stopping the node."""
        uid = shelf.kept(push(1))
        people.hold(uid, BY)
        held = shelf.lease()
        people.release(uid, BY)
        assert (held, [entry.uid for entry in shelf.lease()]) == ([], [uid])

    def test_a_discarded_head_lets_the_next_go(self, shelf: Shelf, people: Offline) -> None:
        """That is what the person was asked for."""
        first, second = shelf.kept(push(1)), shelf.kept(push(2))
        people.discard(first, BY)
        assert [entry.uid for entry in shelf.lease()] == [second]

    def test_a_retried_message_is_due_now(self, shelf: Shelf, people: Offline) -> None:
        """The person knows that the line is back."""
        entry = shelf.leased(push(1))
        shelf.put_back(entry, after_s=300)
        assert people.retry(entry.uid, BY).due_in_s == 0

    @pytest.mark.parametrize("verb", ["retry", "discard", "hold", "release"])
    def test_nobody_takes_a_lease_from_its_owner(self, shelf: Shelf, people: Offline, verb: str) -> None:
        """A message that is being handed over would be handed over twice at once."""
        entry = shelf.leased(push(1))
        with pytest.raises(Refused, match="IN_FLIGHT"):
            getattr(people, verb)(entry.uid, BY)
        assert shelf.state(entry.uid) == State.IN_FLIGHT

    def test_an_expired_message_lives_again_for_its_lifetime(self, shelf: Shelf, people: Offline) -> None:
        """A person decides that it is still worth sending."""
        uid = shelf.kept(push(1, lifetime_s=60))
        shelf.clock.advance(61)
        shelf.expire()
        people.retry(uid, BY)
        assert (shelf.expire(), [entry.uid for entry in shelf.lease()]) == ([], [uid])

    def test_a_message_that_returns_waits_for_the_head_of_its_lane(self, shelf: Shelf, people: Offline) -> None:
        """Two of one lane are never sent together."""
        dead = shelf.leased(push(1))
        shelf.settle(dead, Event.REFUSED_FOR_GOOD, "EN-DELIVERY-REFUSED")
        shelf.leased(push(2))
        people.retry(dead.uid, BY)
        assert shelf.lease() == []

    def test_a_dead_message_with_a_seen_token_asks_for_a_signature(self, shelf: Shelf, people: Offline) -> None:
        """The same token would be refused as a replay."""
        dead = shelf.leased(push(1, token=b"t1"))
        shelf.settle(dead, Event.REFUSED_FOR_GOOD, "AUTERR")
        assert people.retry(dead.uid, BY).state is State.NEEDS_TOKEN

    def test_a_failed_message_whose_copy_took_over_stays_ended(self, shelf: Shelf, people: Offline) -> None:
        """Otherwise one id would be delivered twice."""
        dead = shelf.leased(push(1))
        shelf.settle(dead, Event.REFUSED_FOR_GOOD, "EN-DELIVERY-REFUSED")
        shelf.kept(push(1))
        with pytest.raises(Refused, match="newer copy"):
            people.retry(dead.uid, BY)

    @pytest.mark.parametrize("verb", ["retry", "discard", "hold", "release"])
    def test_a_delivered_message_cannot_be_changed(self, shelf: Shelf, people: Offline, verb: str) -> None:
        """Nobody undoes by accident what the other side has acted on."""
        entry = shelf.leased(push(1))
        shelf.settle(entry, Event.ACKNOWLEDGED)
        with pytest.raises(Refused) as refused:
            getattr(people, verb)(entry.uid, BY)
        assert refused.value.code == "EN-ILLEGAL-STEP"

    def test_an_unknown_name_is_refused(self, people: Offline) -> None:
        """A typing mistake changes nothing."""
        with pytest.raises(Refused) as refused:
            people.hold("0" * 32, BY)
        assert refused.value.code == "EN-NOT-FOUND"


class TestRenew:
    def needs_token(self, shelf: Shelf) -> str:
        entry = shelf.leased(push(1, token=b"t1"))
        shelf.settle(entry, Event.TOKEN_SPENT, "EN-TOKEN-SPENT")
        return entry.uid

    def test_the_new_bytes_are_sent(self, shelf: Shelf) -> None:
        """The message goes on with the signature just made."""
        uid = self.needs_token(shelf)
        new = Renewal(digest=push(1).digest, token=b"t2", body=b"<signed-again/>")
        shelf.do(lambda session: interventions.renew(session, uid, new, shelf.at))
        assert [(entry.uid, entry.payload.body) for entry in shelf.lease()] == [(uid, b"<signed-again/>")]

    def test_new_headers_are_sent(self, shelf: Shelf) -> None:
        """In FHIR the tokens stand beside the body, which needs no second hand-in."""
        uid = self.needs_token(shelf)
        new = Renewal(digest=None, token=b"t2", body=None, headers=(("edge-node-transaction-token", "bmV3"),))
        shelf.do(lambda session: interventions.renew(session, uid, new, shelf.at))
        (entry,) = shelf.lease()
        assert entry.payload.body == push(1).payload.body
        assert entry.payload.headers == (("edge-node-transaction-token", "bmV3"),)

    def test_the_same_token_is_refused(self, shelf: Shelf) -> None:
        """Also when the bytes around it changed: a token is for one use."""
        uid = self.needs_token(shelf)
        same = Renewal(digest=push(1).digest, token=b"t1", body=b"<reformatted/>")
        with pytest.raises(Refused) as refused:
            shelf.do(lambda session: interventions.renew(session, uid, same, shelf.at))
        assert refused.value.code == "EN-RENEWAL"

    def test_another_message_is_refused(self, shelf: Shelf) -> None:
        """A signature under one message never sends another."""
        uid = self.needs_token(shelf)
        with pytest.raises(Refused) as refused:
            shelf.do(
                lambda session: interventions.renew(
                    session, uid, Renewal(digest=b"other", token=b"t2", body=b"<other/>"), shelf.at
                )
            )
        assert refused.value.code == "EN-ID-REUSED"

    def test_one_that_needs_no_token_is_refused(self, shelf: Shelf) -> None:
        """Its bytes are on their way already."""
        uid = shelf.kept(push(1))
        with pytest.raises(Refused) as refused:
            shelf.do(
                lambda session: interventions.renew(
                    session, uid, Renewal(digest=push(1).digest, token=b"t2", body=b"<new/>"), shelf.at
                )
            )
        assert refused.value.code == "EN-ILLEGAL-STEP"


class TestOffline:
    def test_nothing_is_changed_beside_a_running_daemon(self, shelf: Shelf) -> None:
        """Two writers would each believe they own the queue."""
        with pytest.raises(EdgeNodeError) as refused, open_offline(shelf.path, shelf.around):
            pass
        assert refused.value.code == "EN-STORE-IN-USE"

    def test_without_a_daemon_it_is_changed_under_the_lock(self, shelf: Shelf) -> None:
        """The operator can clear a queue that keeps the node from starting."""
        uid = shelf.kept(push(1))
        shelf.close()
        with open_offline(shelf.path, shelf.around) as people:
            people.discard(uid, BY)
        shelf.open()
        assert shelf.reader.list(Choice(state=State.DISCARDED))[0].uid == uid
