"""What a push gets that comes in: new, a copy, a renewal, or kept out."""

from dataclasses import replace
from pathlib import Path

import pytest

from edge_node.model.identifiers import ApplicationId
from edge_node.model.keeping import Admitted, IdReused, Known, LaneClosed
from edge_node.model.lifecycle import Event, State
from edge_node.model.message import Direction
from edge_node.model.overview import By
from edge_node.store import admission, interventions
from tests.store.logged import told
from tests.store.shelf import ANSWER, OTHER_PATIENT, Shelf, push


@pytest.fixture
def shelf(tmp_path: Path):
    shelf = Shelf(tmp_path / "state" / "store.db")
    yield shelf
    shelf.close()


class TestKeep:
    def test_a_new_message_is_leased_in_the_same_commit(self, shelf: Shelf) -> None:
        """A message tried at once costs one wait for the disk, not two."""
        entry = shelf.leased(push(1))
        assert (entry.state, entry.attempts, entry.fence, entry.payload) == (
            State.IN_FLIGHT, 0, 1, push(1).payload,
        )  # fmt: skip

    def test_a_message_behind_another_is_kept_and_not_leased(self, shelf: Shelf) -> None:
        """A correction must not overtake the report it corrects."""
        shelf.leased(push(1))
        second = shelf.keep(push(2), lease=True)
        assert isinstance(second, Admitted)
        assert second.entry is None

    def test_a_copy_in_progress_is_known_without_an_answer(self, shelf: Shelf) -> None:
        """A local system that repeats itself must not make the receiver get two."""
        uid = shelf.leased(push(1)).uid
        assert shelf.keep(push(1), lease=True) == Known(uid=uid, answer=None)

    def test_a_copy_gets_the_first_answer_again(self, shelf: Shelf) -> None:
        """The sender must be able to ask again and hear the same, also after a restart."""
        uid = shelf.leased(push(1)).uid
        shelf.do(lambda session: admission.answered(session, uid, ANSWER))
        assert shelf.do(lambda session: admission.answered(session, uid, replace(ANSWER, status=500))) == ANSWER
        shelf.restart()
        assert shelf.keep(push(1)) == Known(uid=uid, answer=ANSWER)

    def test_an_answer_known_beforehand_is_kept_with_the_message(self, shelf: Shelf) -> None:
        """What came in is answered CA in the same commit: a copy must hear that, not that one is in hand."""
        admitted = shelf.keep(push(1), answer=ANSWER)
        shelf.restart()
        assert isinstance(admitted, Admitted)
        assert shelf.keep(push(1), answer=replace(ANSWER, status=500)) == Known(uid=admitted.uid, answer=ANSWER)

    def test_the_other_sides_answer_is_given_where_ours_was_lost(self, shelf: Shelf) -> None:
        """A crash between the switchboard's answer and ours must not leave the sender in doubt."""
        entry = shelf.leased(push(1))
        shelf.settle(entry, Event.ACKNOWLEDGED, "CA", ANSWER)
        assert shelf.keep(push(1)) == Known(uid=entry.uid, answer=ANSWER)

    def test_the_other_sides_answer_is_the_first_one_in_its_own_commit(self, shelf: Shelf) -> None:
        """Its sender hears it the moment it is durable, and every copy the same."""
        entry = shelf.leased(push(1))
        shelf.settle(entry, Event.ACKNOWLEDGED, "CA", ANSWER)
        kept = replace(ANSWER, body=b"<kept/>")
        assert shelf.do(lambda session: admission.answered(session, entry.uid, kept)) == ANSWER

    def test_the_other_sides_answer_takes_the_place_of_no_earlier_one(self, shelf: Shelf) -> None:
        """Its sender heard "kept": a copy hears that, whatever came since."""
        entry = shelf.leased(push(1))
        shelf.do(lambda session: admission.answered(session, entry.uid, ANSWER))
        shelf.settle(entry, Event.ACKNOWLEDGED, "CA", replace(ANSWER, body=b"<own/>"))
        assert shelf.keep(push(1)) == Known(uid=entry.uid, answer=ANSWER)

    def test_a_refusal_is_no_first_answer(self, shelf: Shelf) -> None:
        """Its sender may hand in the same once more."""
        entry = shelf.leased(push(1))
        shelf.settle(entry, Event.REFUSED_FOR_GOOD, "RTUDEST", ANSWER)
        assert isinstance(shelf.keep(push(1)), Admitted)

    def test_another_content_under_the_same_id_is_refused(self, shelf: Shelf) -> None:
        """Two messages under one id cannot both be traced."""
        shelf.kept(push(1))
        assert shelf.keep(push(1, digest=b"other")) == IdReused()

    def test_two_senders_may_use_the_same_id(self, shelf: Shelf) -> None:
        """An id is its sender's own: a pharmacy's must not block a practice's."""
        shelf.kept(push(1))
        other = push(1, digest=b"other", sender=push().receiver)
        assert isinstance(shelf.keep(other), Admitted)

    def test_every_copy_of_a_signal_is_admitted(self, shelf: Shelf) -> None:
        """Receivers of signals must not detect duplicates, so we must not either."""
        first, second = shelf.kept(push(1, duplicates=False)), shelf.kept(push(1, duplicates=False))
        assert first != second

    @pytest.mark.parametrize("code", ["EN-DELIVERY-REFUSED"])
    def test_a_copy_of_a_failed_message_is_processed_anew(self, shelf: Shelf, code: str) -> None:
        """Once the cause is gone the sender can simply send again; what happened stays readable."""
        entry = shelf.leased(push(1))
        shelf.settle(entry, Event.REFUSED_FOR_GOOD, code)
        again = shelf.kept(push(1))
        assert (shelf.state(entry.uid), shelf.state(again)) == ("DEAD", "KEPT")

    def test_no_column_holds_the_patient_number(self, shelf: Shelf) -> None:
        """Whoever steals the file must not find patients in it."""
        shelf.leased(push(1))
        shelf.close()
        assert b"999911120" not in shelf.path.read_bytes()
        shelf.open()

    def test_the_journal_line_is_in_the_same_commit(self, shelf: Shelf) -> None:
        """What was accepted and what the log says can never differ."""
        shelf.kept(push(1))
        assert told(shelf.session, "event.type", "event.code") == [("push", "kept")]


