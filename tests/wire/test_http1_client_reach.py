"""The client sees that a peer is there before a request is ready."""

import pytest
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import ConnectionRefusedError

from edge_node.errors import NotSent
from edge_node.wire.http1 import Limits
from edge_node.wire.http1_client import Destination, HttpClient
from tests.wire.test_http1_client import OK, Caller, result_of


class TestReach:
    def reach(self, caller: Caller) -> "Deferred[None]":
        return Deferred.fromCoroutine(caller.client.reach(connect_s=5))

    def test_the_request_that_follows_goes_over_the_same_connection(self) -> None:
        """What was seen to be there is what is used."""
        caller = Caller()
        result_of(self.reach(caller))
        asking = caller.ask()
        caller.hear(OK)
        assert (result_of(asking).status, len(caller.line.wires)) == (200, 1)

    def test_nobody_there_is_told(self) -> None:
        """Before anything that counts once was spent."""
        caller = Caller()
        caller.line.outcome = fail(ConnectionRefusedError())
        with pytest.raises(NotSent):
            result_of(self.reach(caller))

    def test_what_is_not_used_is_closed_in_time(self) -> None:
        """The request may never come."""
        caller = Caller(limits=Limits(idle_s=25))
        result_of(self.reach(caller))
        caller.clock.advance(25)
        assert not caller.line.wires[0].connected


class TestAgain:
    """A peer that could not be checked, because its lists were still on their way."""

    def caller(self, *worth: bool) -> tuple[Caller, list[str]]:
        caller, asked, answers = Caller(), [], iter(worth)

        async def again(code: str, left_s: float) -> bool:
            asked.append(code)
            caller.line.outcome = None
            return next(answers)

        caller.client = HttpClient(
            Destination(endpoint=caller.line, authority="switch.test", again=again), caller.clock
        )
        caller.line.outcome = fail(ConnectionRefusedError())
        return caller, asked

    def test_is_connected_to_once_more_when_that_is_said_to_help(self) -> None:
        """Not a byte has left: the question goes on as if nothing had been."""
        caller, asked = self.caller(True)
        caller.ask()
        assert (asked, len(caller.line.wires)) == (["EN-NOT-SENT"], 1)

    def test_is_given_up_when_it_is_not(self) -> None:
        """At once."""
        caller, asked = self.caller(False)
        with pytest.raises(NotSent):
            result_of(caller.ask())
        assert (len(asked), caller.client.connections) == (1, 0)
