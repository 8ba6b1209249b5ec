"""Each exchange of the programme through a whole node, in each of its ways, compared byte by byte at the far end.

Knows: which samples belong to an exchange, what a good other side answers, what must be the same.
Must not know: how the node does it.
"""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final, TypeVar

from edge_node.formats import programme
from edge_node.model.interaction import Inbound
from edge_node.model.message import Direction
from edge_node.model.programme import ProgrammeExchange
from edge_node.sandbox.batch import bundle, leg_kinds, make_leg
from edge_node.sandbox.reading import Seen, enclosed, read, without_zim_header
from edge_node.sandbox.samples.kinds import CONTEXT_LEGS, KINDS, LEGS, Kind, Role
from edge_node.sandbox.samples.making import Maker, Sample, Verdict
from edge_node.sandbox.samples.people import Patient
from edge_node.sandbox.samples.table import declarations, table
from tests.stories import lines, moves
from tests.stories.caller import Told, seen
from tests.stories.far_end import Move, Turn
from tests.stories.moves import ANNA, AT_PRACTICE, ELSEWHERE, ZIM, maker_of
from tests.stories.site import HIS
from tests.stories.story import Story

T = TypeVar("T", bound=type[Story])

#: By which context an exchange asks; the public ones are those of chain care.
CONTEXTS: Final = {"medication-process": "SITEMP", "chain-care": "KZDI", "correspondence": "SITEGP"}
SOURCES: Final = ("80000003", "80000004")
OUTSIDE_THE_REGION: Final = "AUTERR_SWV_FALSE"


def kinds_of(exchange: ProgrammeExchange) -> tuple[Kind, ...]:
    """The samples of an exchange."""
    ids = {str(name) for name in (*exchange.hl7v3, *exchange.declared)}
    context = CONTEXTS.get(exchange.name)
    return tuple(
        kind
        for kind in (*KINDS.values(), *LEGS)
        if kind.interaction in ids
        and kind.context in {None, context}
        and kind.by_patient == (exchange.domain == "patient")
    )


def goes_out(kind: Kind) -> bool:
    """Whether a local system sends it: legs and signals are the switchboard's."""
    return kind.role not in {Role.LEG, Role.SIGNAL}


def comes_in(kind: Kind) -> bool:
    """Whether the switchboard sends it to a local system."""
    return table()[kind.interaction].inbound is not Inbound.NEVER


def is_indirect(kind: Kind) -> bool:
    """Whether it is a question to all sources, answered by a batch."""
    return kind.role is Role.QUERY and table()[kind.interaction].direct is False


def bundles(about: Patient) -> Move:
    """What the switchboard does with an indirect question: two sources answer, one may not be asked."""

    def move(turn: Turn) -> None:
        question = turn.seen
        kinds = leg_kinds(question, turn.path.removeprefix("/").removesuffix("Batch"))
        answers = [_from_source(question, kind, source, about) for source in SOURCES for kind in kinds]
        refused = Verdict(type_code="AE", code=OUTSIDE_THE_REGION, text="90000099")
        answers.append(ZIM.answer(kinds[0].answer or "", question, None, refused))
        turn.answer(bundle(ZIM, question, answers))

    return move


def _from_source(question: Seen, kind: Kind, source: str, about: Patient) -> bytes:
    leg = read(make_leg(ZIM, question, kind, source).body)
    return maker_of(source).answer(kind.answer or "", leg, about, Verdict(type_code="AA", quantity=1))


def with_its_answer(sample: Sample) -> Move:
    """What a good other side answers."""
    kind, about = sample.kind, sample.patient or ANNA
    if sample.receiver == "1" and is_indirect(kind):
        return bundles(about)
    return moves.accepts if kind.answer is None else moves.answers(about, quantity=1 if kind.is_query else 0)


def asked_of_a_source(kind: Kind) -> Sample:
    """The question as it comes in: by the switchboard itself, a device, without a token, for one answer."""
    context = next((name for name, legs in CONTEXT_LEGS.items() if kind in legs), "SITEMP")
    is_leg = kind.role is Role.LEG
    return ZIM.leg(kind, receiver=HIS, context=context if is_leg else None, patient=ANNA)


def sent_by_another(kind: Kind) -> Sample:
    """A message as it comes in: the switchboard has taken off what was for itself."""
    sender = ZIM if kind.role is Role.SIGNAL else ELSEWHERE
    sample = sender.request(kind.name, receiver=HIS, patient=ANNA)
    return Sample(
        kind=sample.kind, id=sample.id, receiver=HIS, patient=ANNA, body=without_zim_header(sample.body), token=None
    )


