"""The rules on tokens that only the switchboard can prove: of patients, customer desks and contracts (design 5).

Knows: whose token may go with whose message.
Must not know: which tokens those are, signatures.

Nobody here knows who signed them: each one is told, so that somebody sees how many there are.
"""

from collections.abc import Iterator

from edge_node.model.finding import Finding, Severity
from edge_node.model.token import TokenKind
from edge_node.policy.token_case import TokenCase


def check_patients(case: TokenCase) -> Iterator[Finding]:
    """A patient's token goes with what that patient asks of himself; FHIR names no author."""
    subject = case.subject
    for token in case.passed:
        if token.kind is not TokenKind.PATIENT:
            continue
        if subject.by not in {None, "patient"}:
            yield Finding("EN-TOKEN-MISMATCH", "a patient's token, and he is not the author")
        elif subject.by is not None and subject.bsn is None:
            yield Finding("EN-TOKEN-PATIENT", "a patient's token, and the message names no patient")
        elif subject.bsn is not None and token.bsns != (subject.bsn,):
            yield Finding("EN-TOKEN-PATIENT", "the token of another patient than the message is about")


def check_passed(case: TokenCase) -> Iterator[Finding]:
    """What nobody judged is told, and refused where no patient and no desk works with the site."""
    severity = Severity.BLOCK if case.limits.blocks_passed else Severity.WARN
    for token in case.passed:
        # One for a message that is not a patient's can only be a customer desk's.
        whose = "customer desk" if token.kind.is_for_one_message else token.kind
        yield Finding("EN-TOKEN-PASSED", f"a token of kind {whose}", severity)
