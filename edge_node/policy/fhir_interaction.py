"""The rules on what is asked: is it an interaction that may be exchanged here, by and with this application?

Knows: the row of the table, who called.
Must not know: how the table is read, what is in the body.
"""

import re
from typing import Final

from edge_node.model.finding import Finding
from edge_node.model.interaction import Inbound
from edge_node.model.message import Direction
from edge_node.model.peer import LocalCaller, SwitchboardCaller
from edge_node.policy.fhir_case import FhirCase

_SHOWN: Final = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,2}){0,2}")


def check_known(case: FhirCase) -> Finding | None:
    """Only an interaction of the table is exchanged: the broker derives it from the request (AORTA on FHIR, Use Cases
    Resource Broker Common, AOF.UCe.VAL.150)."""
    if case.row is not None:
        return None
    version = case.reading.aorta_version
    content = "" if version is None else version.content
    # What a detail tells is logged, and a sender may write any number there.
    asked = f", contentVersion {content}" if _SHOWN.fullmatch(content) else ""
    return Finding("EN-INTERACTION-UNKNOWN", case.interaction + asked)


def check_active(case: FhirCase) -> Finding | None:
    """An interaction flagged inactive is refused (domain reference 4.1, column Act)."""
    if case.row is not None and not case.row.active:
        return Finding("EN-INTERACTION-INACTIVE", str(case.row.id))
    return None


def check_direction(case: FhirCase) -> Finding | None:
    """What only the switchboard's own registers answer never comes in."""
    row = case.row
    if row is not None and case.direction is Direction.IN and row.inbound is Inbound.NEVER:
        return Finding("EN-INTERACTION-ROLE", f"{row.id} comes in nowhere")
    return None


def check_sender(case: FhirCase) -> Finding | None:
    """Outbound, the sender is an application bound to the calling local system."""
    if case.direction is not Direction.OUT or not isinstance(case.caller, LocalCaller):
        return None
    if case.application is None or case.application.local_system != case.caller.name:
        return Finding("EN-SENDER-FOREIGN", f"no application with FHIR is bound to {case.caller.name}")
    return None


def check_receiver(case: FhirCase) -> Finding | None:
    """Inbound, the organisation that was addressed has an application with FHIR services of that version."""
    if case.direction is not Direction.IN or not isinstance(case.caller, SwitchboardCaller):
        return None
    version = case.reading.call.version
    application = case.application
    if application is None or application.identity != case.caller.identity or version not in application.fhir_bases:
        return Finding("EN-RECEIVER-WRONG", f"no application here has FHIR {version}")
    return None
