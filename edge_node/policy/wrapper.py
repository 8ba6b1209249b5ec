"""The rules on the fixed values of the transmission wrapper.

Knows: the values of domain reference 3.2.
Must not know: which interaction or whose message it is.
"""

import re
from typing import Final

from edge_node.model.finding import Finding
from edge_node.policy.case import Case

VERSION_CODE: Final = "NICTIZEd2005-Okt"
PROFILE_ID: Final = "810"
PROCESSING_MODE_CODE: Final = "T"
ACCEPT_ACK_CODES: Final = frozenset({"AL", "NE"})

# A moment to the second at least: fourteen digits, then perhaps a fraction and a zone (HL7v3 TS).
_MOMENT: Final = re.compile(r"[0-9]{14}(\.[0-9]{1,6})?([+-][0-9]{4})?")


def check_version(case: Case) -> Finding | None:
    """versionCode and profileId are the ones in use."""
    wrapper = case.reading.wrapper
    if wrapper.version_code != VERSION_CODE:
        return Finding("EN-WRAPPER-VERSION", "versionCode")
    if wrapper.profile_id != PROFILE_ID:
        return Finding("EN-WRAPPER-VERSION", "profileId")
    return None


def check_processing_code(case: Case) -> Finding | None:
    """Only P in production; a test site may allow T and D as well."""
    if case.reading.wrapper.processing_code not in case.site.processing_codes:
        allowed = ", ".join(sorted(case.site.processing_codes))
        return Finding("EN-WRAPPER-PROCESSING-CODE", f"allowed here: {allowed}")
    return None


def check_processing_mode(case: Case) -> Finding | None:
    """processingModeCode is T."""
    if case.reading.wrapper.processing_mode_code != PROCESSING_MODE_CODE:
        return Finding("EN-WRAPPER-PROCESSING-MODE", "processingModeCode")
    return None


def check_accept_ack(case: Case) -> Finding | None:
    """acceptAckCode is AL or NE."""
    if case.reading.wrapper.accept_ack_code not in ACCEPT_ACK_CODES:
        return Finding("EN-WRAPPER-ACCEPT-ACK", "acceptAckCode is AL or NE")
    return None


def check_creation_time(case: Case) -> Finding | None:
    """creationTime is exact to the second at least."""
    if not _MOMENT.fullmatch(case.reading.wrapper.creation_time):
        return Finding("EN-WRAPPER-FIELD", "creationTime is exact to the second at least")
    return None
