"""The rules on sender and receiver: who may speak for whom.

Knows: design section 1, "Who may speak for whom"; domain reference 3.7, checks 4 and 5.
Must not know: how the caller proved who it is.
"""

from edge_node.model.finding import Finding
from edge_node.model.message import Direction
from edge_node.model.peer import LocalCaller, SwitchboardCaller
from edge_node.policy.case import Case


def check_sender(case: Case) -> Finding | None:
    """Outbound, the sender is an application id bound to the caller (domain reference 3.7 check 5, design 1)."""
    if case.direction is not Direction.OUT or not isinstance(case.caller, LocalCaller):
        return None
    application = case.application
    if application is None or application.local_system != case.caller.name:
        return Finding("EN-SENDER-FOREIGN", f"sender {case.own} is not bound to {case.caller.name}")
    return None


def check_receiver(case: Case) -> Finding | None:
    """Outbound not the sender itself; inbound one of ours, at its identity (domain reference 3.7 check 4)."""
    wrapper = case.reading.wrapper
    if case.direction is Direction.OUT:
        same = wrapper.receiver == wrapper.sender
        return Finding("EN-RECEIVER-WRONG", "receiver and sender are the same") if same else None
    application = case.application
    if application is None:
        return Finding("EN-RECEIVER-WRONG", f"application {case.own} is not served here")
    if isinstance(case.caller, SwitchboardCaller) and application.identity != case.caller.identity:
        return Finding("EN-RECEIVER-WRONG", f"application {case.own} belongs to another organisation")
    return None
