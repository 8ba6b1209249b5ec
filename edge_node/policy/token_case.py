"""The proven tokens of one message with all that their judges may ask about.

Knows: the values a rule on proven tokens reads.
Must not know: any rule.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from edge_node.model.finding import Finding
from edge_node.model.token import ProvenToken, TokenKind, TokenLimits, TokenSubject


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCase:
    """What was signed, beside what the message says. `at` is None while nobody can say what time it is."""

    subject: TokenSubject
    tokens: tuple[ProvenToken, ...]
    limits: TokenLimits
    at: datetime | None
    passed: tuple[ProvenToken, ...] = ()  # that the switchboard alone can prove

    def of(self, *kinds: TokenKind) -> tuple[ProvenToken, ...]:
        """The tokens of those kinds."""
        return tuple(token for token in self.tokens if token.kind in kinds)

    @property
    def for_this_message(self) -> tuple[ProvenToken, ...]:
        """Those that were made for one message."""
        return tuple(token for token in self.tokens if token.kind.is_for_one_message)


TokenRule = Callable[[TokenCase], Iterator[Finding]]
