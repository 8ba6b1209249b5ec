"""The order in which a message is judged.

Knows: every message rule that runs before a message leaves or enters, and what each does in which direction.
Must not know: what a rule looks at, what is done about a finding.

On send a message is judged as the switchboard would, so that what is wrong is told here. On receipt what decides
where a message goes, whose it is and whether it can be answered blocks; what the reference calls tolerant warns. A
removal from the index is never stopped for who sends it: that is told, and the switchboard decides.
"""

from dataclasses import replace
from itertools import product
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
from edge_node.policy.rule import (
    MessageRule,
    noted_of_the_user,
    of_the_token,
    of_the_user,
    strict,
    tolerant_on_receipt,
    warning,
)

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
        token.check_person,
        token.check_server_signed,
    ),
    *of_the_token(
        token.check_message,
        token.check_interaction,
        token.check_application,
        token.check_context,
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
    return _found(case, Severity.BLOCK, of=_TOKEN)


def warnings(case: Case) -> tuple[Finding, ...]:
    """Return every finding that is told and counted, and blocks nothing but where its check is set to."""
    return _found(case, Severity.WARN)


def _found(case: Case, severity: Severity, *, of: str = "") -> tuple[Finding, ...]:
    is_removal = case.row is not None and case.row.is_removal
    rules = _BY_SEVERITY[case.direction, is_removal, severity, of]
    return tuple(replace(finding, severity=severity) for rule in rules if (finding := rule(case)) is not None)


_TOKEN: Final = token.__name__
#: The rules by way, by whether it is a removal, by weight, and by the module they are of.
_BY_SEVERITY: Final = {
    (way, is_removal, severity, of): tuple(
        rule.check
        for rule in RULES
        if rule.severity(way, is_removal=is_removal) is severity and of in {"", rule.check.__module__}
    )
    for way, is_removal, severity, of in product(Direction, (False, True), Severity, ("", _TOKEN))
}
