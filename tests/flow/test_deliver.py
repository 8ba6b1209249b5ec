"""Kept messages are handed over until each is settled."""

from dataclasses import replace
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from edge_node.errors import NotSent, OutcomeUnknown
from edge_node.model.identifiers import ApplicationId
from edge_node.model.keeping import Push
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction
from tests import messages
from tests.doubles import GivenAnswer, ScriptedDoor, an_entry
from tests.flow.bench import Bench, a_payload, read, result

REPORT = messages.a_report()
WRAPPER = read(REPORT).wrapper


def a_push(number: int = 1, **changes: Any) -> Push:
    body = messages.a_report(f"r{number}")
    wrapper = read(body).wrapper
    push = Push(
        direction=Direction.OUT,
        message_id=wrapper.id,
        interaction=wrapper.interaction,
        sender=wrapper.sender,
        receiver=wrapper.receiver,
        order="report",
        patient=None,
        digest=b"d",
        payload=a_payload(body),
        priority=1,
        lifetime_s=60,
        correlation="c",
    )
    return replace(push, **changes)


def ack(number: int = 1, type_code: str = "CA", *, code: str | None = None) -> GivenAnswer:
    return GivenAnswer(messages.an_ack_of(read(messages.a_report(f"r{number}")).wrapper, type_code, code=code))


def delivered(bench: Bench, *pushes: Push) -> Bench:
    """Let what waits be delivered."""
    for push in pushes:
        uid = f"{len(bench.keeper.entries) + 1:032x}"
        bench.keeper.entries[uid] = an_entry(push, uid)
        bench.keeper.due.append(uid)
    bench.line.begin()
    return bench


def broken(*_: Any) -> Any:
    """A reader with a mistake in it."""
    raise ZeroDivisionError


class TestOutcome:
    @pytest.mark.parametrize(
        ("answer", "event"),
        [
            (ack(), Event.ACKNOWLEDGED),
            (ack(1, "CE", code="RTUDEST"), Event.REFUSED_FOR_GOOD),
            (ack(1, "CE", code="NEWCODE"), Event.CONFIGURATION_ERROR),
            (ack(1, "CE", code="NONCE"), Event.TOKEN_SPENT),
            (ack(1, "CE", code="RTEDEST"), "again"),
            (NotSent(), "again"),
            (OutcomeUnknown(), "unknown"),
            (GivenAnswer(messages.a_summary()), "unknown"),
            (GivenAnswer(b"<html/>", status=503), "unknown"),
        ],
    )
    def test_follows_from_the_answer(self, answer: Any, event: object) -> None:
        """Only a matching acknowledgement means delivered; what is not known is tried again."""
        bench = delivered(Bench(ScriptedDoor(answer)), a_push())
        assert [ended for _, ended, _ in bench.keeper.ended] == [event]

    def test_of_a_signed_push_without_answer_needs_a_new_token(self) -> None:
        """A token is for one use, and the switchboard may have seen this one."""
        bench = delivered(Bench(ScriptedDoor(OutcomeUnknown())), a_push(token=b"t1"))
        assert [ended for _, ended, _ in bench.keeper.ended] == [Event.TOKEN_SPENT]

    def test_of_a_signed_push_that_never_left_keeps_its_token(self) -> None:
        """No byte was sent: the token is as good as new."""
        bench = delivered(Bench(ScriptedDoor(NotSent())), a_push(token=b"t1"))
        assert [ended for _, ended, _ in bench.keeper.ended] == ["again"]

    @pytest.mark.parametrize("answer", [ack(1, "CE", code="RTUDEST"), ack(1, "CR")])
    def test_of_a_push_in_is_never_final(self, answer: GivenAnswer) -> None:
        """Answered `CA`: a local system that refuses is asked again until a person acts."""
        push = a_push(direction=Direction.IN)
        bench = delivered(Bench(ScriptedDoor(), ScriptedDoor(answer)))
        bench.keeper.entries["1"] = an_entry(push, "1")
        bench.line.deliverers[Direction.IN].deliver_now(bench.keeper.entries["1"])
        assert [ended for _, ended, _ in bench.keeper.ended] == ["again"]


