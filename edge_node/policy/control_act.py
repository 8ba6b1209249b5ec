"""The rules on the control act: that it is there, what happened, and which system says so.

Knows: the values of domain reference 3.6.
Must not know: the question or the answer in it, whether its author may do this.
"""

from typing import Final

from edge_node.model.finding import Finding
from edge_node.policy.case import Case

_CODE: Final = "EN-CONTROL-ACT"
_TRIGGER_SYSTEM: Final = "2.16.840.1.113883.1.18"
_UNUSED: Final = frozenset({"dataEnterer", "informationRecipient"})


def check_mood(case: Case) -> Finding | None:
    """A message that starts an exchange has a control act with moodCode EVN (domain reference 3.1, 3.6)."""
    mood = case.reading.wrapper.mood_code
    if mood is None:
        return Finding(_CODE, "there is no ControlActProcess")
    return None if mood == "EVN" else Finding(_CODE, "moodCode must be EVN")


def check_trigger_system(case: Case) -> Finding | None:
    """The code of the control act is one of the trigger events (domain reference 3.6)."""
    wrapper = case.reading.wrapper
    if wrapper.trigger_event is not None and wrapper.trigger_system != _TRIGGER_SYSTEM:
        return Finding(_CODE, "code is not of the trigger events")
    return None


def check_trigger_event(case: Case) -> Finding | None:
    """The trigger event is the one of the interaction (domain reference 3.6, 4.1 column Trigger event)."""
    event, row = case.reading.wrapper.trigger_event, case.row
    if row is None or event is None or not row.trigger_event:
        return None
    return None if event == row.trigger_event else Finding(_CODE, f"the trigger event must be {row.trigger_event}")


def check_author_named(case: Case) -> Finding | None:
    """The control act names its author, a person or a system (domain reference 3.6; missing inbound: design 1)."""
    wrapper = case.reading.wrapper
    if wrapper.mood_code is not None and wrapper.author is None:
        return Finding(_CODE, "there is no author")
    return None


def check_author_is_sender(case: Case) -> Finding | None:
    """A system that is the author has the sender's application id (domain reference 3.5, 3.6)."""
    wrapper = case.reading.wrapper
    application = wrapper.author_ids.application
    if application is not None and application != str(wrapper.sender):
        return Finding("EN-AUTHOR", "the application id of the author is not the sender's")
    return None


def check_participants(case: Case) -> Finding | None:
    """dataEnterer and informationRecipient are not used (domain reference 3.6)."""
    found = [name for name in case.reading.wrapper.unused if name in _UNUSED]
    return Finding(_CODE, f"{found[0]} is not used") if found else None
