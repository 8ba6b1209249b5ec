"""What time it is on the other side."""

import pytest
from twisted.internet.defer import Deferred

from edge_node.flow.dates import DatedBroker, DatedDoor, date_of
from edge_node.model.exchange import Outgoing
from edge_node.model.identifiers import ApplicationId
from edge_node.model.message import Direction
from tests.doubles import GivenAnswer, ScriptedDoor
from tests.flow.bench import a_payload, result

DATE = (("server", "x"), ("date", "Sun, 06 Nov 1994 08:49:37 GMT"))
OUTGOING = Outgoing(
    direction=Direction.OUT,
    sender=ApplicationId("300"),
    receiver=ApplicationId("400"),
    payload=a_payload(b"<a/>"),
    correlation="c",
)


class TestDate:
    def test_is_read(self) -> None:
        """Each HTTP server with a clock gives it (RFC 9110, section 6.6.1)."""
        assert date_of(GivenAnswer(b"", headers=DATE)) == 784_111_777.0

    @pytest.mark.parametrize("value", ["", "soon", "Sun, 99 Nov 1994 08:49:37 GMT"])
    def test_of_no_form_says_nothing(self, value: str) -> None:
        """A strange header breaks no exchange."""
        assert date_of(GivenAnswer(b"", headers=(("date", value),))) is None

    def test_may_be_absent(self) -> None:
        """Then nothing is known."""
        assert date_of(GivenAnswer(b"")) is None


class TestDoor:
    def test_tells_the_time_of_each_answer(self) -> None:
        """So a clock that goes wrong is seen at the next exchange."""
        told: list[float] = []
        door = DatedDoor(ScriptedDoor(GivenAnswer(b"", headers=DATE)), told.append, iter([0.0, 0.9]).__next__)
        answer = result(Deferred.fromCoroutine(door.ask(OUTGOING, timeout_s=1, connect_s=1)))
        assert (answer.status, told) == (200, [784_111_777.0])

    def test_believes_none_that_was_long_in_coming(self) -> None:
        """It was dated when its question came: a slow source elsewhere would make a right clock ten seconds wrong."""
        told: list[float] = []
        door = DatedDoor(ScriptedDoor(GivenAnswer(b"", headers=DATE)), told.append, iter([0.0, 10.0]).__next__)
        result(Deferred.fromCoroutine(door.ask(OUTGOING, timeout_s=60, connect_s=1)))
        assert told == []

    def test_to_the_broker_can_be_tried_first(self) -> None:
        """It stays what it is."""
        inner = ScriptedDoor()
        result(Deferred.fromCoroutine(DatedBroker(inner, print, float).reach(OUTGOING, connect_s=1)))
        assert inner.reached == 1