class TestTwoOrganisations:
    def test_never_wait_for_each_other(self, shelf: Shelf) -> None:
        """What the pharmacy has to sign must not close the practice's way to the same patient's record."""
        entry = shelf.leased(push(1, token=b"t1"))
        shelf.settle(entry, Event.TOKEN_SPENT, "EN-OUTCOME-UNKNOWN")
        assert isinstance(shelf.keep(push(2, sender=ApplicationId("301"))), Admitted)


class TestDiscarded:
    def test_a_copy_is_not_sent(self, shelf: Shelf) -> None:
        """The prescription was telephoned and taken out: an automatic resend would double it."""
        uid = shelf.kept(push(1))
        shelf.do(lambda session: interventions.discard(session, uid, By(who="anna", why="telephoned"), shelf.at))
        assert shelf.keep(push(1)) == Known(uid=uid, answer=None, code="EN-DISCARDED")


class TestRenewal:
    def needs_token(self, shelf: Shelf) -> str:
        entry = shelf.leased(push(1, token=b"t1"))
        shelf.settle(entry, Event.TOKEN_SPENT, "EN-OUTCOME-UNKNOWN")
        return entry.uid

    def test_a_copy_with_a_new_token_is_a_renewal(self, shelf: Shelf) -> None:
        """The doctor signs again and the same message goes on, under the same id."""
        uid = self.needs_token(shelf)
        renewed = shelf.keep(push(1, token=b"t2", body=b"<message>new token</message>"), lease=True)
        assert isinstance(renewed, Admitted)
        assert renewed.entry is not None
        assert (renewed.uid, renewed.entry.payload.body) == (uid, b"<message>new token</message>")

    def test_what_the_switchboard_said_of_a_token_is_not_the_first_answer(self, shelf: Shelf) -> None:
        """The sender heard "outcome unknown": a refusal now would be taken for the end of it."""
        entry = shelf.leased(push(1, token=b"t1"))
        shelf.settle(entry, Event.TOKEN_SPENT, "NONCEREJECTED", ANSWER)
        assert shelf.keep(push(1, token=b"t1")) == Known(uid=entry.uid, answer=None, code="EN-TOKEN-SPENT")

    def test_a_token_of_another_patient_renews_nothing(self, shelf: Shelf) -> None:
        """The content may name nobody: then the token says whose record is written into."""
        entry = shelf.leased(push(1, token=b"t1"))
        shelf.settle(entry, Event.TOKEN_SPENT, "EN-TOKEN-SPENT")
        assert isinstance(shelf.keep(push(1, token=b"t2", patient=OTHER_PATIENT)), IdReused)

    def test_a_renewed_message_still_says_that_its_outcome_was_unknown(self, shelf: Shelf) -> None:
        """Only then does "already registered" count as done."""
        self.needs_token(shelf)
        renewed = shelf.keep(push(1, token=b"t2", body=b"<new/>"), lease=True)
        assert isinstance(renewed, Admitted)
        assert renewed.entry is not None
        assert renewed.entry.unknown

    def test_the_same_token_in_other_bytes_is_no_renewal(self, shelf: Shelf) -> None:
        """It is the spent one: the message waits for a signature, and its sender must not hear "kept"."""
        uid = self.needs_token(shelf)
        assert shelf.keep(push(1, token=b"t1", body=b"<reformatted/>")) == Known(
            uid=uid, answer=None, code="EN-TOKEN-SPENT"
        )

    def test_a_new_message_behind_it_is_refused_naming_what_to_sign(self, shelf: Shelf) -> None:
        """Nothing overtakes, and nobody thinks that it was sent."""
        uid = self.needs_token(shelf)
        assert shelf.keep(push(2)) == LaneClosed(
            uid=uid, message_id=push(1).message_id, state=State.NEEDS_TOKEN, closed=True
        )


