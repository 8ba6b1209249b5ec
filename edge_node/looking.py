"""Every look at a running node and its machine: one line each.

Knows: in which module each is, who hears of what they find.
Must not know: what any of them sees.

A new look is a module `looking_at_<what>.py` with a function `looks`, and a line in `_MODULES`.
"""

from collections.abc import Callable
from typing import Any, Final

from edge_node import (
    looking_at_certificates,
    looking_at_clock,
    looking_at_kept,
    looking_at_keys,
    looking_at_machine,
    looking_at_messages,
    looking_at_monitoring,
    looking_at_network,
    looking_at_plans,
    looking_at_settings,
    looking_at_store,
    looking_at_supplied,
    looking_at_switchboard,
    looking_at_upkeep,
    looking_at_users,
)
from edge_node.looking_ground import Ground
from edge_node.model.message import Direction
from edge_node.policy.standing import Standing
from edge_node.probing import Look, Parts, Probing
from edge_node.recording_outages import RecordingOutages

_MODULES: Final[tuple[Callable[[Ground], tuple[Look[Any], ...]], ...]] = (
    looking_at_certificates.looks,
    looking_at_clock.looks,
    looking_at_kept.looks,
    looking_at_keys.looks,
    looking_at_machine.looks,
    looking_at_messages.looks,
    looking_at_monitoring.looks,
    looking_at_network.looks,
    looking_at_plans.looks,
    looking_at_settings.looks,
    looking_at_store.looks,
    looking_at_supplied.looks,
    looking_at_switchboard.looks,
    looking_at_upkeep.looks,
    looking_at_users.looks,
)


def looks(ground: Ground) -> tuple[Look[Any], ...]:
    """Return all of them; a check that two of them judge is a mistake of ours."""
    found = tuple(look for of_module in _MODULES for look in of_module(ground))
    judged = [name for look in found for name in look.rules]
    if doubles := {name for name in judged if judged.count(name) > 1}:
        raise ValueError(f"judged twice: {', '.join(sorted(doubles))}")
    return found


def probing(ground: Ground) -> Probing:
    """Return what carries them out, joined to the node."""
    parts = Parts(
        looks=looks(ground),
        gate=ground.carrying.gate,
        book=ground.store.checks,
        settings=lambda: ground.settings,
        reactor=ground.machine.reactor,
        moment=ground.machine.clock.moment,
        is_quiet=lambda: ground.carrying.clock_watch.is_quiet,
    )
    made = Probing(parts)
    made.on_change(lambda before, now: _let_go_on(ground, before, now))
    ground.carrying.tally.on_link(RecordingOutages(ground.store.checks, ground.machine.clock.moment).heard)
    return made


def _let_go_on(ground: Ground, before: Standing, now: Standing) -> None:
    """Nothing stops what goes out any more: what waited for that is tried."""
    if before.is_blocking(Direction.OUT) and not now.is_blocking(Direction.OUT):
        ground.carrying.line.deliverers[Direction.OUT].repaired()
