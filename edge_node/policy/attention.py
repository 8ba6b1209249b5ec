"""The rules on attention lines: which there must be, and what each may hold.

Knows: the keywords of domain reference 3.3 with their roots, and what a row asks for.
Must not know: whose number a line holds.
"""

from typing import Final

from edge_node.model.finding import Finding
from edge_node.model.identifiers import BSN_ROOT
from edge_node.model.interaction import AttentionRule
from edge_node.policy.case import Case

_CODE: Final = "EN-ATTENTION-LINE"
_KEYWORD_SYSTEM: Final = "2.16.840.1.113883.2.4.15.1"
CONTEXT_SYSTEM: Final = "2.16.840.1.113883.2.4.3.111.15.1"
_PATIENT: Final = "PATID"
_FICTITIOUS: Final = "FICID"
CONTEXT: Final = "CONTEXT"
#: The root each value has; a fictitious patient has one of the sender's own.
_ROOTS: Final = {_PATIENT: BSN_ROOT, CONTEXT: CONTEXT_SYSTEM, "SYNTAC": "2.16.840.1.113883.2.4.3.111.15.5"}


def _keywords(case: Case) -> list[str]:
    return [line.keyword for line in case.reading.wrapper.attention_lines]


def _asks_for(case: Case, rule: AttentionRule) -> bool:
    return case.row is not None and case.row.attention is rule


def check_patient_line(case: Case) -> Finding | None:
    """A PATID line, or a FICID line in its place, stands where the table demands a line (domain reference 3.3, 3.7).

    3.7 check 8 and 4.1 column AL ask for a BSN line. That a FICID line serves as well is our assumption: 3.3 gives
    the keyword and does not say where it may stand. A message about nobody need not carry somebody's number.
    """
    if _asks_for(case, AttentionRule.BSN) and not {_PATIENT, _FICTITIOUS} & set(_keywords(case)):
        return Finding(_CODE, "no PATID line")
    return None


def check_context_line(case: Case) -> Finding | None:
    """A CONTEXT line stands where the interaction demands one (domain reference 3.3, 3.7 check 8, 4.1 column AL)."""
    if _asks_for(case, AttentionRule.CONTEXT) and CONTEXT not in _keywords(case):
        return Finding(_CODE, "no CONTEXT line")
    return None


def check_lines_once(case: Case) -> Finding | None:
    """There is one PATID line and one CONTEXT line at most (domain reference 3.3)."""
    keywords = _keywords(case)
    doubled = [keyword for keyword in (_PATIENT, CONTEXT) if keywords.count(keyword) > 1]
    return Finding(_CODE, f"more than one {doubled[0]} line") if doubled else None


def check_values(case: Case) -> Finding | None:
    """The value of a line has the root of its keyword, and is not empty (domain reference 1.3, 3.3)."""
    for line in case.reading.wrapper.attention_lines:
        root = _ROOTS.get(line.keyword)
        if root is not None and (line.root != root or not line.extension):
            return Finding(_CODE, f"value of the {line.keyword} line")
    return None


def check_keywords(case: Case) -> Finding | None:
    """Keywords are of the national list (domain reference 3.3; the whole list is not public, 10 item 9)."""
    for line in case.reading.wrapper.attention_lines:
        if line.keyword not in {*_ROOTS, _FICTITIOUS} or line.keyword_system != _KEYWORD_SYSTEM:
            return Finding(_CODE, "keyWordText is not one of the national list")
    return None


def check_no_patient_line(case: Case) -> Finding | None:
    """No PATID line stands where the table says so (domain reference 4.1 column AL; published messages have one)."""
    if _asks_for(case, AttentionRule.NO_BSN) and _PATIENT in _keywords(case):
        return Finding(_CODE, "a PATID line, and the table asks for none")
    return None


def check_patient_names_himself(case: Case) -> Finding | None:
    """A message by a patient through a portal, or by the customer desk, has a PATID line (domain reference 3.3).

    A legal representative is the author by his own BSN, and is read as the patient is: a line is expected of him too.
    Named in another way he is read as a professional is, and nothing is said of the line: whose portal or desk it is
    cannot be told by the role list of representatives alone (1.3).
    """
    wrapper = case.reading.wrapper
    if _PATIENT in _keywords(case) or not (wrapper.author == "patient" or wrapper.author_ids.is_at_desk):
        return None
    who = "a patient" if wrapper.author == "patient" else "the customer desk"
    return Finding(_CODE, f"no PATID line in a message by {who}")