class TestPace:
    def test_keeps_to_its_cap(self) -> None:
        """Four at once in this line; the others wait."""
        held: list[Deferred[GivenAnswer]] = [Deferred() for _ in range(6)]
        bench = delivered(Bench(ScriptedDoor(*held)), *[a_push(n) for n in range(1, 7)])
        assert len(bench.out.asked) == 4

    def test_holds_no_more_bytes_than_it_may(self) -> None:
        """Large messages go one after the other, whatever their number may be."""
        held: list[Deferred[GivenAnswer]] = [Deferred() for _ in range(3)]
        bench = Bench(ScriptedDoor(*held))
        large = messages.a_report("r1", text="x" * 17 * 1024 * 1024)
        bench.line.deliverers[Direction.OUT].deliver_now(an_entry(a_push(payload=a_payload(large)), "f" * 32))
        delivered(bench, a_push(2), a_push(3))
        assert len(bench.out.asked) == 1
        held[0].callback(ack(1))
        assert len(bench.out.asked) == 3

    def test_goes_on_as_soon_as_one_ends(self) -> None:
        """No polling: the end of one begins the next."""
        held: list[Deferred[GivenAnswer]] = [Deferred() for _ in range(5)]
        bench = delivered(Bench(ScriptedDoor(*held)), *[a_push(n) for n in range(1, 6)])
        held[0].callback(ack(1))
        assert len(bench.out.asked) == 5

    def test_pauses_between_tries(self) -> None:
        """Half of two seconds, with this chance."""
        assert delivered(Bench(ScriptedDoor(NotSent())), a_push()).keeper.pauses == [1.0]

    def test_goes_on_with_bulk_after_a_repair(self) -> None:
        """A night of registrations that waited for the link goes on by itself, before the first call of the day."""
        bench = Bench(ScriptedDoor(*[ack(n) for n in range(1, 7)]))
        deliverer = bench.line.deliverers[Direction.OUT]
        deliverer.repaired()
        for number in range(1, 6):
            deliverer.deliver_now(an_entry(a_push(number, priority=2), str(number)))
        delivered(bench, a_push(6, priority=2))
        bench.clock.advance(2.5)
        assert len(bench.out.asked) == 6

    def test_says_so_to_a_receiver_that_may_know_it(self) -> None:
        """A second handover only where the first one's answer was lost, and marked."""
        bench = Bench(ScriptedDoor(ack()))
        bench.line.deliverers[Direction.OUT].deliver_now(replace(an_entry(a_push()), unknown=True))
        assert bench.out.asked[0].redelivery


class TestLinkDown:
    def a_line_that_is_down(self, *then: Any) -> Bench:
        bench = Bench(ScriptedDoor(*[NotSent()] * 5, *then))
        return delivered(bench, *[a_push(n) for n in range(1, 6)])

    def test_leaves_what_waits_alone(self) -> None:
        """A thousand waiting messages are not leased and put back all night."""
        bench = self.a_line_that_is_down()
        delivered(bench, a_push(6), a_push(7))
        bench.clock.advance(29)
        assert len(bench.keeper.due) == 2

    def test_probes_with_one(self) -> None:
        """One message goes when the breaker lets one through; the others stay as they are."""
        bench = self.a_line_that_is_down(NotSent())
        delivered(bench, a_push(6), a_push(7))
        bench.clock.advance(30)
        assert (len(bench.out.asked), len(bench.keeper.due) + len(bench.keeper.resting)) == (6, 1)

    def test_goes_on_when_the_probe_got_through(self) -> None:
        """Nobody has to do anything."""
        bench = self.a_line_that_is_down(ack(6), ack(7))
        delivered(bench, a_push(6), a_push(7))
        bench.clock.advance(30)
        bench.clock.advance(2.5)
        assert bench.keeper.due == []

    def test_is_not_tried_because_something_came(self) -> None:
        """A confirmed message, a new token, a unit of a deed: none of them mends a link; a person may have."""
        bench = self.a_line_that_is_down(NotSent())
        delivered(bench, a_push(6), a_push(7))
        bench.line.wake(Direction.OUT)
        bench.clock.advance(1)
        before = len(bench.out.asked)
        bench.line.hope(Direction.OUT)
        bench.clock.advance(1)
        assert (before, len(bench.out.asked)) == (5, 6)

    def test_of_one_local_system_does_not_hold_up_another(self) -> None:
        """It comes and goes; letters for the other one are not made to wait for its return."""
        door = ScriptedDoor(*[NotSent()] * 5, ack(6), ack(7))
        bench = Bench(ScriptedDoor(), door)
        delivered(bench, *[a_push(n, direction=Direction.IN) for n in range(1, 6)])
        delivered(bench, a_push(6, direction=Direction.IN))
        bench.clock.advance(30)
        delivered(bench, a_push(7, direction=Direction.IN, receiver=ApplicationId("80000009")))
        assert len(door.asked) == 7


