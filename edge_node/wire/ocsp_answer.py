"""The answer of an OCSP responder, believed only when all of it holds.

Knows: RFC 6960, section 3.2: about this certificate, signed by one who may, of this moment, to this question.
Must not know: how the answer came here, how long it is kept, what follows from it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509 import ocsp

from edge_node.errors import Refused
from edge_node.wire.ocsp_question import Question
from edge_node.wire.ocsp_responder import Authority, Listed, check_signed
from edge_node.wire.revocation import Verdict

_VERDICTS: Final = {
    ocsp.OCSPCertStatus.GOOD: Verdict.GOOD,
    ocsp.OCSPCertStatus.REVOKED: Verdict.REVOKED,
    ocsp.OCSPCertStatus.UNKNOWN: Verdict.UNKNOWN,
}
_STATUSES: Final = {
    ocsp.OCSPResponseStatus.MALFORMED_REQUEST: "malformedRequest",
    ocsp.OCSPResponseStatus.INTERNAL_ERROR: "internalError",
    ocsp.OCSPResponseStatus.TRY_LATER: "tryLater",
    ocsp.OCSPResponseStatus.SIG_REQUIRED: "sigRequired",
    ocsp.OCSPResponseStatus.UNAUTHORIZED: "unauthorized",
}
#: Certificates that one answer may speak of; a responder answers what it is asked.
_ANSWERS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRules:
    """What an answer must keep to."""

    listed: Listed
    skew: timedelta = timedelta(minutes=5)  # between the clocks of the responder and of the node
    longest: timedelta = timedelta(hours=1)  # for which one answer is used, whatever it says


@dataclass(frozen=True, slots=True, kw_only=True)
class OcspAnswer:
    """What a responder says of one certificate, verified."""

    verdict: Verdict
    at: datetime  # thisUpdate
    until: datetime  # for which it is used


def read_answer(der: bytes, question: Question, at: datetime, rules: AnswerRules) -> OcspAnswer:
    """Read and verify. Raises `Refused` with the code of what is wrong, never anything else."""
    try:
        return _read(ocsp.load_der_ocsp_response(der), question, at, rules)
    except (
        ValueError,
        TypeError,
        UnsupportedAlgorithm,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    ) as error:
        raise _unreadable("it is no OCSP answer") from error


def _read(answer: ocsp.OCSPResponse, question: Question, at: datetime, rules: AnswerRules) -> OcspAnswer:
    if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        said = _STATUSES.get(answer.response_status, "something else")
        raise Refused(f"the responder says {said}", code="EN-OCSP-STATUS")
    _check_extensions(answer, question)
    found = next((one for one in _answers(answer) if question.names(one)), None)
    if found is None:
        raise Refused("the answer is about another certificate", code="EN-OCSP-OTHER")
    check_signed(answer, Authority(issuer=question.issuer, at=at, listed=rules.listed))
    if answer.produced_at_utc > at + rules.skew:
        raise Refused("the answer was made later than now", code="EN-OCSP-DATES")
    return OcspAnswer(
        verdict=_VERDICTS[found.certificate_status], at=found.this_update_utc, until=_until(found, at, rules)
    )


def _answers(answer: ocsp.OCSPResponse) -> Iterator[ocsp.OCSPSingleResponse]:
    for number, one in enumerate(answer.responses):
        if number >= _ANSWERS:
            raise _unreadable(f"it speaks of more than {_ANSWERS} certificates")
        yield one


def _check_extensions(answer: ocsp.OCSPResponse, question: Question) -> None:
    """A nonce that comes back must be ours: else it is an older answer, or one to somebody else.

    A responder may leave it out; then the dates alone say how old the answer is.
    """
    for extension in answer.extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            if question.nonce is not None and extension.value.nonce != question.nonce:
                raise Refused("the answer is to another question: its nonce is not ours", code="EN-OCSP-NONCE")
        elif extension.critical:
            raise _unreadable("it has a critical extension that is not known here")


def _until(found: ocsp.OCSPSingleResponse, at: datetime, rules: AnswerRules) -> datetime:
    begins, ends = found.this_update_utc, found.next_update_utc
    if begins > at + rules.skew:
        raise Refused("the answer has not begun", code="EN-OCSP-DATES")
    if ends is not None and (ends <= begins or at >= ends + rules.skew):
        raise Refused("the answer has ended", code="EN-OCSP-DATES")
    # Without nextUpdate newer information is always there: only what was just said counts.
    if ends is None and at >= begins + rules.longest:
        raise Refused("the answer is too old, and does not say when it ends", code="EN-OCSP-DATES")
    return min(at, begins) + rules.longest if ends is None else min(ends + rules.skew, at + rules.longest)


def _unreadable(reason: str) -> Refused:
    return Refused(reason, code="EN-OCSP-ANSWER")
