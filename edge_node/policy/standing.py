"""The standing verdicts of the checks, and which exchanges they stop.

Knows: which blocking verdict stops which exchange, and the exceptions that keep patients safe.
Must not know: how a verdict came to be, how an exchange is stopped.

Made anew at each change of a verdict, so that the line's question is a look into two short tuples. The exceptions:
a soft check never stops a query of a person, nor emergency access, and no check on users or consent ever stops a
withdrawal or deregistration, whether it stands or is found on that message. What a site made stop all traffic is soft
there, also where the check is hard on single messages. What each handshake or commit enforces by itself is not
enforced here a second time: there it is judged at the very moment, and over as soon as it is mended.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Final

from edge_node.model.check import Action, Check, Result, Topic, Verdict
from edge_node.model.finding import Finding, Severity
from edge_node.model.message import Direction
from edge_node.model.standing import Passing
from edge_node.policy import check_catalogue

_ABOUT_PEOPLE: Final = frozenset({Topic.USERS, Topic.PATIENTS})
#: What stops one message, or those of one user: each of his messages brings what is wrong.
_OF_ONE: Final = frozenset({Action.BLOCK_MSG, Action.BLOCK_USER})
_OF_ANOTHER_PATIENT: Final = frozenset({"EN-TOKEN-PATIENT"})
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

    def weight(self, finding: Finding, passing: Passing) -> Severity:
        """Return what a finding does to its message: what the action of its check says, where it follows that."""
        check = _followers().get(finding.code)
        if check is None:
            return Severity.WARN if passing.is_removal and finding.code in _of_users() else finding.severity
        verdict = self.verdicts.get(check.name)
        actions = check.actions if verdict is None else verdict.actions
        is_waived = check.is_soft and verdict is not None and verdict.waiver is not None
        if is_waived or _OF_ONE.isdisjoint(actions) or spares(check, passing):
            return Severity.WARN
        return Severity.BLOCK

    def with_result(self, *results: Result) -> tuple[Verdict, ...]:
        """Return the verdicts with one of these results, in the order of the catalogue."""
        return tuple(verdict for verdict in self.verdicts.values() if verdict.result in results)


def spares(check: Check, passing: Passing) -> bool:
    """Whether an exchange goes on whatever the check found on it: the exceptions that keep patients safe."""
    return _is_spared(check.topic, passing, is_soft=check.is_soft)


def _is_spared(topic: Topic, passing: Passing, *, is_soft: bool) -> bool:
    if passing.is_removal and topic in _ABOUT_PEOPLE:
        return True
    return is_soft and (passing.is_emergency or (passing.is_query and passing.by_person))


def _holds(verdict: Verdict, passing: Passing) -> bool:
    check, concerns = verdict.check, verdict.outcome.concerns
    if concerns and passing.identity not in concerns:
        return False
    is_soft = check.is_soft or _ACTIONS[passing.direction] not in check.actions
    return not _is_spared(check.topic, passing, is_soft=is_soft)


@cache
def _of_users() -> frozenset[str]:
    """The codes of findings on users: they stop no removal. That it is of another patient does."""
    users = (check for check in check_catalogue.load().values() if check.topic is Topic.USERS)
    return frozenset(code for check in users for code in check.codes) - _OF_ANOTHER_PATIENT


@cache
def _followers() -> Mapping[str, Check]:
    """The checks by the codes of findings whose weight follows their action."""
    return {code: check for check in check_catalogue.load().values() for code in check.follows}