class TestDestinationDown:
    def a_receiver_that_is_down(self, *then: Any) -> Bench:
        refusals = [ack(n, "CE", code="RTEDEST") for n in range(1, 6)]
        return delivered(Bench(ScriptedDoor(*refusals, *then)), *[a_push(n) for n in range(1, 6)])

    def test_lets_what_waits_for_it_rest(self) -> None:
        """A thousand messages for a hospital that is away are not handed over and put back all night."""
        bench = self.a_receiver_that_is_down()
        delivered(bench, a_push(6), a_push(7))
        assert (len(bench.out.asked), len(bench.keeper.resting), bench.watch.closed) == (5, 2, [1])

    def test_lets_others_go(self) -> None:
        """The pharmacy next door is up."""
        bench = self.a_receiver_that_is_down(ack(8))
        delivered(bench, a_push(6), a_push(8, receiver=ApplicationId("80000009")))
        assert len(bench.out.asked) == 6

    def test_tries_one(self) -> None:
        """And when that fails too, none for longer than before."""
        bench = self.a_receiver_that_is_down(ack(6, "CE", code="RTEDEST"))
        delivered(bench, a_push(6), a_push(7))
        bench.clock.pump([30, 1, 30])
        assert (len(bench.out.asked), len(bench.keeper.resting)) == (6, 1)

    def test_goes_on_with_all_when_one_arrived(self) -> None:
        """Nobody has to do anything."""
        bench = self.a_receiver_that_is_down(ack(6), ack(7), ack(8))
        delivered(bench, a_push(6), a_push(7), a_push(8))
        bench.clock.pump([30, 3, 1])
        assert (len(bench.out.asked), bench.keeper.resting, bench.watch.closed) == (8, [], [1, 0])

    def test_keeps_a_new_push_without_trying(self) -> None:
        """Its sender hears "kept" at once, instead of after twenty seconds."""
        bench = self.a_receiver_that_is_down()
        deliverer = bench.line.deliverers[Direction.OUT]
        other = a_push(receiver=ApplicationId("80000009"))
        assert (deliverer.may_begin(a_push()), deliverer.may_begin(other)) == (False, True)


BUSY = GivenAnswer(b"<html/>", status=503, headers=(("retry-after", "60"),))


class TestSilence:
    """One that accepts a connection and never answers."""

    def a_receiver_that_hangs(self, *then: Any) -> Bench:
        hanging: list[Deferred[GivenAnswer]] = [Deferred() for _ in range(4)]
        return delivered(Bench(ScriptedDoor(*hanging, *then)), *[a_push(n) for n in range(1, 5)])

    def test_makes_way_for_others(self) -> None:
        """The pharmacy next door does not wait for a thousand time-outs of thirty seconds."""
        bench = self.a_receiver_that_hangs(ack(7))
        delivered(bench, a_push(5), a_push(6), a_push(7, receiver=ApplicationId("80000009")))
        bench.clock.advance(5)
        assert (len(bench.out.asked), [uid for _, uid in bench.keeper.resting]) == (5, ["5".zfill(32), "6".zfill(32)])

    def test_keeps_a_new_push_without_trying(self) -> None:
        """Its sender hears "kept" at once, instead of after twenty seconds."""
        bench = self.a_receiver_that_hangs()
        bench.clock.advance(5)
        delivered(bench)
        deliverer = bench.line.deliverers[Direction.OUT]
        other = a_push(receiver=ApplicationId("80000009"))
        assert (deliverer.may_begin(a_push()), deliverer.may_begin(other)) == (False, True)

    def test_lets_the_next_one_go_when_one_ends(self) -> None:
        """What rests because too many were on their way goes one after the other."""
        hanging: list[Deferred[GivenAnswer]] = [Deferred() for _ in range(5)]
        bench = delivered(Bench(ScriptedDoor(*hanging)), *[a_push(n) for n in range(1, 7)])
        bench.clock.advance(5)
        for number in (1, 2, 3):
            hanging[number - 1].callback(ack(number))
        assert (len(bench.out.asked), len(bench.keeper.resting)) == (5, 1)


