"""The page of exchanges: complete, and true about the stories and the demo."""

import importlib

import pytest

from docs._ext.exchanges_page import EXCHANGE_COLUMNS, cells, make
from edge_node.formats import interactions, programme
from edge_node.model.interaction import Inbound
from edge_node.model.message import Direction
from edge_node.model.programme import ProgrammeExchange
from edge_node.sandbox.everything import steps
from edge_node.sandbox.samples.kinds import KINDS, LEGS
from edge_node.sandbox.samples.table import table
from tests.stories import test_exchange_fhir
from tests.stories.exchanges import comes_in, goes_out, kinds_of, test_name
from tests.stories.story import Story

EXCHANGES = programme.load().exchanges.values()


def named(exchange: ProgrammeExchange) -> str:
    return exchange.name


class TestExchangesPage:
    @pytest.mark.parametrize("exchange", EXCHANGES, ids=named)
    def test_has_no_empty_cell(self, exchange: ProgrammeExchange) -> None:
        """Who chooses a product reads this page."""
        found = cells(exchange)
        assert len(found) == len(EXCHANGE_COLUMNS)
        assert all(cell.strip() for cell in found)

    def test_says_in_words_where_the_table_has_no_level(self) -> None:
        """A reader would look for a level of that name."""
        levels = {level for row in EXCHANGES for level in cells(row)[5].split(", ")}
        assert levels == {"laag", "midden", "not stated"}
        assert "| unset |" not in make()

    def test_says_who_answers_a_tick(self) -> None:
        """No local system hears of it."""
        rows = {row.name: cells(row) for row in EXCHANGES}
        assert rows["tick"][7] == "out: relayed<br>in: answered by the node"
        assert rows["ping"][7] == "out: relayed<br>in: relayed"

    @pytest.mark.parametrize(
        ("exchange", "way"),
        [(exchange, way) for exchange in EXCHANGES for way in exchange.ways],
        ids=lambda value: getattr(value, "name", value),
    )
    def test_names_a_story_that_sends_it_this_way(self, exchange: ProgrammeExchange, way: Direction) -> None:
        """What no story sends may have stopped working long ago."""
        module = importlib.import_module(f"tests.stories.{exchange.story.removesuffix('.py')}")
        stories = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, Story)]
        assert any(test_name(exchange, way) in vars(story) for story in stories)

    @pytest.mark.parametrize("exchange", EXCHANGES, ids=named)
    def test_its_story_sends_each_of_its_interactions(self, exchange: ProgrammeExchange) -> None:
        """One version that is sent says nothing about the next one."""
        sent = {kind.interaction for kind in kinds_of(exchange) if goes_out(kind) or comes_in(kind)}
        assert sent == {str(name) for name in (*exchange.hl7v3, *exchange.declared)}

    @pytest.mark.parametrize("exchange", [each for each in EXCHANGES if Direction.IN not in each.ways], ids=named)
    def test_what_only_goes_out_never_comes_in(self, exchange: ProgrammeExchange) -> None:
        """A way that the node serves and the page does not name would be tried by nobody."""
        assert {table()[str(name)].inbound for name in (*exchange.hl7v3, *exchange.declared)} <= {Inbound.NEVER}

    @pytest.mark.parametrize("exchange", [each for each in EXCHANGES if each.fhir], ids=named)
    def test_what_fhir_carries_has_a_story_in_fhir(self, exchange: ProgrammeExchange) -> None:
        """A column of ids that nothing was ever sent under would be a promise only."""
        assert any(test_name(exchange, way) in vars(test_exchange_fhir.TestFhir) for way in exchange.ways)

    @pytest.mark.parametrize("exchange", EXCHANGES, ids=named)
    def test_names_a_step_of_the_demo_that_shows_it(self, exchange: ProgrammeExchange) -> None:
        """Somebody who wants to see it must find it on the screen."""
        assert exchange.demo in steps()

    @pytest.mark.parametrize("exchange", EXCHANGES, ids=named)
    def test_names_interactions_of_which_there_is_a_sample(self, exchange: ProgrammeExchange) -> None:
        """Neither the demo nor a story can send what nobody wrote."""
        made = {kind.interaction for kind in (*KINDS.values(), *LEGS)}
        assert {str(name) for name in (*exchange.hl7v3, *exchange.declared)} <= made

    @pytest.mark.parametrize("exchange", EXCHANGES, ids=named)
    def test_names_declarations_that_the_sandbox_makes(self, exchange: ProgrammeExchange) -> None:
        """The how-to shows the very lines by which the stories and the demo exchange it."""
        assert all(table()[str(name)].active for name in exchange.declared)

    def test_holds_every_interaction(self) -> None:
        """Also the retired ones: somebody may look for why his is refused."""
        page = make()
        assert all(f"`{name}`" in page for name in interactions.load())

    def test_says_in_which_ways(self) -> None:
        """A register is only asked."""
        rows = {row.name: cells(row) for row in EXCHANGES}
        assert [rows[name][2] for name in ("dispenses", "address-book", "signals")] == ["out and in", "out", "in"]
        assert Direction.IN in programme.load().exchanges["dispenses"].ways
