"""Gives a finding the weight that its check has at this site.

Knows: which properties of a message the checks ask about, that what blocks and what is only told part here.
Must not know: any check, any rule, how a finding is told.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from edge_node.model.finding import Finding, Severity
from edge_node.model.interaction import Interaction, Pattern
from edge_node.model.message import Direction
from edge_node.model.standing import Passing
from edge_node.model.token import ProvenToken, TokenKind
from edge_node.policy.case import Case
from edge_node.policy.fhir_case import FhirCase
from edge_node.policy.standing import Standing

#: Hears which facts a message showed.
Shown = Callable[[frozenset[str]], None]
_RELATION = frozenset({"relation"})


def nobody(facts: frozenset[str]) -> None:
    """Nobody counts."""


@dataclass(frozen=True, slots=True)
class Weigher:
    """Asks what stands of the checks, at each message anew."""

    standing: Callable[[], Standing] = Standing
    shown: Shown = nobody

    def part(self, findings: Iterable[Finding], passing: Passing) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        """Return what blocks, and what is told."""
        standing = self.standing()
        weighed = [replace(one, severity=standing.weight(one, passing)) for one in findings]
        return (
            tuple(one for one in weighed if one.severity is Severity.BLOCK),
            tuple(one for one in weighed if one.severity is Severity.WARN),
        )

    def note(self, case: Case | FhirCase, tokens: Iterable[ProvenToken]) -> None:
        """Count what a message of ours showed, and the kinds of its tokens: what nobody shows is unknown."""
        if case.direction is Direction.IN:
            return
        kinds = {token.kind for token in tokens if token.kind.is_judged_here}
        facts = case.supplied.named | {str(kind) for kind in kinds}
        if TokenKind.ENROLMENT in kinds:
            facts |= _RELATION
        if facts:
            self.shown(facts)


def of_message(case: Case, *, is_emergency: bool = False) -> Passing:
    """What the checks ask about an HL7v3 message. Where nobody is named it may be a person who waits."""
    by_person = case.direction is Direction.IN or case.reading.wrapper.author != "device"
    return _passing(case, case.row, by_person=by_person, is_emergency=is_emergency)


def of_request(case: FhirCase, *, is_emergency: bool = False) -> Passing:
    """The same about a FHIR request, which does not say by whom it is."""
    claims = case.reading.claims
    is_emergency = is_emergency or (claims is not None and claims.is_emergency)
    return _passing(case, case.row, by_person=True, is_emergency=is_emergency)


def _passing(case: Case | FhirCase, row: Interaction | None, *, by_person: bool, is_emergency: bool) -> Passing:
    return Passing(
        direction=case.direction,
        identity="" if case.application is None else case.application.identity,
        is_query=row is not None and row.pattern is Pattern.QUERY,
        by_person=by_person,
        is_removal=row is not None and row.is_removal,
        is_emergency=is_emergency,
    )