class ExchangeStory(Story):
    """A site that declares what the programme has and the public table has not."""

    given: ClassVar = {"switchboard": declarations()}

    async def passes_out(self, sample: Sample, system: str = "his") -> Told:
        """Send it, and compare: what the switchboard got, and what the local system got back."""
        kind, said = sample.kind, list[bytes]()
        answers = with_its_answer(sample)
        self.switch.will(lambda turn: (answers(turn), said.append(turn.said))[0])
        path = kind.service if sample.receiver == "1" else kind.service.removesuffix("Batch")
        told = await self.send(sample, system, path=path)
        assert (told.status, [told.body]) == (200, said), (kind.name, told.body)
        turn = self.switch.heard[-1]
        assert (turn.body, turn.path) == (sample.body, f"/{path}"), kind.name
        assert turn.headers["soapaction"] == f'"urn:hl7-org:v3/{path}_{kind.operation}"', kind.name
        self._is_answer_of_its_kind(kind, told)
        self._is_logged(sample, "out")
        return told

    async def passes_in(self, sample: Sample, system: str = "his", identity: str = "practice") -> Told:
        """Bring it, and compare: what the local system got, and what the switchboard got back."""
        kind, far_end, said = sample.kind, self.systems[system], list[bytes]()
        answers = with_its_answer(sample)
        far_end.will(lambda turn: (answers(turn), said.append(turn.said))[0])
        before = len(far_end.heard)
        told = await self.call(sample, identity)
        await far_end.has_heard(before + 1)
        turn = far_end.heard[-1]
        assert (turn.body, turn.path) == (sample.body, f"/{kind.service.removesuffix('Batch')}"), kind.name
        self._is_answer_of_its_kind(kind, told)
        if table()[kind.interaction].inbound is Inbound.RELAY:
            assert [told.body] == said, kind.name
        self._is_logged(sample, "in")
        return told

    def _is_logged(self, sample: Sample, way: str) -> None:
        """Who, about whom, from where, with whom: in the access log before the answer is here."""
        found = lines.lines_of(self.folder / "state" / "store.db", "correlation.message", str(sample.id))
        assert (bool(found), {line["event.direction"] for line in found}) == (True, {way}), sample.kind.name
        assert [lines.lacking(line) for line in found] == [[]] * len(found), (sample.kind.name, found)
        is_named = sample.patient is not None and sample.patient.bsn.encode() in sample.body
        assert found[0]["object.is_named"] is is_named, sample.kind.name

    def _is_answer_of_its_kind(self, kind: Kind, told: Told) -> None:
        """A receipt where a receipt is expected, an answer of the application where that is."""
        answer = seen(told)
        is_batch = answer.interaction == "MCCI_IN200101"
        expected = "CA" if kind.answer is None and not is_batch else "AA"
        assert (told.status, answer.type_code) == (200, expected), (kind.name, told.body)
        assert answer.interaction in {str(name) for name in table()[kind.interaction].answers}, kind.name
        if is_batch:
            assert OUTSIDE_THE_REGION in {code for one in enclosed(answer.element) for code in one.codes}, kind.name


def a_sample(kind: Kind, maker: Maker = AT_PRACTICE) -> Sample:
    """The message as a system of ours sends it: to a register, the switchboard, or another application."""
    to_switchboard = kind.register or is_indirect(kind)
    return maker.request(kind.name, receiver="1" if to_switchboard else "80000003", patient=ANNA)


def exchange_tests(*names: str) -> Callable[[T], T]:
    """Give a story one test for each way of each of these exchanges: `test_out_dispenses`, `test_in_dispenses`."""

    def give(story: T) -> T:
        for exchange in (programme.load().exchanges[name] for name in names):
            for name, test in _tests(exchange):
                setattr(story, name, test)
        return story

    return give


def _tests(exchange: ProgrammeExchange) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    ways = {Direction.OUT: _all_out, Direction.IN: _all_in}
    for way in exchange.ways:
        test = ways[way](kinds_of(exchange))
        test.__doc__ = f"{exchange.dutch}: {exchange.asks}."
        yield test_name(exchange, way), test


def test_name(exchange: ProgrammeExchange, way: Direction) -> str:
    """The name of the test of one way of an exchange."""
    return f"test_{way.value}_{exchange.name.replace('-', '_')}"


test_name.__test__ = False  # type: ignore[attr-defined]


def _all_out(kinds: tuple[Kind, ...]) -> Callable[[ExchangeStory], Any]:
    going = [kind for kind in kinds if goes_out(kind)]
    assert going

    async def test(self: ExchangeStory) -> None:
        for kind in going:
            await self.passes_out(a_sample(kind))

    return test


def _all_in(kinds: tuple[Kind, ...]) -> Callable[[ExchangeStory], Any]:
    coming = [kind for kind in kinds if comes_in(kind)]
    assert coming

    async def test(self: ExchangeStory) -> None:
        for kind in coming:
            is_question = kind.role is Role.LEG or is_indirect(kind)
            await self.passes_in(asked_of_a_source(kind) if is_question else sent_by_another(kind))

    return test
