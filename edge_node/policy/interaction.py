"""The rules on the interaction: is it one that may be exchanged here?

Knows: the interaction table's row.
Must not know: how the table is read, who sent the message.
"""

from edge_node.model.finding import Finding
from edge_node.model.interaction import Inbound
from edge_node.model.message import Direction
from edge_node.policy.case import Case


def check_known(case: Case) -> Finding | None:
    """Only an interaction the table or the site's settings name is exchanged (domain reference 3.7, check 3)."""
    if case.row is None:
        return Finding("EN-INTERACTION-UNKNOWN", str(case.reading.wrapper.interaction))
    return None


def check_active(case: Case) -> Finding | None:
    """An interaction flagged inactive is refused (domain reference 4.1, column Act)."""
    if case.row is not None and not case.row.active:
        return Finding("EN-INTERACTION-INACTIVE", str(case.row.id))
    return None


def check_starts_an_exchange(case: Case) -> Finding | None:
    """An answer travels in the response to its question, never as a request of its own (domain reference 2.2)."""
    row = case.row
    if row is None:
        return None
    if not row.is_request or (case.direction is Direction.IN and row.inbound is Inbound.NEVER):
        return Finding("EN-INTERACTION-ROLE", f"{row.id} is {row.pattern}, {case.direction}")
    return None


def check_root_element(case: Case) -> Finding | None:
    """The name of the message element is the interaction id (domain reference 3.2)."""
    wrapper = case.reading.wrapper
    if wrapper.root_name != str(wrapper.interaction):
        return Finding("EN-INTERACTION-MISMATCH", f"element {wrapper.root_name}, interactionId {wrapper.interaction}")
    return None
