"""The rules on mandates that only warn: one that is not there, and one that soon ends.

Knows: who acts under a mandate (GBZ 1.2, `mandate-valid` and `mandate-expiry`).
Must not know: signatures, what time it is: that is handed in.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from edge_node.model.finding import Finding, Severity
from edge_node.model.moment import moment_of
from edge_node.model.token import CardType, TokenKind
from edge_node.policy.token_case import TokenCase

_STAFF: Final = frozenset({CardType.EMPLOYEE, CardType.UNNAMED})


def check_there_is_one(case: TokenCase) -> Iterator[Finding]:
    """Staff act under the mandate of a professional. That an N or M card needs one is from memory: it is told."""
    if case.of(TokenKind.MANDATE):
        return
    for token in case.for_this_message:
        type_ = None if token.card is None else token.card.type
        if type_ in _STAFF:
            yield Finding("EN-TOKEN-MANDATE-NONE", f"signed with a card of {type_}, under no mandate", Severity.WARN)


def check_end(case: TokenCase) -> Iterator[Finding]:
    """A mandate is renewed in time."""
    if case.at is None:
        return
    for mandate in case.of(TokenKind.MANDATE):
        ends = moment_of(mandate.not_after)
        if ends is not None and ends - case.at <= timedelta(seconds=case.limits.mandate_warn_s):
            yield Finding("EN-TOKEN-MANDATE-ENDS", f"the mandate ends on {ends:%Y-%m-%d}", Severity.WARN)
