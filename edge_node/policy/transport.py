"""The rules on the way a message is sent: envelope, path and SOAPAction of the service that carries it.

Knows: the form `urn:hl7-org:v3/<Service>_<Operation>` and the services the table knows.
Must not know: HTTP, other parts of the message.
"""

import re
from typing import Final

from edge_node.model.finding import Finding
from edge_node.policy.case import Case

_ACTION: Final = re.compile(
    r"urn:hl7-org:v3/(?P<service>[A-Za-z][A-Za-z0-9-]{0,99})_(?P<operation>[A-Za-z0-9_-]{1,100})"
)
_PATH: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,99}")


def check_envelope(case: Case) -> Finding | None:
    """A message travels in a SOAP 1.1 envelope (domain reference 2.1)."""
    return None if case.reading.in_soap else Finding("EN-SOAP-ENVELOPE", "no envelope around the message")


def check_form(case: Case) -> Finding | None:
    """Path and SOAPAction have the form of the national services (domain reference 2.3)."""
    if not _PATH.fullmatch(case.path):
        return Finding("EN-SOAPACTION-FORM", "address path")
    if not _ACTION.fullmatch(case.soap_action):
        return Finding("EN-SOAPACTION-FORM", "SOAPAction")
    return None


def check_agreement(case: Case) -> Finding | None:
    """The service in the SOAPAction is the one in the path (domain reference 2.3)."""
    action = _ACTION.fullmatch(case.soap_action)
    if action is not None and action["service"] != case.path:
        return Finding("EN-SOAPACTION-MISMATCH", "SOAPAction names another service than the path")
    return None


def check_service(case: Case) -> Finding | None:
    """Where the service of an interaction is public, it is that, or the one for a batch (domain reference 2.3)."""
    row = case.row
    if row is None or row.service is None:
        return None
    services = {row.service: row.soap_action, row.batch_service: row.batch_soap_action}
    if case.path not in services:
        return Finding("EN-SOAPACTION-MISMATCH", f"{row.id} goes to {row.service}")
    known = services[case.path]
    if known is not None and case.soap_action != known:
        return Finding("EN-SOAPACTION-MISMATCH", f"{row.id} has the SOAPAction {known}")
    return None
