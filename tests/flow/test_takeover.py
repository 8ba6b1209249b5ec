"""Pushes that the node takes over from their sender."""

import pytest
from twisted.internet.defer import Deferred

from edge_node.errors import NotSent, OutcomeUnknown
from edge_node.flow.deliver import DeliveryPolicy
from edge_node.flow.link import Waits
from edge_node.flow.reading import Readers
from edge_node.flow.retry import RetryPolicy
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction, Reading
from tests import messages
from tests.doubles import GivenAnswer, ScriptedDoor
from tests.flow.bench import Bench, fault, read, result
from tests.nouns import PRACTICE, a_site, an_application

REPORT = messages.a_report()
SIGNED = messages.a_report(token="t1")
WRAPPER = read(REPORT).wrapper
ACK = messages.an_ack_of(WRAPPER)
REFUSAL = messages.an_ack_of(WRAPPER, "CE")
RENEWS = {PRACTICE: an_application(renews_tokens=True)}


class TestOut:
    def test_answers_with_the_switchboards_own_answer(self) -> None:
        """When it comes in time the sender sees no difference."""
        bench = Bench(ScriptedDoor(GivenAnswer(ACK)))
        assert bench.from_local(REPORT).body == ACK
        assert [event for _, event, _ in bench.keeper.ended] == [Event.ACKNOWLEDGED]

    def test_reads_it_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What is tried at once was read and judged a moment ago: reading is the most work a push is."""
        bodies: list[bytes] = []
        read_anew = Readers.read

        async def counted(readers: Readers, body: bytes) -> Reading:
            bodies.append(body)
            return await read_anew(readers, body)

        monkeypatch.setattr(Readers, "read", counted)
        Bench(ScriptedDoor(GivenAnswer(ACK))).from_local(REPORT)
        assert bodies == [REPORT]

    def test_keeps_it_before_anything_is_sent(self) -> None:
        """Never lost once accepted: the commit comes first."""
        waiting: Deferred[GivenAnswer] = Deferred()
        bench = Bench(ScriptedDoor(waiting))
        bench.start_from_local(REPORT)
        assert len(bench.keeper.kept) == 1

    @pytest.mark.parametrize("error", [NotSent(), OutcomeUnknown()])
    def test_answers_kept_while_the_line_is_down(self, error: Exception) -> None:
        """`CA` in our own name, with the address where its end is told."""
        reply = Bench(ScriptedDoor(error)).from_local(REPORT)
        acknowledgement = read(reply.body).wrapper.acknowledgement
        assert acknowledgement is not None
        assert (acknowledgement.type_code, acknowledgement.target) == ("CA", WRAPPER.id)
        assert dict(reply.headers) == {"location": f"/v1/messages/{1:032x}", "edge-node-state": "kept"}

    def test_answers_kept_when_the_answer_takes_too_long(self) -> None:
        """The sender would give up after 30 seconds; the node says "kept" after 20 and goes on."""
        waiting: Deferred[GivenAnswer] = Deferred()
        bench = Bench(ScriptedDoor(waiting))
        reply = bench.start_from_local(REPORT)
        bench.clock.advance(20)
        assert dict(result(reply).headers)["edge-node-state"] == "kept"
        waiting.callback(GivenAnswer(ACK))
        assert [event for _, event, _ in bench.keeper.ended] == [Event.ACKNOWLEDGED]

    def test_answers_in_time_when_the_disk_is_slow(self) -> None:
        """What keeping took is not waited for a second time: the sender counts from when it asked."""
        kept: Deferred[None] = Deferred()
        bench = Bench(ScriptedDoor(Deferred()))
        bench.keeper.keeping = kept
        reply = bench.start_from_local(REPORT)
        bench.clock.advance(15)
        kept.callback(None)
        bench.clock.advance(5)
        assert dict(result(reply).headers)["edge-node-state"] == "kept"

    def test_gives_a_copy_the_same_kept(self) -> None:
        """Byte for byte, though the real answer has come since."""
        bench = Bench(ScriptedDoor(NotSent()))
        assert bench.from_local(REPORT).body == bench.from_local(REPORT).body

    def test_keeps_a_night_of_registrations_to_its_pace(self) -> None:
        """Five at once and then five a second; the others are kept, so that what is urgent goes before them."""
        held: list[Deferred[GivenAnswer]] = [Deferred() for _ in range(7)]
        bench = Bench(ScriptedDoor(*held), applications={PRACTICE: an_application(renews_tokens=True)})
        for number in range(7):
            bench.start_from_local(messages.a_registration(f"n{number}"))
        assert len(bench.out.asked) == 5

    def test_leaves_what_memory_has_no_room_for_in_the_store(self) -> None:
        """The senders of large messages went away with "kept" while a slow switchboard still has them in hand."""
        bench = Bench(ScriptedDoor(Deferred()))
        policy = DeliveryPolicy(
            direction=Direction.OUT,
            concurrency=1,
            bulk_per_s=5,
            waits=Waits(timeout_s=30, connect_s=5),
            retry=RetryPolicy(),
            site=a_site(),
            max_at_once_bytes=len(REPORT) + 100,
        )
        bench.line.deliverers[Direction.OUT].use(policy)
        bench.start_from_local(REPORT)
        reply = bench.from_local(messages.a_report("r2"))
        assert (len(bench.out.asked), dict(reply.headers)["edge-node-state"]) == (1, "kept")

    def test_gives_two_copies_that_wait_together_the_same_kept(self) -> None:
        """An impatient sender that compares its two answers must not think of two messages."""
        bench = Bench(ScriptedDoor(Deferred()))
        both = [bench.start_from_local(REPORT), bench.start_from_local(REPORT)]
        bench.clock.advance(20)
        assert result(both[0]).body == result(both[1]).body

    def test_passes_a_refusal(self) -> None:
        """The sender hears at once that the other side said no."""
        bench = Bench(ScriptedDoor(GivenAnswer(REFUSAL)))
        assert bench.from_local(REPORT).body == REFUSAL
        assert [event for _, event, _ in bench.keeper.ended] == [Event.REFUSED_FOR_GOOD]

    def test_tells_at_once_that_a_token_was_spent(self) -> None:
        """Its outcome is unknown and only a new signature lets it go on: the doctor is still at the screen."""
        bench = Bench(ScriptedDoor(OutcomeUnknown()), applications=RENEWS)
        assert fault(bench.from_local(SIGNED).body).code == "EN-OUTCOME-UNKNOWN"
        assert [event for _, event, _ in bench.keeper.ended] == [Event.TOKEN_SPENT]

    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            (OutcomeUnknown(), "EN-OUTCOME-UNKNOWN"),
            (OutcomeUnknown(code="EN-ANSWER-BROKEN"), "EN-OUTCOME-UNKNOWN"),
            (GivenAnswer(messages.an_ack_of(WRAPPER, "CE", code="RTEDEST")), "EN-TOKEN-SPENT"),
        ],
    )
    def test_says_where_it_waits_for_a_signature(self, answer: GivenAnswer | Exception, code: str) -> None:
        """It is an error, and yet the message is kept: until it is signed nothing else for the patient goes."""
        reply = Bench(ScriptedDoor(answer), applications=RENEWS).from_local(SIGNED)
        uid = f"{1:032x}"
        said = dict(reply.headers)
        assert (said["edge-node-error"], said["location"], said["edge-node-state"]) == (
            code, f"/v1/messages/{uid}", "needs-token",
        )  # fmt: skip
        assert f"message {uid} waits for a new signature" in reply.why

    def test_never_sends_a_token_twice(self) -> None:
        """RTEDEST came from the switchboard: it has seen the token."""
        refusal = messages.an_ack_of(WRAPPER, "CE", code="RTEDEST")
        bench = Bench(ScriptedDoor(GivenAnswer(refusal)), applications=RENEWS)
        assert fault(bench.from_local(SIGNED).body).code == "EN-TOKEN-SPENT"
        assert [event for _, event, _ in bench.keeper.ended] == [Event.TOKEN_SPENT]

    def test_says_so_when_it_cannot_keep(self) -> None:
        """Nothing was accepted, and the sender knows."""
        bench = Bench()
        bench.keeper.is_full = True
        assert fault(bench.from_local(REPORT).body).code == "EN-STORE-FULL"

    def test_says_that_the_outcome_is_unknown_when_it_cannot_record_the_answer(self) -> None:
        """It is kept and on its way: "nothing was accepted" would make a second message of it."""
        waiting: Deferred[GivenAnswer] = Deferred()
        bench = Bench(ScriptedDoor(waiting))
        reply = bench.start_from_local(REPORT)
        bench.keeper.is_full = True
        bench.clock.advance(20)
        assert fault(result(reply).body).code == "EN-OUTCOME-UNKNOWN"

    def test_waits_for_the_first_copy_that_is_passed_on(self) -> None:
        """The first copy was signed and is not kept; this one could be, but not beside it."""
        bench = Bench()
        bench.keeper.memory[str(WRAPPER.id)] = (read(REPORT).digest, None, None)
        assert fault(bench.from_local(REPORT).body).code == "EN-IN-PROGRESS"

    def test_refuses_a_copy_whose_token_is_spent(self) -> None:
        """A "kept" would say that it goes on by itself; only a new signature lets it go on."""
        bench = Bench(applications=RENEWS)
        bench.keeper.memory[str(WRAPPER.id)] = (read(SIGNED).digest, "1" * 32, None)
        bench.keeper.spent.add("1" * 32)
        reply = bench.from_local(SIGNED)
        assert fault(reply.body).code == "EN-TOKEN-SPENT"
        assert dict(reply.headers)["location"] == f"/v1/messages/{'1' * 32}"

    def test_delivers_though_its_sender_hung_up(self) -> None:
        """A sender that goes away between commit and answer must not leave a message nobody delivers."""
        waiting: Deferred[GivenAnswer] = Deferred()
        bench = Bench(ScriptedDoor(waiting))
        bench.start_from_local(REPORT).addErrback(lambda _: None).cancel()
        waiting.callback(GivenAnswer(ACK))
        assert [event for _, event, _ in bench.keeper.ended] == [Event.ACKNOWLEDGED]


class TestIn:
    BODY = messages.a_report(sender="900077", receiver="900001")

    def test_answers_ca_after_the_commit(self) -> None:
        """The switchboard may forget it now: we have it."""
        bench = Bench(inward=ScriptedDoor(NotSent()))
        acknowledgement = read(bench.from_switchboard(self.BODY).body).wrapper.acknowledgement
        assert acknowledgement is not None
        assert acknowledgement.type_code == "CA"
        assert len(bench.keeper.kept) == 1

    def test_gives_a_copy_the_first_answer(self) -> None:
        """The first one was lost on the way: the same bytes again, nothing kept twice."""
        bench = Bench()
        assert bench.from_switchboard(self.BODY).body == bench.from_switchboard(self.BODY).body
        assert len(bench.keeper.kept) == 1

    def test_never_ends(self) -> None:
        """Answered `CA`: it waits until it is delivered or a named person discards it."""
        bench = Bench()
        bench.from_switchboard(self.BODY)
        assert bench.keeper.kept[0].lifetime_s is None

    def test_refuses_other_content_under_the_id(self) -> None:
        """`CE` with SYN113, never KEY205."""
        bench = Bench()
        bench.from_switchboard(self.BODY)
        other = messages.a_report(sender="900077", receiver="900001", text="other")
        acknowledgement = read(bench.from_switchboard(other).body).wrapper.acknowledgement
        assert acknowledgement is not None
        assert [detail.code for detail in acknowledgement.details] == ["SYN113"]