class TestBegin:
    def test_it_is_admitted_without_an_entry(self, shelf: Shelf) -> None:
        """Its bytes are not kept: the sender waits and answers for it."""
        admitted = shelf.begin(push(1))
        assert isinstance(admitted, Admitted)
        assert (admitted.entry, shelf.count("bodies")) == (None, 0)

    def test_a_copy_gets_the_answer_of_the_first(self, shelf: Shelf) -> None:
        """A repeated question about a push that was answered does nothing twice."""
        shelf.begin(push(1))
        in_hand = shelf.begin(push(1))
        shelf.do(lambda session: admission.finish(session, push(1), ANSWER, shelf.at))
        assert (in_hand, shelf.begin(push(1))) == (Known(uid=None, answer=None), Known(uid=None, answer=ANSWER))

    def test_one_that_was_not_sent_is_forgotten(self, shelf: Shelf) -> None:
        """A copy is then new, whatever it holds."""
        shelf.begin(push(1))
        shelf.do(lambda session: admission.abandon(session, push(1), "EN-NOT-SENT", (False, shelf.at)))
        assert isinstance(shelf.begin(push(1, digest=b"other")), Admitted)

    @pytest.mark.parametrize(("digest", "kind"), [(push(1).digest, Admitted), (b"other", IdReused)])
    def test_one_with_an_unknown_outcome_may_come_again(self, shelf: Shelf, digest: bytes, kind: type) -> None:
        """The same content is the way to find out; other content under that id never is."""
        shelf.begin(push(1))
        shelf.do(lambda session: admission.abandon(session, push(1), "EN-OUTCOME-UNKNOWN", (True, shelf.at)))
        assert isinstance(shelf.begin(push(1, digest=digest)), kind)

    def test_its_lane_must_be_empty(self, shelf: Shelf) -> None:
        """It would overtake what the node still has to send."""
        uid = shelf.kept(push(1))
        assert shelf.begin(push(2)) == LaneClosed(
            uid=uid, message_id=push(1).message_id, state=State.KEPT, closed=False
        )

    def test_the_end_of_the_process_makes_it_unknown(self, shelf: Shelf) -> None:
        """Nobody knows what the switchboard got: the sender may send the same again."""
        shelf.begin(push(1))
        shelf.restart()
        assert isinstance(shelf.begin(push(1)), Admitted)

    def test_a_copy_of_one_with_an_unknown_outcome_says_so(self, shelf: Shelf) -> None:
        """Then "registered already" means done, and an error about the token means nothing."""
        shelf.begin(push(1))
        shelf.restart()
        admitted = shelf.begin(push(1))
        assert isinstance(admitted, Admitted)
        assert admitted.unknown

    def test_a_push_in_and_a_push_out_have_their_own_memory(self, shelf: Shelf) -> None:
        """Both sides may use one number."""
        shelf.begin(push(1))
        assert isinstance(shelf.begin(push(1, direction=Direction.IN, digest=b"other")), Admitted)
