"""A message rule with what it does in each direction.

Knows: that a rule blocks, warns or does not look at all, on send or on receipt.
Must not know: any rule.
"""

from dataclasses import dataclass

from edge_node.model.finding import Severity
from edge_node.model.message import Direction
from edge_node.policy.case import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRule:
    """A check and its weight. None: the rule does not bind in that direction."""

    check: Rule
    on_send: Severity | None
    on_receipt: Severity | None
    is_of_user: bool = False  # on who somebody is: it never stops a removal from the index (design 6)

    def severity(self, direction: Direction, *, is_removal: bool = False) -> Severity | None:
        """Its weight for a message that goes that way."""
        severity = self.on_send if direction is Direction.OUT else self.on_receipt
        return Severity.WARN if severity is Severity.BLOCK and is_removal and self.is_of_user else severity


def strict(*checks: Rule) -> tuple[MessageRule, ...]:
    """Rules that block both ways."""
    return tuple(MessageRule(check=check, on_send=Severity.BLOCK, on_receipt=Severity.BLOCK) for check in checks)


def tolerant_on_receipt(*checks: Rule) -> tuple[MessageRule, ...]:
    """Rules on what we send; what comes in is let pass with a warning."""
    return tuple(MessageRule(check=check, on_send=Severity.BLOCK, on_receipt=Severity.WARN) for check in checks)


def warning(*checks: Rule) -> tuple[MessageRule, ...]:
    """Rules that never block."""
    return tuple(MessageRule(check=check, on_send=Severity.WARN, on_receipt=Severity.WARN) for check in checks)


def noted_of_the_user(*checks: Rule) -> tuple[MessageRule, ...]:
    """Rules on our own users that never block."""
    return tuple(MessageRule(check=check, on_send=Severity.WARN, on_receipt=None) for check in checks)


def of_the_user(*checks: Rule) -> tuple[MessageRule, ...]:
    """Rules that bind our own users: on receipt the switchboard's TLS identity is the authentication."""
    return tuple(
        MessageRule(check=check, on_send=Severity.BLOCK, on_receipt=None, is_of_user=True) for check in checks
    )


def of_the_token(*checks: Rule) -> tuple[MessageRule, ...]:
    """Rules on what a token of ours was made for: one for another message is no token of this one."""
    return tuple(MessageRule(check=check, on_send=Severity.BLOCK, on_receipt=None) for check in checks)
