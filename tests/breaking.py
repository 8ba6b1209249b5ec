"""Proof that a test breaks a check through what its look really sees, and not by handing its rule a fact.

Knows: the looks of the product, and what the engine makes of what they saw.
Must not know: any check, any test.

A test says which checks it breaks: `@pytest.mark.breaks("clock-offset")`. While it runs, what each look of the
product sees is kept, and what is judged by it. A check counts as broken when the engine made *warned* or *violated*
of what a look saw itself: facts that a test made count for nothing.
"""

import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from edge_node.model.check import Check, Limits, Outcome, Result
from edge_node.policy import check_engine
from edge_node.policy.check_engine import Rule
from edge_node.probing import Look

_LOOKS: Final = "edge_node.looking_at_"
_BROKEN: Final = frozenset({Result.WARNED, Result.VIOLATED})


class Ledger:
    """What looks saw while a test ran, and which checks turned by it."""

    def __init__(self) -> None:
        self.turned: set[str] = set()
        self._seen: list[Any] = []  # held, so that no other thing gets the same place in memory

    def seeing(self, see: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
        """Keep what a look sees."""

        async def look() -> Any:
            facts = await see()
            self._seen.append(facts)
            return facts

        return look

    def judged(self, check: Check, facts: Any, outcome: Outcome) -> None:
        """Keep what was made of it."""
        if outcome.result in _BROKEN and any(facts is seen for seen in self._seen):
            self.turned.add(check.name)


@contextmanager
def watched() -> Iterator[Ledger]:
    """Keep a ledger for as long as this lasts."""
    ledger, init, judge = Ledger(), Look.__init__, check_engine.judge

    def build(self: Look[Any], *, see: Callable[[], Awaitable[Any]], **rest: Any) -> None:
        # By whoever calls this: a look that a test made is none of the product's.
        is_ours = sys._getframe(1).f_globals["__name__"].startswith(_LOOKS)
        init(self, see=ledger.seeing(see) if is_ours else see, **rest)

    def judged(rule: Rule[Any], check: Check, facts: Any, limits: Limits) -> Outcome:
        outcome = judge(rule, check, facts, limits)
        ledger.judged(check, facts, outcome)
        return outcome

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Look, "__init__", build)
        patch.setattr(check_engine, "judge", judged)
        yield ledger
