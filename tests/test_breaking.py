"""The proof that a test breaks a check: only what a look of the product itself sees counts."""

from types import SimpleNamespace
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from edge_node import looking_at_monitoring
from edge_node.model.check import Outcome, Result
from edge_node.policy import check_catalogue, check_engine
from edge_node.probing import Look

from .breaking import watched

CHECK = check_catalogue.load()["heartbeat"]


def seen(look: Look[Any]) -> Any:
    found: list[Any] = []
    Deferred.fromCoroutine(look.see()).addBoth(found.append)  # type: ignore[arg-type]
    return found[0]


def a_look() -> Look[Any]:
    """One of the product's, at a node whose monitoring never came."""
    ground: Any = SimpleNamespace(
        machine=SimpleNamespace(reactor=SimpleNamespace(seconds=lambda: 0.0)),
        carrying=SimpleNamespace(metrics=SimpleNamespace(fetched_at_s=None)),
        settings=SimpleNamespace(checks=SimpleNamespace(upkeep=SimpleNamespace(is_monitored=True))),
    )
    return next(one for one in looking_at_monitoring.looks(ground) if "heartbeat" in one.rules)


def judge(facts: Any, result: Result = Result.VIOLATED) -> None:
    check_engine.judge(lambda *_: Outcome(result=result), CHECK, facts, {"heartbeat_s": None})  # type: ignore[dict-item]


class TestTheProof:
    @pytest.mark.parametrize(
        ("result", "turned"),
        [(Result.VIOLATED, {"heartbeat"}), (Result.WARNED, {"heartbeat"}), (Result.GOOD, set()),
         (Result.UNKNOWN, set()), (Result.NOT_USED, set())],
    )  # fmt: skip
    def test_is_what_was_made_of_what_a_look_saw(self, result: Result, turned: set[str]) -> None:
        """Warned or violated, and nothing else."""
        with watched() as ledger:
            judge(seen(a_look()), result)
        assert ledger.turned == turned

    def test_is_none_for_facts_that_a_test_made(self) -> None:
        """A rule that is handed a fact proves nothing of the probe."""
        with watched() as ledger:
            facts = seen(a_look())
            judge(SimpleNamespace(age_s=facts.age_s))
        assert ledger.turned == set()

    def test_is_none_for_a_look_that_a_test_made(self) -> None:
        """It may see whatever the test wants."""

        async def see() -> object:
            return object()

        with watched() as ledger:
            judge(seen(Look(name="made up", see=see, rules={})))
        assert ledger.turned == set()

    def test_leaves_the_looks_as_they_were(self) -> None:
        """The next test has its own."""
        before = Look.__init__, check_engine.judge
        with watched():
            pass
        assert (Look.__init__, check_engine.judge) == before
