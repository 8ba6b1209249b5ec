"""The rules on the parameters of a question.

Knows: the values of `queryByParameter` (domain reference 3.6), and who asks for one answer and who for a batch.
Must not know: what is asked about whom.
"""

from typing import Final

from edge_node.model.finding import Finding
from edge_node.model.identifiers import ApplicationId
from edge_node.model.interaction import Interaction, Pattern
from edge_node.model.message import QueryParameters, Wrapper
from edge_node.policy.case import Case

_CODE: Final = "EN-QUERY-FIELD"
_SORT: Final = frozenset({"sortControl", "responseElementGroup", "responseElementGroupId"})
ONE_ANSWER: Final = "R"
BATCH: Final = "B"


def _question(case: Case) -> QueryParameters | None:
    return case.reading.wrapper.query


def _is_indirect(row: Interaction) -> bool:
    return row.pattern is Pattern.QUERY and row.direct is False


def check_query_id(case: Case) -> Finding | None:
    """A question has a queryId; its answers are known by it (domain reference 3.5, 3.6)."""
    question, row = _question(case), case.row
    if question is None:
        missing = row is not None and _is_indirect(row)
        return Finding(_CODE, "there is no queryByParameter") if missing else None
    return None if question.has_id else Finding(_CODE, "there is no queryId")


def check_status(case: Case) -> Finding | None:
    """The statusCode of a question is executing (domain reference 3.6)."""
    question = _question(case)
    if question is not None and question.status_code != "executing":
        return Finding(_CODE, "statusCode is executing")
    return None


def check_modify(case: Case) -> Finding | None:
    """The modifyCode of a question is M or N (domain reference 3.6: the codes seen, not a rule)."""
    question = _question(case)
    if question is not None and question.modify_code not in {None, "M", "N"}:
        return Finding(_CODE, "modifyCode is M or N")
    return None


def check_modality(case: Case) -> Finding | None:
    """B where the switchboard is to gather answers, R for one answer (domain reference 3.6)."""
    row, wrapper = case.row, case.reading.wrapper
    if row is None or row.pattern is not Pattern.QUERY or row.direct is None or wrapper.query is None:
        return None
    wanted = _modality(row, wrapper, case.site.zim)
    if wanted in {None, wrapper.response_modality_code}:
        return None
    if wrapper.response_modality_code is None and wanted == ONE_ANSWER:
        return None  # optional in the schema, and one answer is what comes
    return Finding(_CODE, f"responseModalityCode is {wanted}")


def _modality(row: Interaction, wrapper: Wrapper, zim: ApplicationId) -> str | None:
    if not _is_indirect(row) or wrapper.sender == zim:
        return ONE_ANSWER
    # Where one source is asked by name no text says whether that is indirect still.
    return BATCH if wrapper.receiver == zim else None


def check_priority(case: Case) -> Finding | None:
    """The responsePriorityCode of a question is I: the answer comes at once (domain reference 3.6)."""
    question = _question(case)
    if question is not None and question.priority_code not in {None, "I"}:
        return Finding(_CODE, "responsePriorityCode is I")
    return None


def check_quantity_unit(case: Case) -> Finding | None:
    """An initialQuantity is counted in messages: its code is MC (domain reference 1.3, 3.6)."""
    question = _question(case)
    if question is not None and question.quantity_unit not in {None, "MC"}:
        return Finding(_CODE, "initialQuantityCode is MC")
    return None


def check_no_sorting(case: Case) -> Finding | None:
    """A question has no sort control and no response element group (domain reference 3.6)."""
    found = [name for name in case.reading.wrapper.unused if name in _SORT]
    return Finding(_CODE, f"{found[0]} is not allowed") if found else None