class TestPauseAskedFor:
    def test_leaves_the_switchboard_alone(self) -> None:
        """It said when it wants to hear from us: nothing of what waits goes before."""
        busy = GivenAnswer(b"<html/>", status=503, headers=(("retry-after", "60"),))
        bench = delivered(Bench(ScriptedDoor(busy, ack(2))), a_push())
        delivered(bench, a_push(2))
        bench.clock.advance(59)
        asked = len(bench.out.asked)
        bench.clock.advance(1)
        assert (asked, len(bench.out.asked), bench.keeper.pauses) == (1, 2, [60.0])

    @pytest.mark.parametrize("answer", [ack(2, "CE", code="RTUDEST"), GivenAnswer(b"<html/>", status=503)])
    def test_ends_with_any_answer_that_asks_for_none(self, answer: GivenAnswer) -> None:
        """The switchboard answers: two hundred letters do not wait because the first one was for nobody."""
        bench = delivered(Bench(ScriptedDoor(BUSY, answer, ack(3), ack(4))), a_push())
        delivered(bench, a_push(2), a_push(3), a_push(4))
        bench.clock.pump([60, 2.5, 1])
        assert (len(bench.out.asked), bench.keeper.due, bench.watch.closed) == (4, [], [1, 0])

    def test_is_not_ended_by_what_was_on_its_way(self) -> None:
        """Eight went together; that the last one arrived says nothing about whether more may come."""
        held: list[Deferred[GivenAnswer]] = [Deferred() for _ in range(4)]
        bench = delivered(Bench(ScriptedDoor(*held)), *[a_push(n) for n in range(1, 6)])
        held[0].callback(BUSY)
        held[1].callback(ack(2))
        assert (len(bench.out.asked), bench.keeper.due) == (4, ["5".zfill(32)])

    @pytest.mark.parametrize(("says_so", "asked"), [("wake", 1), ("hope", 2)])
    def test_is_ended_by_a_person_alone(self, says_so: str, asked: int) -> None:
        """Ten messages a second that are confirmed in the inbox are not ten requests to who asked for none."""
        bench = delivered(Bench(ScriptedDoor(BUSY, ack(2))), a_push())
        delivered(bench, a_push(2))
        getattr(bench.line, says_so)(Direction.OUT)
        bench.clock.advance(1)
        assert len(bench.out.asked) == asked

    def test_is_no_longer_than_our_longest_pause(self) -> None:
        """A mistake of an hour at the other side must not become one of ours."""
        busy = GivenAnswer(b"<html/>", status=503, headers=(("retry-after", "3600"),))
        assert delivered(Bench(ScriptedDoor(busy)), a_push()).keeper.pauses == [300.0]


class TestStoreTrouble:
    def test_holds_an_outcome_until_it_can_be_recorded(self) -> None:
        """The lease stays ours: nobody sends it again meanwhile."""
        held: Deferred[GivenAnswer] = Deferred()
        bench = delivered(Bench(ScriptedDoor(held)), a_push())
        bench.keeper.is_full = True
        held.callback(ack())
        bench.keeper.is_full = False
        bench.clock.advance(5)
        assert [ended for _, ended, _ in bench.keeper.ended] == [Event.ACKNOWLEDGED]

    def test_tries_again_when_it_could_not_lease(self) -> None:
        """It resumes by itself."""
        bench = Bench(ScriptedDoor(ack()))
        bench.keeper.is_full = True
        delivered(bench, a_push())
        bench.keeper.is_full = False
        bench.clock.advance(5)
        assert [ended for _, ended, _ in bench.keeper.ended] == [Event.ACKNOWLEDGED]


