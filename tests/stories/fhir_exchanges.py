"""Each exchange of the programme that FHIR carries, through a whole node, in each of its ways.

Knows: which samples belong to an exchange, what a good broker and a good local system answer, what must be the same.
Must not know: how the node does it.
"""

import secrets
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from edge_node.formats import interactions, programme
from edge_node.model.interaction import Inbound
from edge_node.model.message import Direction
from edge_node.model.programme import ProgrammeExchange
from edge_node.sandbox.fhir_exchange import FhirAsked
from edge_node.sandbox.fhir_reading import read_fhir_request
from edge_node.sandbox.fhir_server import FhirServer
from edge_node.sandbox.samples.fhir import FhirKind, FhirMaker, FhirSample, fhir_kinds
from edge_node.sandbox.samples.people import HOSPITAL, PRACTICE, Party
from tests.stories import lines, moves
from tests.stories.caller import Told
from tests.stories.exchanges import test_name
from tests.stories.far_end import Move, Turn
from tests.stories.fhir_moves import initial_of, request_of
from tests.stories.fhir_story import FhirStory
from tests.stories.moves import ANNA

T = TypeVar("T", bound=type[FhirStory])

MAKER: Final = FhirMaker(PRACTICE, now=moves.now, chance=secrets.token_hex).signing(moves.hand_of)
#: What stands before the address at the broker, and at the local system instead of /fhir and its version.
AT_BROKER: Final = "/za-in"
AT_SYSTEM: Final = {"STU3": "/own/stu3", "R4": "/own/r4"}
#: Headers that come back with an answer.
BACK: Final = ("content-type", "location", "etag")


def kinds_of(exchange: ProgrammeExchange) -> tuple[FhirKind, ...]:
    """The FHIR requests of an exchange."""
    ids = {str(name) for name in exchange.fhir}
    return tuple(kind for kind in fhir_kinds().values() if kind.interaction in ids)


def answers(party: Party, sample: FhirSample) -> Move:
    """Answer as the FHIR server of that party."""
    server = FhirServer(party, now=moves.now, chance=secrets.token_hex)

    def move(turn: Turn) -> None:
        asked = FhirAsked(method=turn.method, target=sample.target, headers=turn.headers, body=turn.body)
        reply = server.answer(asked, read_fhir_request(asked), ANNA.bsn)
        headers = dict(reply.headers)
        turn.answer(reply.body, reply.status, headers.pop("content-type", sample.media_type), headers)

    return move


