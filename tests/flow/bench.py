"""A line for tests: its parts joined around doubles."""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge_node.flow.answers import Answers, Pen
from edge_node.flow.breaker import BreakerPolicy
from edge_node.flow.retry import RetryPolicy
from edge_node.formats.fault import SoapFault
from edge_node.formats.hardened import XmlLimits
from edge_node.formats.reader import MessageReader
from edge_node.line import Choices, Fittings, Line
from edge_node.model.exchange import Arrival, Beside, Reply
from edge_node.model.identifiers import Oid
from edge_node.model.message import Direction, Format, Payload, Reading
from edge_node.model.peer import LocalCaller
from edge_node.model.record import Situation
from edge_node.policy.acknowledgement import CodeClass
from edge_node.policy.standing import Standing
from edge_node.tallying import Tally
from tests import messages
from tests.doubles import Counted, CountedSigner, CountedTokens, FixedChance, MemoryKeeper, ProvenTokens, ScriptedDoor
from tests.nouns import a_site
from tests.peers import a_switchboard_caller

#: Benches live as long as the tests: work that a test leaves pending, if it were collected in the middle of another
#: test, would run its clean-up there.
_BENCHES: "list[Bench]" = []

NOON = 1_795_262_400.0


class Bench:
    """Both directions, with doubles that can be looked at."""

    def __init__(self, out: ScriptedDoor | None = None, inward: ScriptedDoor | None = None, **site: Any) -> None:
        _BENCHES.append(self)
        self.clock = Clock()
        self.keeper = MemoryKeeper()
        self.out = out or ScriptedDoor()
        self.inward = inward or ScriptedDoor()
        self.tokens = CountedTokens()
        self.proven = ProvenTokens()
        self.signer = CountedSigner()
        self.watch = Counted()
        self.tally = Tally(self.watch, self.clock.seconds, lambda: 86_400.0)
        self.has_room = True
        self.can_record = True
        self.standing = Standing()
        self.shown: list[frozenset[str]] = []  # the facts that messages showed
        self.beside = Beside()  # what local systems say beside their messages
        self.answers = Answers(Pen(root=Oid("2.16.840.1.99"), now=lambda: NOON, chance=FixedChance()))
        self.line = Line(
            Choices(
                site=a_site(**site),
                catalogue=messages.catalogue(),
                breaker=BreakerPolicy(),
                retry=RetryPolicy(),
                out_concurrency=4,
                in_concurrency=4,
            ),
            Fittings(
                keeper=self.keeper,
                doors={
                    (Direction.OUT, Format.SOAP): self.out,
                    (Direction.IN, Format.SOAP): self.inward,
                    (Direction.IN, Format.FHIR): self.inward,
                },
                to_broker=self.out,
                access_tokens=self.tokens,
                tokens=self.proven,
                signer=self.signer,
                answers=self.answers,
                classes={
                    "KEY205": CodeClass.DONE_REGISTRATION,
                    "RTEDEST": CodeClass.RETRY,
                    "RTUDEST": CodeClass.PERMANENT,
                    "NONCE": CodeClass.TOKEN,
                },
                clock=self.clock,
                chance=FixedChance(),
                watch=self.tally,
                has_room=lambda: self.has_room,
                can_record=lambda: self.can_record,
                standing=lambda: self.standing,
                was_emergency=self.was_emergency,
                shown=self.shown.append,
            ),
        )

    async def was_emergency(self, correlation: str) -> bool:
        """What the access log says of a message that was kept."""
        lines = (push.log for push in self.keeper.kept if push.log is not None and push.correlation == correlation)
        return any(line.event.situation is Situation.EMERGENCY for line in lines)

    def start_from_local(self, body: bytes, path: str = "Dienst", caller: str = "his") -> "Deferred[Reply]":
        """Hand in what a local system sends."""
        arrival = Arrival(
            direction=Direction.OUT,
            payload=a_payload(body, path),
            caller=LocalCaller(name=caller, method="bearer"),
            correlation="c-0001-0001",
            beside=self.beside,
            address="127.0.0.1:40000",
        )
        return Deferred.fromCoroutine(self.line.receivers[Direction.OUT].receive(arrival))

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """The lines of the access log: what, how it ended, with which code."""
        return [(line.event.type, line.event.result, line.event.code) for line in self.keeper.records]

    def start_from_switchboard(self, body: bytes, path: str = "Dienst", soap_action: str = "") -> "Deferred[Reply]":
        """Hand in what the switchboard sends to the practice."""
        arrival = Arrival(
            direction=Direction.IN,
            payload=a_payload(body, path, soap_action),
            caller=a_switchboard_caller("practice"),
            correlation="c-0002-0002",
        )
        return Deferred.fromCoroutine(self.line.receivers[Direction.IN].receive(arrival))

    def fhir(self, direction: Direction, payload: Payload, caller: str = "his") -> Reply:
        """Hand in a FHIR request; the reply must be there at once."""
        arrival = Arrival(
            direction=direction,
            payload=payload,
            caller=LocalCaller(name=caller, method="key")
            if direction is Direction.OUT
            else a_switchboard_caller("practice"),
            correlation="c-0003-0003",
            beside=self.beside,
        )
        return result(Deferred.fromCoroutine(self.line.receivers[direction].receive(arrival)))

    def from_local(self, body: bytes, **more: str) -> Reply:
        """The reply, which must be there at once."""
        return result(self.start_from_local(body, **more))

    def from_switchboard(self, body: bytes, **more: str) -> Reply:
        """The reply, which must be there at once."""
        return result(self.start_from_switchboard(body, **more))


def a_payload(body: bytes, path: str = "Dienst", soap_action: str = "") -> Payload:
    operation = "TickTock" if path == "Ping" else "Doe"
    return Payload(path=path, soap_action=soap_action or f"urn:hl7-org:v3/{path}_{operation}", body=body)


def result(deferred: "Deferred[Any]") -> Any:
    """The result of a Deferred that has fired."""
    results: list[Any] = []
    deferred.addBoth(results.append)
    assert results, "nothing has come yet"
    return results[0]


async def gathered(reply: Reply) -> bytes:
    """All bytes of a streamed reply."""
    assert reply.stream is not None
    return b"".join([piece async for piece in reply.stream])


def read(body: bytes) -> Reading:
    """Read a message that must be good."""
    reader = a_reader()
    reader.feed(body)
    return reader.close()


def fault(body: bytes) -> SoapFault:
    """Read a SOAP fault."""
    reader = a_reader()
    reader.feed(body)
    assert reader.fault is not None
    return reader.fault


def a_reader() -> MessageReader:
    return MessageReader(limits=XmlLimits(), patient_at=lambda _: ("attention-line", "query"))
