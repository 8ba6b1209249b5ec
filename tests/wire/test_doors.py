"""The two ways out."""

from typing import Any

import pytest
from twisted.internet.defer import Deferred

from edge_node.errors import NotSent
from edge_node.model.exchange import Outgoing
from edge_node.model.identifiers import ApplicationId
from edge_node.model.message import Direction, Format, Payload
from edge_node.wire.doors import BrokerDoor, LocalDoor, LocalFhirDoor, Route, SwitchboardDoor
from edge_node.wire.http1 import Headers

OURS, THEIRS = ApplicationId("900001"), ApplicationId("900002")


class Pool:
    """A pool that does what it is told with a request, and remembers where it was to go."""

    def __init__(self, then: Any) -> None:
        self.targets: list[str] = []
        self.headers: list[Headers] = []
        self._then = then

    async def request(self, method: str, target: str, headers: Headers, *_: Any, **__: Any) -> Any:
        self.targets.append(target)
        self.headers.append(headers)
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


def a_fhir_outgoing(path: str) -> Outgoing:
    headers = (("authorization", "Bearer a.b.c"), ("edge-node-transaction-token", "secret"))
    payload = Payload(path=path, soap_action="", body=b"", format=Format.FHIR, method="GET", headers=headers)
    return Outgoing(
        direction=Direction.OUT, sender=OURS, receiver=THEIRS, payload=payload, correlation="c-1", redelivery=True
    )


def asked(door: Any, outgoing: Outgoing) -> Any:
    got: list[Any] = []
    Deferred.fromCoroutine(door.ask(outgoing, timeout_s=1, connect_s=1)).addBoth(got.append)
    return got[0]


class TestFhir:
    def test_the_broker_gets_the_address_behind_its_own_base(self) -> None:
        """Version and all; each version may have a broker of its own."""
        pool, found = Pool(lambda: "answer"), []

        async def find(application: ApplicationId, version: str) -> Route:
            found.append((application, version))
            return Route(pool, "/za-in")  # type: ignore[arg-type]

        assert asked(BrokerDoor(find), a_fhir_outgoing("fhir/R4/Task?_id=1")) == "answer"
        assert (pool.targets, found) == (["/za-in/fhir/R4/Task?_id=1"], [(OURS, "R4")])
        assert pool.headers == [(("authorization", "Bearer a.b.c"),)]

    @pytest.mark.parametrize(
        ("path", "base", "target"),
        [
            ("fhir/R4/Task/1", "/own/r4", "/own/r4/Task/1"),
            ("fhir/R4?_id=1", "/own", "/own?_id=1"),
            ("fhir/R4", "", "/"),
        ],
    )
    def test_a_local_system_gets_what_stands_behind_the_base(self, path: str, base: str, target: str) -> None:
        """Its own base is where it serves that version."""
        pool = Pool(lambda: "answer")
        routes = {(THEIRS, "R4"): Route(pool, base)}  # type: ignore[arg-type]
        assert asked(LocalFhirDoor(lambda: routes), a_fhir_outgoing(path)) == "answer"
        assert pool.targets == [target]
        assert dict(pool.headers[0])["edge-node-redelivery"] == "1"

    def test_a_version_that_left_the_settings_is_told(self) -> None:
        """Its message waits until it is back."""
        failure = asked(LocalFhirDoor(dict), a_fhir_outgoing("fhir/Task/1"))
        assert isinstance(failure.value, NotSent)


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
