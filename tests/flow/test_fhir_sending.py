"""Each attempt of a FHIR request is one of its own."""

from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge_node.errors import NotSent, Refused
from edge_node.flow.fhir_sending import FhirSending
from edge_node.machine import MachineChance
from edge_node.model.exchange import Outgoing
from edge_node.model.message import Direction, Payload
from tests import fhir
from tests.doubles import CountedSigner, CountedTokens, ScriptedDoor
from tests.flow.bench import result
from tests.nouns import PRACTICE, ZIM

EXCHANGED = {"authorization": "", "edge_node_transaction_token": fhir.transaction_token()}


class Away(ScriptedDoor):
    """Nobody is there."""

    async def reach(self, outgoing: Outgoing, *, connect_s: float) -> None:
        raise NotSent("away")


class SlowTokens(CountedTokens):
    """Takes longer than there is."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    async def access_token(self, *said: Any, timeout_s: float) -> str:
        self._clock.advance(timeout_s)
        return await super().access_token(*said, timeout_s=timeout_s)


def send(door: ScriptedDoor, tokens: CountedTokens, payload: Payload, clock: Clock | None = None) -> "Deferred[Any]":
    sending = FhirSending(door, (tokens, CountedSigner()), MachineChance(), clock or Clock())
    outgoing = Outgoing(direction=Direction.OUT, sender=PRACTICE, receiver=ZIM, payload=payload, correlation="c-1")
    return Deferred.fromCoroutine(sending.ask(outgoing, timeout_s=10, connect_s=5))


def sent(door: ScriptedDoor) -> list[dict[str, str]]:
    return [dict(outgoing.payload.headers) for outgoing in door.asked]


class TestSending:
    def test_gives_each_attempt_a_request_id(self) -> None:
        """The chain stays; two tries can be told apart on every system they came to."""
        door, tokens = ScriptedDoor(fhir.answer(), fhir.answer()), CountedTokens()
        for _ in range(2):
            send(door, tokens, fhir.payload())
        first, second = (headers["aorta-id"] for headers in sent(door))
        assert first != second
        assert {ids.partition(";")[0] for ids in (first, second)} == {f"initialRequestID={fhir.CHAIN}"}

    def test_passes_a_token_of_the_local_systems_own(self) -> None:
        """Nothing is asked for."""
        door, tokens = ScriptedDoor(fhir.answer()), CountedTokens()
        send(door, tokens, fhir.payload())
        assert (sent(door)[0]["authorization"], tokens.given) == (fhir.bearer(), [])

    def test_exchanges_what_a_user_signed_each_time(self) -> None:
        """An access token is for one attempt; what it was exchanged for goes no further than here."""
        door, tokens = ScriptedDoor(fhir.answer(), fhir.answer()), CountedTokens()
        for _ in range(2):
            send(door, tokens, fhir.payload(**EXCHANGED))
        assert [headers["authorization"] for headers in sent(door)] == ["Bearer access-1", "Bearer access-2"]
        assert not any(name.startswith("edge-node") for headers in sent(door) for name in headers)

    def test_asks_for_access_to_whom_it_sends(self) -> None:
        """A token for another party is of no use here, and of some use there."""
        door, tokens = ScriptedDoor(fhir.answer()), CountedTokens()
        send(door, tokens, fhir.payload(**EXCHANGED))
        assert [access.receiver for access in tokens.accesses] == [str(ZIM)]

    def test_exchanges_nothing_while_nobody_is_there(self) -> None:
        """A transaction token may count once: it is not spent on a line that is down."""
        tokens = CountedTokens()
        failure = result(send(Away(), tokens, fhir.payload(**EXCHANGED)))
        assert (failure.type, tokens.given) == (NotSent, [])

    @pytest.mark.parametrize(
        "error", [NotSent(code="EN-AUTHORISATION-UNREACHABLE"), Refused(code="EN-TOKEN-REFUSED")]
    )
    def test_sends_nothing_without_an_access_token(self, error: Exception) -> None:
        """The broker would refuse it, and would have seen it."""
        door = ScriptedDoor()
        assert result(send(door, CountedTokens(error), fhir.payload(**EXCHANGED))).value is error
        assert door.asked == []

    def test_sends_nothing_after_the_time_is_over(self) -> None:
        """Its sender has stopped waiting: nothing left, and that can be said."""
        door, clock = ScriptedDoor(), Clock()
        failure = result(send(door, SlowTokens(clock), fhir.payload(**EXCHANGED), clock))
        assert (failure.value.code, door.asked) == ("EN-AUTHORISATION-UNREACHABLE", [])