class TestOurOwnMistake:
    def test_never_leaves_a_message_leased(self) -> None:
        """What broke off in the middle is tried again later, not forgotten until the next start."""
        bench = delivered(Bench(ScriptedDoor(ZeroDivisionError())), a_push())
        assert [(ended, code) for _, ended, code in bench.keeper.ended] == [("unknown", "EN-INTERNAL")]


class TestAMessageThatIsRefusedNow:
    """It was kept by a release with another reader, or what it was kept for has changed."""

    def test_is_held_and_never_sent(self) -> None:
        """The same reader says the same at each try: a person is told which message it is, once."""
        bench = delivered(Bench(ScriptedDoor()), a_push(payload=a_payload(b"<x")))
        bench.clock.advance(3600)
        assert bench.keeper.ended == [(f"{1:032x}", Event.CONFIGURATION_ERROR, "EN-KEPT-UNREADABLE")]
        assert bench.out.asked == []

    def test_is_held_whatever_the_reader_stumbles_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A mistake of the reader is no reason to try for ever, nor to say that it may have arrived."""
        monkeypatch.setattr("edge_node.flow.soap.SoapSpeech.asked", broken)
        bench = delivered(Bench(ScriptedDoor()), a_push())
        assert [(ended, code) for _, ended, code in bench.keeper.ended] == [
            (Event.CONFIGURATION_ERROR, "EN-KEPT-UNREADABLE")
        ]

    def test_is_not_called_sent(self) -> None:
        """Who waits for it hears that nothing left: it is not in the system of the receiver."""
        bench = Bench(ScriptedDoor())
        entry = an_entry(a_push(payload=a_payload(b"<x")))
        promise = bench.line.deliverers[Direction.OUT].deliver_now(entry)
        assert not result(Deferred.fromCoroutine(promise.within(bench.clock, 1))).is_sent

    def test_lets_the_others_go(self) -> None:
        """One message stops no line."""
        bench = delivered(Bench(ScriptedDoor(ack(2))), a_push(payload=a_payload(b"<x")), a_push(2))
        assert [ended for _, ended, _ in bench.keeper.ended] == [Event.CONFIGURATION_ERROR, Event.ACKNOWLEDGED]


class TestStop:
    def test_starts_nothing_new(self) -> None:
        """A node that drains leaves the queue for its next run."""
        held: list[Deferred[GivenAnswer]] = [Deferred() for _ in range(5)]
        bench = delivered(Bench(ScriptedDoor(*held)), *[a_push(n) for n in range(1, 6)])
        stopping = Deferred.fromCoroutine(bench.line.stop(30))
        for number, each in enumerate(held[:4], start=1):
            each.callback(ack(number))
        assert len(bench.out.asked) == 4
        assert stopping.called

    def test_waits_for_what_was_being_leased(self) -> None:
        """What is leased when the order to stop comes goes out: left behind, its outcome would be unknown."""
        leased: Deferred[None] = Deferred()
        answered: Deferred[GivenAnswer] = Deferred()
        bench = Bench(ScriptedDoor(answered))
        bench.keeper.leasing = leased
        delivered(bench, a_push())
        stopping = Deferred.fromCoroutine(bench.line.stop(30))
        leased.callback(None)
        assert not stopping.called
        answered.callback(ack())
        assert [ended for _, ended, _ in bench.keeper.ended] == [Event.ACKNOWLEDGED]
        assert stopping.called

    def test_waits_no_longer_than_it_may(self) -> None:
        """All of them together have that time, not each one after the other: systemd kills what drains too long."""
        held: list[Deferred[GivenAnswer]] = [Deferred() for _ in range(3)]
        bench = delivered(Bench(ScriptedDoor(*held)), *[a_push(n) for n in range(1, 4)])
        stopping = Deferred.fromCoroutine(bench.line.deliverers[Direction.OUT].stop(10))
        bench.clock.advance(10)
        assert stopping.called
