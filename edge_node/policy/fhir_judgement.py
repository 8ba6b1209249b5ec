"""The order in which a FHIR request is judged.

Knows: every FHIR rule that runs before a request leaves or enters.
Must not know: what a rule looks at, what is done about a finding.
"""

from dataclasses import replace
from typing import Final

from edge_node.model.finding import Finding, Severity
from edge_node.model.message import Direction
from edge_node.policy import fhir_content, fhir_headers, fhir_interaction, qualification, supplied
from edge_node.policy.fhir_case import FhirCase, FhirRule

RULES: Final[tuple[FhirRule, ...]] = (
    fhir_interaction.check_sender,
    fhir_interaction.check_receiver,
    fhir_content.check_body,
    fhir_content.check_resource,
    fhir_interaction.check_known,
    fhir_interaction.check_active,
    fhir_interaction.check_direction,
    qualification.check_qualified,
    fhir_headers.check_aorta_id,
    fhir_headers.check_token,
    fhir_content.check_id,
    fhir_content.check_one_patient,
)

#: What is told, and blocks nothing but where its check is set to.
_WARNS_ALWAYS: Final[tuple[FhirRule, ...]] = (supplied.check_test_patient,)
#: These bind our own users only.
_WARNS_ON_SEND: Final[tuple[FhirRule, ...]] = (
    supplied.check_read,
    supplied.check_card,
    supplied.check_idle,
    supplied.check_age,
    supplied.check_role,
    supplied.check_bsn_verified,
    supplied.check_identity,
    supplied.check_consent,
    supplied.check_relation,
    supplied.check_temporary,
)


def judge_fhir(case: FhirCase) -> tuple[Finding, ...]:
    """Return all findings, the one that answers the sender first; empty when the request may pass."""
    return tuple(finding for rule in RULES if (finding := rule(case)) is not None)


def fhir_warnings(case: FhirCase) -> tuple[Finding, ...]:
    """Return every finding that is told and counted."""
    rules = (*_WARNS_ON_SEND, *_WARNS_ALWAYS) if case.direction is Direction.OUT else _WARNS_ALWAYS
    found = (finding for rule in rules if (finding := rule(case)) is not None)
    return tuple(replace(finding, severity=Severity.WARN) for finding in found)
