"""The client sees that a peer is there before a request is ready."""

import pytest
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import ConnectionRefusedError

from edge_node.errors import NotSent
from edge_node.wire.http1 import Limits
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
