"""The order in which a message is judged.

Knows: every message rule that runs before a message leaves or enters, and what each does in which direction.
Must not know: what a rule looks at, what is done about a finding.

On send a message is judged as the switchboard would, so that what is wrong is told here. On receipt what decides
where a message goes, whose it is and whether it can be answered blocks; what the reference calls tolerant warns.
"""

from dataclasses import replace
from typing import Final

from edge_node.model.finding import Finding, Severity
from edge_node.model.message import Direction
from edge_node.policy import (
    addressing,
    attention,
    control_act,
    interaction,
    patient,
    qualification,
    question,
    supplied,
    token,
    transport,
    user,
    wrapper,
)
from edge_node.policy.case import Case
from edge_node.policy.rule import MessageRule, noted_of_the_user, of_the_user, strict, tolerant_on_receipt, warning

RULES: Final[tuple[MessageRule, ...]] = (
    *strict(
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
        wrapper.check_no_acknowledgement,
        wrapper.check_devices,
        addressing.check_sender,
        addressing.check_receiver,
        qualification.check_qualified,
        patient.check_one_patient,
        attention.check_patient_line,
        attention.check_context_line,
        attention.check_lines_once,
        attention.check_values,
        control_act.check_mood,
        control_act.check_trigger_system,
        question.check_query_id,
        question.check_status,
        question.check_priority,
        question.check_quantity_unit,
        question.check_no_sorting,
    ),
    *tolerant_on_receipt(
        wrapper.check_stated_accept_ack,
        control_act.check_trigger_event,
        control_act.check_author_named,
        control_act.check_author_is_sender,
        control_act.check_participants,
        question.check_modality,
    ),
    *of_the_user(
        user.check_author_is_person,
        user.check_author_number,
        user.check_overseer,
        user.check_role_code,
        token.check_present,
        token.check_kind,
        token.check_message,
        token.check_interaction,
        token.check_application,
        token.check_context,
        token.check_person,
        token.check_server_signed,
    ),
    *noted_of_the_user(
        user.check_author_organisation,
        user.check_author_has_organisation,
        user.check_overseer_fields,
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
    ),
    *warning(
        wrapper.check_expected_accept_ack,
        wrapper.check_respond_to,
        attention.check_keywords,
        attention.check_no_patient_line,
        attention.check_patient_names_himself,
        question.check_modify,
        supplied.check_test_patient,
    ),
)


def judge(case: Case) -> tuple[Finding, ...]:
    """Return every finding that blocks, the one that answers the sender first; empty when the message may pass."""
    return _found(case, Severity.BLOCK)


def judge_token(case: Case) -> tuple[Finding, ...]:
    """The same for a message that is handed in again with a new token: the rest of it was judged before."""
    return tuple(finding for rule in _OF_TOKEN if (finding := rule(case)) is not None)


def warnings(case: Case) -> tuple[Finding, ...]:
    """Return every finding that is told and counted, and blocks nothing but where its check is set to."""
    return _found(case, Severity.WARN)


def _found(case: Case, severity: Severity) -> tuple[Finding, ...]:
    rules = _BY_SEVERITY[case.direction, severity]
    return tuple(replace(finding, severity=severity) for rule in rules if (finding := rule(case)) is not None)


_OF_TOKEN: Final = tuple(
    rule.check for rule in RULES if rule.on_send is Severity.BLOCK and rule.check.__module__ == token.__name__
)
_BY_SEVERITY: Final = {
    (direction, severity): tuple(rule.check for rule in RULES if rule.severity(direction) is severity)
    for direction in Direction
    for severity in Severity
}
