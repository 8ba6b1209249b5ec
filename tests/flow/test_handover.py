"""Pushes that the node does not keep."""

import pytest
from twisted.internet.defer import Deferred

from edge_node.errors import NotSent, OutcomeUnknown, Refused
from tests import messages
from tests.doubles import GivenAnswer, ScriptedDoor, an_entry
from tests.flow.bench import Bench, fault, read, result
from tests.flow.test_deliver import a_push
from tests.nouns import PRACTICE, an_application

#: Nobody would hear what became of a kept message of this system.
UNTOLD = {PRACTICE: an_application(told_by=frozenset())}
REPORT = messages.a_report()
ACK = messages.an_ack_of(read(REPORT).wrapper)
REFUSAL = messages.an_ack_of(read(REPORT).wrapper, "CE")


def a_bench(*answers: object) -> Bench:
    return Bench(ScriptedDoor(*answers), applications=UNTOLD)  # type: ignore[arg-type]


class TestPassOn:
    def test_passes_the_switchboards_answer(self) -> None:
        """The sender waits and gets what the other side said."""
        assert a_bench(GivenAnswer(ACK)).from_local(REPORT).body == ACK

    def test_says_that_nothing_was_sent(self) -> None:
        """RTEDEST, and the node never sends it by itself."""
        bench = a_bench(NotSent())
        acknowledgement = read(bench.from_local(REPORT).body).wrapper.acknowledgement
        assert acknowledgement is not None
        assert [detail.code for detail in acknowledgement.details] == ["RTEDEST"]
        assert bench.keeper.kept == []

    @pytest.mark.parametrize("answer", [OutcomeUnknown(), GivenAnswer(b"<x"), GivenAnswer(messages.a_summary())])
    def test_says_that_the_outcome_is_unknown(self, answer: object) -> None:
        """Never called failed: it may have been processed."""
        assert fault(a_bench(answer).from_local(REPORT).body).code == "EN-OUTCOME-UNKNOWN"

    def test_sends_a_copy_again_after_an_unknown_outcome(self) -> None:
        """Under the same message id, so that the other side can recognise it."""
        bench = a_bench(OutcomeUnknown(), GivenAnswer(ACK))
        bench.from_local(REPORT)
        assert bench.from_local(REPORT).body == ACK

    def test_has_a_removal_sent_again_that_may_be_overtaken(self) -> None:
        """The index said yes, and a registration may come in after it: only its sender can repeat the removal."""
        bench = a_bench(GivenAnswer(ACK), GivenAnswer(ACK))
        bench.keeper.is_overtaken = True
        first = fault(bench.from_local(REPORT).body).code
        bench.keeper.is_overtaken = False
        assert (first, bench.from_local(REPORT).body) == ("EN-OUTCOME-UNKNOWN", ACK)

    def test_lets_what_waits_behind_it_go_when_it_has_ended(self) -> None:
        """A kept message of the same lane is looked for at once, not at the next tick of something else."""
        bench = a_bench(GivenAnswer(ACK), GivenAnswer(messages.an_ack_of(read(messages.a_report("r9")).wrapper)))
        bench.line.begin()
        behind = a_push(9)
        bench.keeper.entries["9"] = an_entry(behind, "9")
        bench.keeper.due.append("9")
        bench.from_local(REPORT)
        assert [uid for uid, _, _ in bench.keeper.ended] == ["9"]

    def test_counts_its_senders_patience_from_when_it_asked(self) -> None:
        """A disk that took fifteen seconds leaves five for the switchboard."""
        begun: Deferred[None] = Deferred()
        bench = a_bench(GivenAnswer(ACK))
        bench.keeper.beginning = begun
        bench.start_from_local(REPORT)
        bench.clock.advance(15)
        begun.callback(None)
        assert bench.out.timeouts_s == [5]

    def test_gives_a_copy_the_first_answer(self) -> None:
        """Sent once, answered twice."""
        bench = a_bench(GivenAnswer(ACK))
        assert [bench.from_local(REPORT).body for _ in range(2)] == [ACK, ACK]
        assert len(bench.out.asked) == 1

    def test_processes_a_copy_of_a_refused_push_anew(self) -> None:
        """What was wrong there may have been put right."""
        bench = a_bench(GivenAnswer(REFUSAL), GivenAnswer(ACK))
        assert [bench.from_local(REPORT).body for _ in range(2)] == [REFUSAL, ACK]

    def test_refuses_other_content_under_the_id(self) -> None:
        """Two contents under one id: one of them would be lost."""
        bench = a_bench(GivenAnswer(ACK))
        bench.from_local(REPORT)
        assert fault(bench.from_local(messages.a_report(text="other")).body).code == "EN-ID-REUSED"

    def test_lets_a_copy_join_the_one_in_progress(self) -> None:
        """An impatient sender does not make a second message."""
        waiting: Deferred[GivenAnswer] = Deferred()
        bench = a_bench(waiting)
        both = [bench.start_from_local(REPORT), bench.start_from_local(REPORT)]
        waiting.callback(GivenAnswer(ACK))
        assert [result(each).body for each in both] == [ACK, ACK]

    def test_goes_on_when_its_sender_hangs_up(self) -> None:
        """The answer is remembered, for the copy that will come."""
        waiting: Deferred[GivenAnswer] = Deferred()
        bench = a_bench(waiting)
        bench.start_from_local(REPORT).addErrback(lambda _: None).cancel()
        waiting.callback(GivenAnswer(ACK))
        assert bench.from_local(REPORT).body == ACK

    def test_says_that_the_outcome_is_unknown_when_it_cannot_record_the_answer(self) -> None:
        """To hear "nothing was accepted" would make a sender write a second message under a new id."""
        waiting: Deferred[GivenAnswer] = Deferred()
        bench = a_bench(waiting)
        reply = bench.start_from_local(REPORT)
        bench.keeper.is_full = True
        waiting.callback(GivenAnswer(ACK))
        assert fault(result(reply).body).code == "EN-OUTCOME-UNKNOWN"

    def test_takes_a_copy_whose_first_answer_could_not_be_recorded(self) -> None:
        """Nobody has the first one in hand any more: telling the sender to wait would last until a restart."""
        waiting: Deferred[GivenAnswer] = Deferred()
        bench = a_bench(waiting, GivenAnswer(ACK))
        bench.start_from_local(REPORT)
        bench.keeper.is_full = True
        waiting.callback(GivenAnswer(ACK))
        bench.keeper.is_full = False
        assert bench.from_local(REPORT).body == ACK


