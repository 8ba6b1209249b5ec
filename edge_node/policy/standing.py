"""The standing verdicts of the checks, and which exchanges they stop.

Knows: which blocking verdict stops which exchange, and the exceptions that keep patients safe.
Must not know: how a verdict came to be, how an exchange is stopped.

Made anew at each change of a verdict, so that the line's question is a look into two short tuples. The exceptions:
a soft check never stops a query of a person, nor emergency access, and no check on users or consent ever stops a
withdrawal or deregistration. What each handshake enforces by itself is not enforced here a second time: there it is
judged at the very moment, and over as soon as it is mended.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from edge_node.model.check import Action, Result, Topic, Verdict
from edge_node.model.message import Direction
from edge_node.model.standing import Passing

_ABOUT_PEOPLE: Final = frozenset({Topic.USERS, Topic.PATIENTS})
_ACTIONS: Final = {Direction.OUT: Action.BLOCK_OUT, Direction.IN: Action.BLOCK_IN}


@dataclass(frozen=True, slots=True)
class Standing:
    """All verdicts at one moment."""

    verdicts: Mapping[str, Verdict] = field(default_factory=lambda: MappingProxyType({}))
    _blocking: Mapping[Direction, tuple[Verdict, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> "Standing":
        """Return the standing that these verdicts make; those that stop everything first."""
        by_name = {verdict.check.name: verdict for verdict in verdicts}
        ordered = sorted(by_name.values(), key=lambda verdict: verdict.check.is_soft)
        blocking = {
            direction: tuple(it for it in ordered if action in it.blocks and not it.check.is_held_elsewhere)
            for direction, action in _ACTIONS.items()
        }
        return cls(MappingProxyType(by_name), MappingProxyType(blocking))

    def stops(self, passing: Passing) -> Verdict | None:
        """Return the verdict that stops this exchange; None: it may go on."""
        blocking = self._blocking.get(passing.direction, ())
        return next((verdict for verdict in blocking if _holds(verdict, passing)), None)

    def is_blocking(self, direction: Direction) -> bool:
        """Whether anything of that direction is stopped now."""
        return bool(self._blocking.get(direction))

    def with_result(self, *results: Result) -> tuple[Verdict, ...]:
        """Return the verdicts with one of these results, in the order of the catalogue."""
        return tuple(verdict for verdict in self.verdicts.values() if verdict.result in results)


def _holds(verdict: Verdict, passing: Passing) -> bool:
    concerns, check = verdict.outcome.concerns, verdict.check
    if concerns and passing.identity not in concerns:
        return False
    if passing.is_removal and check.topic in _ABOUT_PEOPLE:
        return False
    if not check.is_soft:
        return True
    return not (passing.is_emergency or (passing.is_query and passing.by_person))