class FhirExchangeStory(FhirStory):
    """The practice's system asks and answers FHIR."""

    async def passes_out(self, sample: FhirSample) -> None:
        """Send it as the local system does, and compare: what the broker got, and what came back."""
        self.broker.will(answers(HOSPITAL, sample))
        before = len(self.broker.heard)
        told = await self._sent(sample)
        assert len(self.broker.heard) == before + 1, (sample.kind.name, told.status, told.body)
        turn = self.broker.heard[-1]
        self._is_the_same(sample, turn, f"{AT_BROKER}{sample.target}")
        self._came_back(sample, turn, told)
        if sample.kind.action != "capabilities":
            # A fresh token of the authorisation server, and a hop of its own in the same chain.
            assert turn.headers["authorization"].startswith("Bearer "), sample.kind.name
            assert request_of(turn.headers["aorta-id"]) != sample.request, sample.kind.name
            self._is_logged(sample, "out")

    async def passes_in(self, sample: FhirSample) -> None:
        """Bring it as the broker does, and compare: what the local system got, and what came back."""
        system = self.systems["his"]
        system.will(answers(PRACTICE, sample))
        before = len(system.heard)
        told = await self.calls(sample.target, sample.method, sample.body or None, **_headers(sample))
        assert told.status < 300, (sample.kind.name, told.status, told.body)
        await system.has_heard(before + 1)
        turn = system.heard[-1]
        self._is_the_same(
            sample, turn, sample.target.replace(sample.kind.base, AT_SYSTEM[sample.kind.fhir_version], 1)
        )
        if interactions.load()[sample.kind.interaction].inbound is not Inbound.KEEP:
            self._came_back(sample, turn, told)
        if sample.kind.action != "capabilities":
            self._is_logged(sample, "in")

    def _is_logged(self, sample: FhirSample, way: str) -> None:
        """Who, about whom, from where, with whom: in the access log before the answer is here."""
        chain = "correlation.initial_request"
        found = lines.lines_of(self.folder / "state" / "store.db", chain, sample.initial_request)
        assert (bool(found), {line["event.direction"] for line in found}) == (True, {way}), sample.kind.name
        assert [lines.lacking(line) for line in found] == [[]] * len(found), (sample.kind.name, found)

    async def _sent(self, sample: FhirSample) -> Told:
        headers = _headers(sample)
        if sample.kind.action != "capabilities":
            headers["edge_node_transaction_token"] = MAKER.transaction_token(sample)
        return await self.asks(sample.target, sample.method, sample.body or None, system="his", **headers)

    def _is_the_same(self, sample: FhirSample, turn: Turn, target: str) -> None:
        """Method, address, body and chain as they were sent."""
        name = sample.kind.name
        assert (turn.method, turn.target, turn.body) == (sample.method, target, sample.body), name
        if sample.kind.action == "capabilities":
            return
        assert turn.headers["aorta-version"] == sample.headers["aorta-version"], name
        assert initial_of(turn.headers["aorta-id"]) == sample.initial_request, name

    def _came_back(self, sample: FhirSample, turn: Turn, told: Told) -> None:
        """Body and headers as they were answered."""
        name = sample.kind.name
        assert told.body == turn.said, (name, told.status, told.body)
        said = {key.lower(): value for key, value in turn.answered.items() if key.lower() in BACK and turn.said}
        assert {key: told.headers.get(key) for key in said} == said, name


def _headers(sample: FhirSample) -> dict[str, str]:
    """The headers of a request, as the story wants them; a CapabilityStatement is asked for without ids and token."""
    if sample.kind.action == "capabilities":
        bare = dict.fromkeys(("aorta_id", "authorization", "edge_node_transaction_token"), "")
        return {"accept": sample.media_type, **bare}
    return {name.replace("-", "_"): value for name, value in sample.headers.items()}


def fhir_exchange_tests(story: T) -> T:
    """Give a story one test for each way of each exchange that FHIR carries."""
    for exchange in programme.load().exchanges.values():
        for name, test in _tests(exchange):
            setattr(story, name, test)
    return story


def _tests(exchange: ProgrammeExchange) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    kinds = kinds_of(exchange)
    coming = tuple(kind for kind in kinds if not kind.is_ours_to_answer)
    ways = {Direction.OUT: (kinds, _all_out), Direction.IN: (coming, _all_in)}
    for way in exchange.ways:
        of_way, test_of = ways[way]
        if of_way:
            test = test_of(of_way)
            test.__doc__ = f"{exchange.dutch}, in FHIR: {exchange.asks}."
            yield test_name(exchange, way), test


def _all_out(kinds: tuple[FhirKind, ...]) -> Callable[[FhirExchangeStory], Any]:
    async def test(self: FhirExchangeStory) -> None:
        for sample in _samples(kinds, to=HOSPITAL):
            await self.passes_out(sample)

    return test


def _all_in(kinds: tuple[FhirKind, ...]) -> Callable[[FhirExchangeStory], Any]:
    async def test(self: FhirExchangeStory) -> None:
        for sample in _samples(kinds, to=PRACTICE):
            await self.passes_in(sample)

    return test


def _samples(kinds: tuple[FhirKind, ...], to: Party) -> Iterator[FhirSample]:
    """Each in JSON and in XML."""
    for kind in kinds:
        for is_xml in (False, True):
            yield MAKER.request(kind, ANNA, to=to, is_xml=is_xml)
