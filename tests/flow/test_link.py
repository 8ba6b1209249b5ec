"""A door with a breaker before it."""

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge_node.errors import NotReached, NotSent, OutcomeUnknown
from edge_node.flow.breaker import Breaker, BreakerPolicy
from edge_node.flow.link import Link, Waits
from edge_node.model.exchange import Outgoing
from edge_node.model.message import Direction
from tests.doubles import GivenAnswer, ScriptedDoor
from tests.flow.bench import a_payload, result
from tests.nouns import PRACTICE, ZIM

WAITS = Waits(timeout_s=60, connect_s=5)
OUTGOING = Outgoing(
    direction=Direction.OUT, sender=PRACTICE, receiver=ZIM, payload=a_payload(b"<x/>"), correlation="c"
)


def a_link(*answers: GivenAnswer | Exception) -> tuple[Link, ScriptedDoor, list[tuple[str, bool]]]:
    changes: list[tuple[str, bool]] = []
    door = ScriptedDoor(*answers)
    breaker = Breaker(BreakerPolicy(), Clock().seconds)
    return Link("switchboard", door, breaker, lambda name, is_up: changes.append((name, is_up))), door, changes


def ask(link: Link, times: int = 1, *, person: bool = False) -> object:
    for _ in range(times - 1):
        result(Deferred.fromCoroutine(link.ask(OUTGOING, WAITS, person=person)))
    return result(Deferred.fromCoroutine(link.ask(OUTGOING, WAITS, person=person)))


def hear(link: Link, *errors: Exception | None) -> None:
    """Hail the other end, once for each."""

    async def hail() -> None:
        error = given.pop(0)
        if error is not None:
            raise error

    given = list(errors)
    for _ in errors:
        result(Deferred.fromCoroutine(link.hear(hail)))


class TestLink:
    def test_fails_fast_while_it_is_down(self) -> None:
        """The sixth sender is told at once, and nothing is tried."""
        link, door, _ = a_link(*[NotSent()] * 5)
        failure = ask(link, times=6)
        assert failure.value.code == "EN-LINK-OPEN"  # type: ignore[attr-defined]
        assert len(door.asked) == 5

    def test_tells_once_that_it_went_down(self) -> None:
        """One line in the log, not one a message."""
        link, _, changes = a_link(*[NotSent()] * 5)
        ask(link, times=6)
        assert changes == [("switchboard", False)]

    def test_tells_that_it_is_up_again(self) -> None:
        """What waits may go."""
        link, _, changes = a_link(*[NotSent()] * 5, GivenAnswer(b"x"))
        ask(link, times=5)
        ask(link, person=True)
        assert changes[-1] == ("switchboard", True)

    def test_tries_a_persons_query_with_little_time_to_connect(self) -> None:
        """Two seconds while the link is down."""
        link, door, _ = a_link(*[NotSent()] * 6)
        ask(link, times=5)
        ask(link, person=True)
        assert door.connect_s[-1] == 2

    @pytest.mark.parametrize("error", [OutcomeUnknown(), NotSent(code="EN-BUSY")])
    def test_stays_up_when_something_else_went_wrong(self, error: Exception) -> None:
        """A slow answer or a full pool says nothing about the line."""
        link, _, changes = a_link(*[error] * 9)
        ask(link, times=9)
        assert changes == []

    @pytest.mark.parametrize("code", ["EN-BUSY", "EN-SENDER-FOREIGN"])
    def test_is_not_down_for_what_was_never_tried(self, code: str) -> None:
        """A message of an application that left the settings says nothing about the way to the switchboard."""
        link, _, changes = a_link(*[NotSent(code=code)] * 6)
        ask(link, times=6)
        assert changes == []


class TestSeeing:
    def see(self, link: Link, *errors: Exception | None) -> None:
        """Look whether the other end is there, once for each."""

        async def reach(connect_s: float) -> None:
            error = given.pop(0)
            if error is not None:
                raise error

        given = list(errors)
        for _ in errors:
            result(Deferred.fromCoroutine(link.see(reach, 5.0)))

    def test_shows_that_it_is_down_without_a_message(self) -> None:
        """At night nobody asks, and in the morning it is too late to restart the HIS."""
        link, door, changes = a_link()
        self.see(link, *[NotSent()] * 5)
        assert (changes, door.asked) == ([("switchboard", False)], [])

    def test_shows_that_it_is_up_again(self) -> None:
        """What waits goes at once."""
        link, _, changes = a_link()
        self.see(link, *[NotSent()] * 5)
        link.breaker.hope()
        self.see(link, None)
        assert changes[-1] == ("switchboard", True)

    def test_is_not_done_before_a_probe_is_due(self) -> None:
        """One that is down is left alone for a while."""
        link, _, _ = a_link()
        self.see(link, *[NotSent()] * 5)
        self.see(link, AssertionError("nobody looks"))

    def test_tells_silence_from_a_refusal(self) -> None:
        """Who refuses is there: it is not the modem."""
        link, _, _ = a_link()
        self.see(link, NotReached())
        assert link.is_unreached
        self.see(link, NotSent())
        assert not link.is_unreached


class TestSilence:
    def test_several_requests_without_an_answer_are_silence(self) -> None:
        """A HIS that hangs takes every connection: it is not reachable for anybody who asks."""
        link, _, _ = a_link(*[OutcomeUnknown()] * 3)
        ask(link, times=2)
        assert link.silent_since_s is None
        ask(link)
        assert (link.silent_since_s, link.code) == (0.0, "EN-OUTCOME-UNKNOWN")

    def test_one_answer_ends_it(self) -> None:
        """It responds again."""
        link, _, _ = a_link(*[OutcomeUnknown()] * 3, GivenAnswer(b"x"))
        ask(link, times=4)
        assert (link.silent_since_s, link.code) == (None, "")

    def test_a_slow_one_between_answers_is_none(self) -> None:
        """A large record takes its time."""
        link, _, _ = a_link(*[OutcomeUnknown(), OutcomeUnknown(), GivenAnswer(b"x")] * 2)
        ask(link, times=6)
        assert link.silent_since_s is None

    def test_a_connection_is_no_answer(self) -> None:
        """It is still hanging."""
        link, _, _ = a_link(*[OutcomeUnknown()] * 3)
        ask(link, times=3)
        TestSeeing().see(link, None)
        assert link.silent_since_s is not None

    def test_whatever_it_says_to_a_question_about_nothing_ends_it(self) -> None:
        """At night no message shows that it responds again, and nobody may be called for it in the morning."""
        link, _, _ = a_link(*[OutcomeUnknown()] * 3)
        ask(link, times=3)
        hear(link, OutcomeUnknown(), NotSent())
        still = link.silent_since_s
        hear(link, None)
        assert (still, link.silent_since_s, link.code) == (0.0, None, "")

    def test_one_that_was_started_again_is_tried_anew(self) -> None:
        """In between it refused: what comes back may respond."""
        link, _, _ = a_link(*[OutcomeUnknown()] * 3)
        ask(link, times=3)
        TestSeeing().see(link, NotSent(), None)
        assert (link.silent_since_s, link.code) == (None, "")
