"""The check on test patients, broken by a message of one in production."""

from functools import reduce
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edge_node.looking_at_supplied import looks
from edge_node.model.check import Outcome, Result
from edge_node.model.site import Environment, MessageChecks
from edge_node.settings.load import load
from edge_node.settings.schema import Settings

from . import messages
from .check_doubles import settings_of
from .doubles import GivenAnswer, ScriptedDoor
from .flow.bench import Bench, read
from .look_ground import Site, outcome
from .settings.written import SMALL, write

PRODUCTION = (("environment: test", "environment: production"), ('zim: "3"', 'zim: "1"'))
REPORT = messages.a_report()


class NobodyTold:
    """A store to which no local system told anything."""

    async def told(self) -> tuple[Any, ...]:
        return ()


def judged(settings: Settings, bench: Bench) -> Outcome:
    """Look at what was counted of the messages."""
    at = Site(settings)
    at.carrying.tally = bench.tally
    at.store = SimpleNamespace(checks=NobodyTold())
    (look,) = looks(at)  # type: ignore[arg-type]
    return outcome(settings, look, "test-bsn")


def sent(*ranges: str) -> Bench:
    """A node in production that passed a report on, where the numbers of test patients begin so."""
    site = {"environment": Environment.PRODUCTION, "checks": MessageChecks(test_bsns=ranges)}
    bench = Bench(ScriptedDoor(GivenAnswer(messages.an_ack_of(read(REPORT).wrapper))), **site)
    bench.from_local(REPORT)
    return bench


class TestATestPatient:
    @pytest.fixture
    def production(self, tmp_path: Path) -> Settings:
        text = reduce(lambda text, change: text.replace(*change), PRODUCTION, SMALL)
        return load((write(tmp_path, f"{text}tokens: {{anchors: cards.pem}}\n"),))

    @pytest.mark.breaks("test-bsn")
    def test_in_production_turns_its_check(self, production: Settings) -> None:
        """A demonstration on the wrong system puts a stranger in somebody's file."""
        found = judged(production, sent("9000", "9999"))
        assert (found.result, found.value) == (Result.WARNED, "1 of 1 in 24 h")

    def test_is_none_where_the_number_is_of_no_such_range(self, production: Settings) -> None:
        """Any other patient."""
        assert judged(production, sent("1234")).result is Result.GOOD

    def test_in_test_is_as_it_should_be(self, tmp_path: Path) -> None:
        """There are no others there."""
        assert judged(settings_of(tmp_path), sent("9999")).result is Result.NOT_USED
