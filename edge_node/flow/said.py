"""What an answer says, in the codes that the access log has of it.

Knows: where the codes stand in an acknowledgement, a fault and a FHIR answer.
Must not know: what they mean for a message.

A code comes from outside: what may hold a number of a person is left out.
"""

from collections.abc import Iterable
from typing import Final

from edge_node.formats.fault import SoapFault
from edge_node.model.message import Said, Wrapper
from edge_node.policy.fhir_answer import FhirAnswer
from edge_node.policy.logged import open_text

_MOST: Final = 20
_FAULT: Final = "fault"


def of_wrapper(wrapper: Wrapper | None, fault: SoapFault | None) -> Said:
    """What an HL7v3 answer says, as far as it was read."""
    if fault is not None:
        return Said(ack=_FAULT, details=_codes((fault.code or fault.hl7_code or fault.fault_code,)), is_good=False)
    if wrapper is None:
        return Said(is_good=False)
    ack = wrapper.acknowledgement
    details = () if ack is None else ack.details
    return Said(
        ack="" if ack is None else ack.type_code,
        details=_codes(detail.code for detail in (*details, *wrapper.issues)),
        answer=str(wrapper.id),
        is_good=ack is None or ack.is_positive,
    )


def of_fhir(answer: FhirAnswer) -> Said:
    """What a FHIR answer says."""
    issues = answer.body.issues if answer.body is not None else ()
    named = (code for issue in issues for code in (*(code for _, code in issue.details), issue.code))
    return Said(ack=str(answer.status), details=_codes(named), is_good=answer.is_positive)


def _codes(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(code for code in map(open_text, dict.fromkeys(given)) if code)[:_MOST]
