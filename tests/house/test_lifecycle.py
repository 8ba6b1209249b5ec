"""Every step of a message's life is in the table, and none is left out of the drawing.

Knows: `model/lifecycle.py` and the page made from it.
Must not know: who takes a step.
"""

from itertools import product

import pytest

from docs._ext import lifecycle_page
from edge_node.model.lifecycle import OPEN, TRANSITIONS, Event, IllegalTransition, State, advance

PAIRS = list(product(State, Event))
KNOWN = [pair for pair in PAIRS if pair in TRANSITIONS]
UNKNOWN = [pair for pair in PAIRS if pair not in TRANSITIONS]


def reached_from(start: State) -> set[State]:
    reached, before = {start}, set[State]()
    while reached != before:
        before = set(reached)
        reached |= {following for (state, _), following in TRANSITIONS.items() if state in before}
    return reached


class TestTable:
    @pytest.mark.parametrize(("state", "event"), KNOWN)
    def test_leads_from_a_known_pair_to_its_state(self, state: State, event: Event) -> None:
        """The table is the only place that says what follows."""
        assert advance(state, event) is TRANSITIONS[state, event]

    @pytest.mark.parametrize(("state", "event"), UNKNOWN)
    def test_refuses_every_other_pair(self, state: State, event: Event) -> None:
        """A delivered prescription must never be sent again because of an event nobody thought of."""
        with pytest.raises(IllegalTransition):
            advance(state, event)

    def test_reaches_every_state(self) -> None:
        """A state no message can be in is a mistake in the table."""
        assert reached_from(State.RECEIVED) == set(State)

    @pytest.mark.parametrize("state", sorted(OPEN))
    def test_leads_out_of_every_open_state(self, state: State) -> None:
        """No message may be stuck where neither the node nor a person can end it."""
        assert State.DELIVERED in reached_from(state)


class TestPage:
    def test_has_a_place_for_every_state(self) -> None:
        """The drawing shows the whole life."""
        assert set(lifecycle_page.PLACES) == set(State)

    @pytest.mark.parametrize(("state", "event"), KNOWN)
    def test_lists_every_step(self, state: State, event: Event) -> None:
        """An operator looks a step up in the table below the drawing."""
        assert f"| `{state}` | `{event}` | `{TRANSITIONS[state, event]}` |" in lifecycle_page.table()
