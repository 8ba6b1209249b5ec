"""The two ways out."""

from typing import Any

import pytest
from twisted.internet.defer import Deferred

from edge_node.errors import NotSent
from edge_node.model.exchange import Outgoing
from edge_node.model.identifiers import ApplicationId
from edge_node.model.message import Direction, Payload
from edge_node.wire.doors import LocalDoor, Route, SwitchboardDoor

OURS, THEIRS = ApplicationId("900001"), ApplicationId("900002")


class Pool:
    """A pool that does what it is told with a request, and remembers where it was to go."""

    def __init__(self, then: Any) -> None:
        self.targets: list[str] = []
        self._then = then

    async def request(self, method: str, target: str, *_: Any, **__: Any) -> Any:
        self.targets.append(target)
        return self._then()


def refuse() -> None:
    raise NotSent("the client is closing")


def an_outgoing(direction: Direction) -> Outgoing:
    payload = Payload(path="Dienst", soap_action="urn:hl7-org:v3/Dienst_Doe", body=b"<x/>")
    return Outgoing(direction=direction, sender=OURS, receiver=OURS, payload=payload, correlation="c-1")


def ask(door: Any, direction: Direction) -> Any:
    got: list[Any] = []
    asked = Deferred.fromCoroutine(door.ask(an_outgoing(direction), timeout_s=1, connect_s=1))
    asked.addBoth(got.append)
    return got[0]


@pytest.mark.parametrize(("make", "direction"), [(SwitchboardDoor, Direction.OUT), (LocalDoor, Direction.IN)])
class TestNewSettings:
    def test_a_request_that_waited_goes_the_new_way(self, make: Any, direction: Direction) -> None:
        """Taking up new settings costs nobody a query: nothing of it had left."""
        routes: dict[ApplicationId, Route] = {}
        new = Pool(lambda: "answer")

        def closed() -> None:
            routes[OURS] = Route(new, "/new")  # type: ignore[arg-type]
            refuse()

        routes[OURS] = Route(Pool(closed), "/old")  # type: ignore[arg-type]
        assert ask(make(lambda: routes), direction) == "answer"
        assert new.targets == ["/new/Dienst"]

    def test_a_request_that_cannot_be_sent_is_not_tried_twice(self, make: Any, direction: Direction) -> None:
        """When to try again is decided elsewhere."""
        pool = Pool(refuse)
        failure = ask(make(lambda: {OURS: Route(pool, "")}), direction)  # type: ignore[arg-type]
        assert isinstance(failure.value, NotSent)
        assert len(pool.targets) == 1

    def test_an_application_without_a_way_out_is_told(self, make: Any, direction: Direction) -> None:
        """It left the settings while its message waited."""
        failure = ask(make(lambda: {THEIRS: Route(Pool(refuse), "")}), direction)  # type: ignore[arg-type]
        assert isinstance(failure.value, NotSent)
