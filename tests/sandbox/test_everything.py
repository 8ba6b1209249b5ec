"""The round of everything: what it sends, seen from a stage that writes down what it is asked."""

from typing import Any

import pytest

from edge_node.formats import programme
from edge_node.model.message import Direction
from edge_node.model.programme import ProgrammeExchange
from edge_node.sandbox.everything import HOLDINGS, one_of_everything, steps
from edge_node.sandbox.samples.kinds import CONTEXT_LEGS, KINDS, LEGS, Role

EXCHANGES = programme.load().exchanges.values()
HELD = {data for holdings in HOLDINGS.values() for data in holdings}


class Stage:
    """Answers yes to everything."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def ask(self, who: str, command: str, **arguments: Any) -> dict[str, Any]:
        self.asked.append((who, str(arguments.get("kind", ""))))
        return {"outcome": "AA", "access_token": "token"}


@pytest.fixture(scope="module")
def sent() -> list[tuple[str, str]]:
    """Who sent which kind."""
    stage: Any = Stage()
    for _, outcomes in one_of_everything(stage):
        list(outcomes)
    return list(stage.asked)


def interactions_of(sent: list[tuple[str, str]], *who: str) -> set[str]:
    return {KINDS[kind].interaction for by, kind in sent if by in who and kind in KINDS}


class TestEverything:
    def test_names_its_steps_in_their_order(self) -> None:
        """The page of exchanges names them, and who looks for one finds it on the screen."""
        stage: Any = Stage()
        assert tuple(name for name, outcomes in one_of_everything(stage) if list(outcomes)) == steps()

    @pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.role is not Role.SIGNAL])
    def test_local_systems_send_each_kind(self, sent: list[tuple[str, str]], kind: Any) -> None:
        """A kind that nobody sends shows nothing."""
        assert {who for who, name in sent if name == kind.name} & {"his", "ais"}

    @pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda each: each.name)
    def test_every_exchange_is_shown_in_each_of_its_ways(
        self, sent: list[tuple[str, str]], exchange: ProgrammeExchange
    ) -> None:
        """A question to all sources comes in by itself, asked by the other local system, where one holds the data."""
        names = {str(name) for name in (*exchange.hl7v3, *exchange.declared)}
        out, inward = interactions_of(sent, "his", "ais"), interactions_of(sent, "switchboard")
        asked = {kind.interaction for kind in KINDS.values() if kind.data in HELD and kind.answer}
        legs = {leg.interaction for legs in CONTEXT_LEGS.values() for leg in legs}
        assert Direction.OUT not in exchange.ways or not names or names & out
        assert Direction.IN not in exchange.ways or not names or names & (inward | asked | legs)

    @pytest.mark.parametrize(
        "kind", [kind for kind in KINDS.values() if kind.role is Role.QUERY and kind.data], ids=lambda kind: kind.name
    )
    def test_somebody_holds_what_is_asked_for(self, kind: Any) -> None:
        """Otherwise every answer is "nothing found", and no source was asked."""
        assert kind.data in HELD

    def test_every_context_asks_legs_that_have_a_sample(self) -> None:
        """A context whose legs nobody can answer gives an empty batch."""
        assert {leg for legs in CONTEXT_LEGS.values() for leg in legs} <= set(LEGS)
