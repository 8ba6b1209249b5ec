"""The line of the access log that a request makes, whatever its format.

Knows: where in a message, its tokens and its door each field of a line comes from (GBZ reference 6.2).
Must not know: when a line is written, how it is kept.

Only ids, codes and times stand open in a line; who the patient and the user are is sealed, which the fields of the
line see to. What a message may put in an open field is held to its form first.
"""

from dataclasses import dataclass
from typing import Final

from edge_node.model import fhir
from edge_node.model.exchange import Arrival
from edge_node.model.fhir_types import parameter_shown, type_shown
from edge_node.model.interaction import Interaction, Pattern
from edge_node.model.message import Direction
from edge_node.model.peer import LocalCaller, SwitchboardCaller
from edge_node.model.record import (
    AccessPoint,
    Action,
    Correlation,
    Counterparty,
    EventPart,
    LogEvent,
    LogRecord,
    ObjectPart,
    Result,
    Situation,
    UserPart,
)
from edge_node.model.site import Application, Site
from edge_node.policy.attention import CONTEXT
from edge_node.policy.case import Case
from edge_node.policy.fhir_case import FhirCase
from edge_node.policy.logged import NOBODY, Bearing, bearing_of_read, open_text, user_of, user_of_claims, user_told

#: How a request begins; what comes of it follows in lines of its own.
ASKED: Final = "asked"
_MOST: Final = 20  # names in one line
_ACTIONS: Final = {
    fhir.Action.READ: Action.READ,
    fhir.Action.VREAD: Action.READ,
    fhir.Action.SEARCH: Action.READ,
    fhir.Action.HISTORY: Action.READ,
    fhir.Action.CREATE: Action.CREATE,
    fhir.Action.TRANSACTION: Action.CREATE,
    fhir.Action.UPDATE: Action.UPDATE,
    fhir.Action.PATCH: Action.UPDATE,
    fhir.Action.DELETE: Action.DELETE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What a format tells of a request."""

    row: Interaction | None
    interaction: str
    version: str
    action: Action
    rule: str
    user: UserPart
    is_emergency: bool


def of_message(case: Case, arrival: Arrival, bearing: Bearing) -> LogRecord:
    """The line of an HL7v3 message."""
    reading, wrapper = case.reading, case.reading.wrapper
    if not bearing.tokens:
        bearing = bearing_of_read(reading.tokens)
    told = _Told(
        row=case.row,
        interaction=str(wrapper.interaction),
        version=open_text(f"{wrapper.version_code} {wrapper.profile_id}".strip()),
        action=_action(case.row),
        rule=bearing.rule,
        user=user_told(user_of(wrapper, bearing), arrival.beside.user),
        is_emergency=arrival.beside.is_emergency,
    )
    patient = reading.patients.one
    contexts = set(wrapper.query.contexts if wrapper.query is not None else ())
    contexts |= {line.extension for line in wrapper.attention_lines if line.keyword == CONTEXT}
    is_out = case.direction is Direction.OUT
    return LogRecord(
        event=_event(told, arrival),
        user=told.user,
        access_point=_access_point(case.site, case.application, arrival),
        counterparty=_counterparty(
            str(wrapper.receiver if is_out else wrapper.sender),
            told.user,
            arrival,
            wrapper.author_ids.organisation,
        ),
        object=ObjectPart(
            patient="" if patient is None else patient.value,
            is_named=patient is not None,
            categories=_names(sorted({*reading.data_kinds, *contexts})),
        ),
        correlation=Correlation(id=arrival.correlation, message=str(wrapper.id), tokens=bearing.tokens),
    )


def of_request(case: FhirCase, arrival: Arrival, bearing: Bearing, message_id: str) -> LogRecord:
    """The line of a FHIR request."""
    reading, claims = case.reading, case.reading.claims
    content = "" if reading.aorta_version is None else reading.aorta_version.content
    told = _Told(
        row=case.row,
        interaction=case.interaction,
        version=open_text(f"{reading.call.version} {content}".strip()),
        action=_ACTIONS.get(reading.call.action, Action.EXECUTE),
        rule=bearing.rule,
        user=user_told(user_of_claims(claims, bearing), arrival.beside.user),
        is_emergency=arrival.beside.is_emergency or (claims is not None and claims.is_emergency),
    )
    patient, chain = reading.patients.one, reading.aorta_id
    contexts, resource = () if claims is None else claims.contexts, reading.call.resource
    return LogRecord(
        event=_event(told, arrival),
        user=told.user,
        access_point=_access_point(case.site, case.application, arrival),
        counterparty=_counterparty(str(case.site.zim), told.user, arrival),
        object=ObjectPart(
            patient="" if patient is None else patient.value,
            is_named=patient is not None,
            categories=_names(("" if resource is None else type_shown(resource), *contexts)),
            parameters=_names(sorted({parameter_shown(name) for name, _ in reading.call.parameters})),
        ),
        correlation=Correlation(
            id=arrival.correlation,
            initial_request="" if chain is None else chain.initial_request,
            request="" if chain is None else chain.request,
            message=message_id,
            tokens=bearing.tokens,
        ),
    )


def of_unread(arrival: Arrival, site: Site, code: str) -> LogRecord:
    """The line of what came in and could not be read."""
    return LogRecord(
        event=EventPart(
            type=LogEvent.REFUSED,
            action=Action.EXECUTE,
            result=Result.REFUSED,
            code=code,
            direction=arrival.direction,
            situation=_situation(arrival.beside.is_emergency),
            reason=arrival.beside.reason,
        ),
        user=NOBODY,
        access_point=_access_point(site, None, arrival),
        counterparty=_counterparty("", NOBODY, arrival),
        correlation=Correlation(id=arrival.correlation),
    )


def _event(told: _Told, arrival: Arrival) -> EventPart:
    is_query = told.row is not None and told.row.pattern is Pattern.QUERY
    return EventPart(
        type=LogEvent.QUERY if is_query else LogEvent.PUSH,
        action=told.action,
        result=Result.OK,
        code=ASKED,
        direction=arrival.direction,
        interaction=told.interaction,
        version=told.version,
        situation=_situation(told.is_emergency),
        reason=arrival.beside.reason,
        rule=told.rule,
        consent=str(arrival.beside.supplied.consent or ""),
    )


def _situation(is_emergency: bool) -> Situation:
    return Situation.EMERGENCY if is_emergency else Situation.NORMAL


def _action(row: Interaction | None) -> Action:
    """What an HL7v3 message does to data: a question reads, a removal takes away, all else brings something."""
    if row is None:
        return Action.EXECUTE
    if row.pattern is Pattern.QUERY:
        return Action.READ
    return Action.DELETE if row.is_removal else Action.CREATE


def _access_point(site: Site, application: Application | None, arrival: Arrival) -> AccessPoint:
    caller = arrival.caller
    is_local = isinstance(caller, LocalCaller)
    system = caller.name if is_local else "" if application is None else application.local_system
    return AccessPoint(
        node=site.node_id,
        application="" if application is None else str(application.id),
        system=system,
        product="" if application is None else application.product,
        product_version="" if application is None else application.product_version,
        workstation=arrival.beside.workstation,
        address=_host(arrival.address) if is_local else "",
        connection=caller.method if isinstance(caller, LocalCaller) else "",
    )


def _host(address: str) -> str:
    """The machine that called; from which of its ports says nothing."""
    host, _, port = address.rpartition(":")
    return host if host and port.isdigit() else address


def _counterparty(application: str, user: UserPart, arrival: Arrival, organisation: str = "") -> Counterparty:
    """The other side; of what comes in, the organisation is that of its user."""
    if not isinstance(arrival.caller, SwitchboardCaller):
        return Counterparty(application=application)
    return Counterparty(
        application=application,
        ura=user.ura,
        organisation=organisation,
        fingerprint=arrival.caller.certificate.fingerprint,
    )


def _names(given: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return tuple(name for name in map(open_text, given) if name)[:_MOST]
