"""The rules on the fields of the transmission wrapper.

Knows: the values of domain reference 3.2.
Must not know: whose message it is.
"""

import re
from typing import Final

from edge_node.model.finding import Finding
from edge_node.model.interaction import Pattern
from edge_node.policy.case import Case

VERSION_CODE: Final = "NICTIZEd2005-Okt"
PROFILE_ID: Final = "810"
PROCESSING_MODE_CODE: Final = "T"
ACCEPT_ACK_CODES: Final = frozenset({"AL", "NE"})

_DEVICE_PARTS: Final = frozenset({"desc", "existenceTime", "location"})
#: Of which published messages or the national schematron say that they ask for an accept acknowledgement.
_STATED_AL: Final = frozenset(
    {
        "COMT_IN113113NL",
        "MFMT_IN002101",
        "MFMT_IN002102",
        "MFMT_IN002103",
        "PORX_IN924000NL",
        "PORX_IN932000NL",
        "REPC_IN990003NL",
    }
)

# A moment to the second at least: fourteen digits, then perhaps a fraction and a zone (HL7v3 TS).
_MOMENT: Final = re.compile(r"[0-9]{14}(\.[0-9]{1,9})?([+-][0-9]{2}([0-9]{2})?)?")


def check_version(case: Case) -> Finding | None:
    """versionCode is NICTIZEd2005-Okt and profileId 810 (domain reference 3.2)."""
    wrapper = case.reading.wrapper
    if wrapper.version_code != VERSION_CODE:
        return Finding("EN-WRAPPER-VERSION", "versionCode")
    if wrapper.profile_id != PROFILE_ID:
        return Finding("EN-WRAPPER-VERSION", "profileId")
    return None


def check_processing_code(case: Case) -> Finding | None:
    """processingCode is P in production; a test site may allow T and D as well (domain reference 3.2)."""
    if case.reading.wrapper.processing_code not in case.site.processing_codes:
        allowed = ", ".join(sorted(case.site.processing_codes))
        return Finding("EN-WRAPPER-PROCESSING-CODE", f"allowed here: {allowed}")
    return None


def check_processing_mode(case: Case) -> Finding | None:
    """processingModeCode is T (domain reference 3.2)."""
    if case.reading.wrapper.processing_mode_code != PROCESSING_MODE_CODE:
        return Finding("EN-WRAPPER-PROCESSING-MODE", "processingModeCode")
    return None


def check_accept_ack(case: Case) -> Finding | None:
    """acceptAckCode is AL or NE (domain reference 3.2)."""
    if case.reading.wrapper.accept_ack_code not in ACCEPT_ACK_CODES:
        return Finding("EN-WRAPPER-ACCEPT-ACK", "acceptAckCode must be AL or NE")
    return None


def check_creation_time(case: Case) -> Finding | None:
    """creationTime is exact to the second at least (domain reference 3.2)."""
    if not _MOMENT.fullmatch(case.reading.wrapper.creation_time):
        return Finding("EN-WRAPPER-FIELD", "creationTime must be exact to the second at least")
    return None


def check_stated_accept_ack(case: Case) -> Finding | None:
    """acceptAckCode is NE in a question, AL in what is published with AL (domain reference 3.2, acceptAckCode)."""
    row = case.row
    if row is None:
        return None
    stated = "NE" if row.pattern is Pattern.QUERY else "AL" if str(row.id) in _STATED_AL else None
    if stated is not None and case.reading.wrapper.accept_ack_code in ACCEPT_ACK_CODES - {stated}:
        return Finding("EN-WRAPPER-ACCEPT-ACK", f"acceptAckCode of {row.id} must be {stated}")
    return None


def check_expected_accept_ack(case: Case) -> Finding | None:
    """acceptAckCode of other pushes is the table's (domain reference 3.2; not confirmed one by one, 10 item 8)."""
    row = case.row
    if row is None or row.pattern is not Pattern.PUSH or row.accept_ack is None or str(row.id) in _STATED_AL:
        return None
    if case.reading.wrapper.accept_ack_code in ACCEPT_ACK_CODES - {row.accept_ack}:
        return Finding("EN-WRAPPER-ACCEPT-ACK", f"acceptAckCode of {row.id} must be {row.accept_ack}")
    return None


def check_no_acknowledgement(case: Case) -> Finding | None:
    """Only an answer acknowledges (domain reference 3.2)."""
    row = case.row
    if row is None or row.pattern not in {Pattern.QUERY, Pattern.PUSH}:
        return None
    acknowledges = case.reading.wrapper.acknowledgement is not None
    return (
        Finding("EN-WRAPPER-FIELD", "acknowledgement in a message that starts an exchange") if acknowledges else None
    )


def check_devices(case: Case) -> Finding | None:
    """Sender and receiver have no description, existence time or location (domain reference 3.2)."""
    found = [name for name in case.reading.wrapper.unused if name in _DEVICE_PARTS]
    return Finding("EN-WRAPPER-FIELD", f"{found[0]} of a device is not used") if found else None


def check_respond_to(case: Case) -> Finding | None:
    """respondTo is superfluous: the answer goes to the sender in the same exchange (domain reference 2.2, 3.2)."""
    wrapper = case.reading.wrapper
    if wrapper.respond_to is None:
        return None
    same = wrapper.respond_to == str(wrapper.sender)
    return Finding("EN-WRAPPER-FIELD", "respondTo is superfluous" if same else "respondTo is not the sender")
