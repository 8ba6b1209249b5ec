"""GP practice and institution look after the same patients: the exchange "widened-locum-care", by every actor.

Four actors, fixed or locum, GP or physician for people with intellectual disabilities (AVG); out-of-hours care
without a post, with one, or with one beside each other; staff with a card of their own organisation, or guests with a
card of another one.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, ClassVar, Final, TypeVar

from edge_node.sandbox.cards import GUEST_URA
from edge_node.sandbox.samples.making import Maker, Sample
from edge_node.sandbox.samples.people import (
    AVG_PHYSICIAN,
    GP,
    INSTITUTION,
    LOCUM_AVG,
    LOCUM_GP,
    PRACTICE,
    Party,
    Person,
)
from tests.stories import moves
from tests.stories.exchanges import ExchangeStory
from tests.stories.moves import ANNA, maker_of
from tests.stories.site import ECD, HIS, WITH_INSTITUTION

POST: Final = "80000003"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who asks and reports, and at whose place is asked."""

    name: str
    system: str
    identity: str
    party: Party
    person: Person
    other: str  # application of the other organisation


PRACTICE_SIDE: Final = {"system": "his", "identity": "practice", "party": PRACTICE, "other": ECD}
INSTITUTION_SIDE: Final = {"system": "ecd", "identity": "institution", "party": INSTITUTION, "other": HIS}
ACTORS: Final = tuple(
    Actor(name=name, person=person, **side)  # type: ignore[arg-type]
    for name, person, side in (
        ("fixed GP", GP, PRACTICE_SIDE),
        ("locum GP", LOCUM_GP, PRACTICE_SIDE),
        ("fixed AVG physician", AVG_PHYSICIAN, INSTITUTION_SIDE),
        ("locum AVG physician", LOCUM_AVG, INSTITUTION_SIDE),
    )
)
#: Whom one exchanges with out of hours: the other organisation itself, a post, or both.
ARRANGEMENTS: Final[dict[str, Callable[[Actor], tuple[str, ...]]]] = {
    "without a post": lambda actor: (actor.other,),
    "with a post": lambda actor: (POST,),
    "with a post and each other": lambda actor: (POST, actor.other),
}
CARDS: Final = ("own card", "guest card")

T = TypeVar("T", bound=type[ExchangeStory])


def writes_as(actor: Actor, card: str) -> Maker:
    """Write messages as that actor: at his place, and with his card."""
    ura, hand_of = (actor.party.ura, moves.hand_of) if card == "own card" else (GUEST_URA, moves.guest_hand_of)
    party = replace(actor.party, person=actor.person, ura=ura)
    return Maker(party, zim="1", now=moves.now, chance=moves.chance).signing(hand_of)


def every_actor(story: T) -> T:
    """Give a story a test for each actor, arrangement and card."""
    for actor, arrangement, card in product(ACTORS, ARRANGEMENTS, CARDS):
        test = _test(actor, arrangement, card)
        test.__doc__ = f"A {actor.name}, {arrangement}, {card}."
        setattr(story, "test_" + f"{actor.name} {arrangement} {card}".replace(" ", "_"), test)
    return story


def _test(actor: Actor, arrangement: str, card: str) -> Callable[[Any], Any]:
    async def test(self: "TestGpAndAvg") -> None:
        await self.asks_and_reports(actor, writes_as(actor, card), ARRANGEMENTS[arrangement](actor))
        await self.is_asked_and_gets_reports(actor, ARRANGEMENTS[arrangement](actor))

    return test


@every_actor
class TestGpAndAvg(ExchangeStory):
    """Each asks the other's summary and reports back; each is asked, and gets reports."""

    site_systems: ClassVar = WITH_INSTITUTION

    async def test_out_widened_locum_care(self) -> None:
        """Each organisation asks under its own certificate: an institution is qualified for itself."""
        for actor in ACTORS:
            await self.passes_out(self._question(writes_as(actor, "own card"), "1"), actor.system)
        shown = [(turn.seen.sender, turn.organisation) for turn in self.switch.heard]
        practice, institution = (HIS, PRACTICE.name), (ECD, INSTITUTION.name)
        assert shown == [practice, practice, institution, institution]

    async def test_in_widened_locum_care(self) -> None:
        """A question for the institution never reaches the practice, though one node serves both."""
        await self.is_asked_and_gets_reports(ACTORS[2], (HIS,))
        assert self.systems["his"].heard == []

    async def test_guest_is_never_refused_for_his_card(self) -> None:
        """Temporary staff bring the card of another organisation; refused, the patient in front of them waits."""
        actor = ACTORS[3]
        told = await self.passes_out(self._question(writes_as(actor, "guest card"), HIS), actor.system)
        (turn,) = self.switch.heard
        assert GUEST_URA.encode() in turn.body
        assert turn.organisation == INSTITUTION.name
        assert "edge-node-error" not in told.headers
        assert {code for line in self.logged("message.odd") for code in line["codes"]} == {"EN-TOKEN-GUEST"}

    async def test_own_card_is_not_called_a_guests(self) -> None:
        """A note at every message would be read by nobody."""
        actor = ACTORS[2]
        await self.passes_out(self._question(writes_as(actor, "own card"), HIS), actor.system)
        assert self.logged("message.odd") == []

    async def asks_and_reports(self, actor: Actor, maker: Maker, others: tuple[str, ...]) -> None:
        """He asks all sources, and each other party by itself; afterwards he reports to each."""
        await self.passes_out(self._question(maker, "1"), actor.system)
        for other in others:
            await self.passes_out(self._question(maker, other), actor.system)
            report = maker.request("locum-report", receiver=other, patient=ANNA)
            await self.passes_out(report, actor.system)

    async def is_asked_and_gets_reports(self, actor: Actor, others: tuple[str, ...]) -> None:
        """At his place the question and the report of each other party come in."""
        own = WITH_INSTITUTION[actor.system][0]
        for other in others:
            for name in ("summary-query", "locum-report"):
                sample = maker_of(other).request(name, receiver=own, patient=ANNA)
                await self.passes_in(sample, actor.system, actor.identity)

    @staticmethod
    def _question(maker: Maker, receiver: str) -> Sample:
        return maker.request("summary-query", receiver=receiver, patient=ANNA)
