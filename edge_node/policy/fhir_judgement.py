"""The order in which a FHIR request is judged.

Knows: every FHIR rule that runs before a request leaves or enters.
Must not know: what a rule looks at, what is done about a finding.
"""

from typing import Final

from edge_node.model.finding import Finding
from edge_node.policy import fhir_content, fhir_headers, fhir_interaction, qualification
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


def judge_fhir(case: FhirCase) -> tuple[Finding, ...]:
    """Return all findings, the one that answers the sender first; empty when the request may pass."""
    return tuple(finding for rule in RULES if (finding := rule(case)) is not None)
