"""The life of a kept message."""

import itertools

import pytest

from edge_node.model.lifecycle import CLOSING, LEASABLE, OPEN, TRANSITIONS, Event, IllegalTransition, State, advance

PAIRS = list(itertools.product(State, Event))


class TestTable:
    @pytest.mark.parametrize(("state", "event"), sorted(TRANSITIONS))
    def test_leads_where_the_table_says(self, state: State, event: Event) -> None:
        """Every step of the table is taken as it stands, so the drawing in the docs is the truth."""
        assert advance(state, event) is TRANSITIONS[state, event]

    @pytest.mark.parametrize(("state", "event"), sorted(set(PAIRS) - set(TRANSITIONS)))
    def test_refuses_every_other_step(self, state: State, event: Event) -> None:
        """A step nobody designed is a programming error, never a silent change of a patient's message."""
        with pytest.raises(IllegalTransition):
            advance(state, event)

    @pytest.mark.parametrize("state", sorted(set(State) - {State.RECEIVED}))
    def test_reaches_every_state(self, state: State) -> None:
        """A state nothing leads to would be dead code in the field."""
        assert state in TRANSITIONS.values()

    @pytest.mark.parametrize("event", sorted(Event))
    def test_uses_every_event(self, event: Event) -> None:
        """An event that happens in no state could never be handled."""
        assert event in {used for _, used in TRANSITIONS}

    @pytest.mark.parametrize("state", sorted(OPEN))
    def test_lets_every_open_message_end(self, state: State) -> None:
        """No message may be stuck: from each open state a person or an acknowledgement can end it."""
        assert any(start is state and end not in OPEN for (start, _), end in TRANSITIONS.items()) or (
            TRANSITIONS[state, Event.LEASED] is State.IN_FLIGHT
        )

    def test_only_leases_what_is_not_waiting_for_a_person(self) -> None:
        """What needs a signature or an operator must never leave by itself."""
        assert not (LEASABLE & CLOSING)

    @pytest.mark.parametrize("state", [State.DELIVERED, State.DISCARDED, State.REFUSED])
    def test_never_leaves_an_end(self, state: State) -> None:
        """A delivered or discarded message can never be sent again."""
        assert not [event for start, event in TRANSITIONS if start is state]
