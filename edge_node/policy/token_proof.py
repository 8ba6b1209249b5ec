"""The order in which the proven tokens of a message are judged.

Knows: every rule on what was signed.
Must not know: what a rule looks at, what is done about a finding.
"""

from typing import Final

from edge_node.model.finding import Finding
from edge_node.model.message import Token
from edge_node.model.token import ProvenToken, TokenKind
from edge_node.policy import token_beside, token_bound, token_card, token_mandate, token_passed, token_time
from edge_node.policy.token_case import TokenCase, TokenRule

RULES: Final[tuple[TokenRule, ...]] = (
    token_beside.check_once,
    token_bound.check_version,
    token_card.check_found,
    token_card.check_may_sign,
    token_card.check_issuer,
    token_card.check_usage,
    token_card.check_revoked,
    token_time.check_window,
    token_time.check_now,
    token_time.check_mandate_age,
    token_time.check_enrolment_age,
    token_bound.check_audience,
    token_bound.check_message,
    token_bound.check_interaction,
    token_bound.check_application,
    token_bound.check_patient,
    token_beside.check_server_signed,
    token_bound.check_holder,
    token_bound.check_author,
    token_bound.check_nobody,
    token_bound.check_issuer,
    token_bound.check_confirmation,
    token_bound.check_context_class,
    token_beside.check_mandate,
    token_beside.check_mandate_giver,
    token_beside.check_enrolment,
    token_beside.check_scan,
    token_passed.check_patients,
    token_mandate.check_there_is_one,
    token_mandate.check_end,
    token_card.check_guest,
    token_passed.check_passed,
)

#: What the line calls the kinds that it tells apart.
_READ_AS: Final = {TokenKind.AORTA_805: "aorta805"}


def judge_tokens(case: TokenCase) -> tuple[Finding, ...]:
    """Return every finding, each with its weight; those that block first."""
    found = [finding for rule in RULES for finding in rule(case)]
    return tuple(sorted(found, key=lambda finding: finding.severity))


def check_same(read: tuple[Token, ...], proven: tuple[ProvenToken, ...]) -> Finding | None:
    """What was judged as the message was read is what was signed: else two readers took two elements for one.

    Every token that the line takes for one made for this message must have been proven.
    """
    signed = {(_READ_AS.get(token.kind, "saml"), token.id): token for token in proven}
    if len(signed) != len(proven):
        return _wrapped("two tokens have one id")
    seen = {(token.kind, token.id): token for token in read}
    for name, token in signed.items():
        other = seen.get(name)
        if other is None or other.binding != token.binding or (other.not_after or "") != (token.not_after or ""):
            return _wrapped("what was signed is not what was read")
    if any(name not in signed for name, token in seen.items() if token.is_for_one_message):
        return _wrapped("a token was read that was not signed")
    return None


def _wrapped(detail: str) -> Finding:
    return Finding("EN-TOKEN-WRAPPED", detail)