class TestAfterAnUnknownOutcome:
    def test_an_error_about_the_token_says_nothing(self) -> None:
        """The switchboard may have seen the token with the first one: called failed, it would be written twice."""
        renewed = messages.a_report(token="t2")
        said = GivenAnswer(messages.an_ack_of(read(REPORT).wrapper, "CE", code="NONCE"))
        bench = a_bench(OutcomeUnknown(), said, GivenAnswer(ACK))
        bench.from_local(messages.a_report(token="t1"))
        assert fault(bench.from_local(renewed).body).code == "EN-OUTCOME-UNKNOWN"
        assert bench.keeper.abandoned[-1] == ("NONCE", True)
        assert bench.from_local(messages.a_report(token="t3")).body == ACK

    def test_registered_already_means_that_the_first_one_arrived(self) -> None:
        """It is done; a copy hears the same and goes nowhere."""
        registration = messages.a_registration()
        there = messages.an_ack_of(read(registration).wrapper, "CE", code="KEY205")
        bench = a_bench(OutcomeUnknown(), GivenAnswer(there))
        bench.from_local(registration)
        assert [bench.from_local(registration).body for _ in range(2)] == [there, there]
        assert len(bench.out.asked) == 2

    @pytest.mark.parametrize(
        "error", [NotSent(), GivenAnswer(messages.an_ack_of(read(REPORT).wrapper, "CE", code="RTEDEST"))]
    )
    def test_a_copy_that_fails_leaves_it_unknown(self, error: object) -> None:
        """That the second one went nowhere says nothing about the first: its id is never free for other content."""
        bench = a_bench(OutcomeUnknown(), error)
        bench.from_local(REPORT)
        bench.from_local(REPORT)
        assert bench.keeper.abandoned[-1][1]
        assert fault(bench.from_local(messages.a_report(text="other")).body).code == "EN-ID-REUSED"

    @pytest.mark.parametrize("error", [NotSent(), Refused(code="EN-TOKEN-REFUSED")])
    def test_a_copy_that_could_not_be_sent_is_not_called_failed(self, error: Exception) -> None:
        """ "Nothing was sent" is true of the copy only."""
        bench = a_bench(OutcomeUnknown(), error)
        bench.from_local(REPORT)
        assert fault(bench.from_local(REPORT).body).code == "EN-OUTCOME-UNKNOWN"

    def test_a_refusal_for_good_ends_it(self) -> None:
        """What the other side will never take it has not taken."""
        said = messages.an_ack_of(read(REPORT).wrapper, "CE", code="RTUDEST")
        bench = a_bench(OutcomeUnknown(), GivenAnswer(said), GivenAnswer(ACK))
        assert [bench.from_local(REPORT).body for _ in range(3)][1:] == [said, ACK]


class TestIn:
    def test_passes_the_local_systems_answer_to_a_push_that_is_relayed(self) -> None:
        """An application answer is the local system's to give: never `CA` of ours."""
        body = messages.an_order("o1", sender="1", receiver="900001")
        answer = messages.an_ack_of(read(body).wrapper, "CE")
        assert Bench(inward=ScriptedDoor(GivenAnswer(answer))).from_switchboard(body).body == answer
