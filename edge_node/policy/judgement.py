"""The order in which a message is judged.

Knows: every message rule that runs before a message leaves or enters.
Must not know: what a rule looks at, what is done about a finding.
"""

from typing import Final

from edge_node.model.finding import Finding
from edge_node.policy import addressing, interaction, patient, transport, wrapper
from edge_node.policy.case import Case, Rule

RULES: Final[tuple[Rule, ...]] = (
    interaction.check_known,
    interaction.check_active,
    interaction.check_root_element,
    interaction.check_starts_an_exchange,
    transport.check_envelope,
    transport.check_form,
    transport.check_agreement,
    transport.check_service,
    wrapper.check_version,
    wrapper.check_processing_code,
    wrapper.check_processing_mode,
    wrapper.check_accept_ack,
    wrapper.check_creation_time,
    addressing.check_sender,
    addressing.check_receiver,
    interaction.check_qualified,
    patient.check_one_patient,
)


def judge(case: Case) -> tuple[Finding, ...]:
    """Return all findings, the one that answers the sender first; empty when the message may pass."""
    return tuple(finding for rule in RULES if (finding := rule(case)) is not None)
