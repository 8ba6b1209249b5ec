"""What the control act of a message says: that it happened, why, and which system tells."""

from typing import Any

import pytest

from edge_node.model.message import AuthorIds
from edge_node.policy import control_act
from edge_node.policy.case import Case
from tests.nouns import a_case, a_reading, a_row, a_wrapper

TRIGGERS = "2.16.840.1.113883.1.18"


def with_act(**changes: Any) -> Case:
    return a_case(reading=a_reading(a_wrapper(**changes)))


class TestTheControlAct:
    @pytest.mark.parametrize("mood", [None, "", "RQO", "evn"])
    def test_tells_of_something_that_happened(self, mood: str | None) -> None:
        """An intention read as an event would be a prescription nobody wrote."""
        finding = control_act.check_mood(with_act(mood_code=mood))
        assert finding is not None
        assert finding.code == "EN-CONTROL-ACT"
        assert control_act.check_mood(with_act()) is None

    def test_is_refused_in_words_that_say_what_it_must_be(self) -> None:
        """As "moodCode is EVN" it reads as if that were the mistake."""
        case = with_act(mood_code="RQO", trigger_event="QUPC_TE990002NL")
        findings = control_act.check_mood(case), control_act.check_trigger_event(case)
        assert [finding and finding.detail for finding in findings] == [
            "moodCode must be EVN",
            "the trigger event must be QUPC_TE990001NL",
        ]

    @pytest.mark.parametrize("name", ["dataEnterer", "informationRecipient"])
    def test_has_no_participants_that_nobody_reads(self, name: str) -> None:
        """A recipient named there would never get it."""
        assert control_act.check_participants(with_act(unused=(name,))) is not None
        assert control_act.check_participants(with_act(unused=("desc",))) is None


class TestTheTriggerEvent:
    def test_is_that_of_the_interaction(self) -> None:
        """The switchboard authorises by it."""
        assert control_act.check_trigger_event(with_act(trigger_event="QUPC_TE990002NL")) is not None
        assert control_act.check_trigger_event(with_act(trigger_event="QUPC_TE990001NL")) is None

    def test_may_be_left_out(self) -> None:
        """It is optional; most published messages have none."""
        assert control_act.check_trigger_event(with_act()) is None
        assert control_act.check_trigger_system(with_act()) is None

    def test_is_not_asked_of_a_row_that_has_none(self) -> None:
        """A site may declare an interaction without one."""
        case = a_case(row=a_row(trigger_event=""), reading=a_reading(a_wrapper(trigger_event="X")))
        assert control_act.check_trigger_event(case) is None

    def test_is_of_its_own_code_system(self) -> None:
        """The same letters in another system are another event."""
        of = {"trigger_event": "QUPC_TE990001NL"}
        assert control_act.check_trigger_system(with_act(**of, trigger_system="2.16.840.1.113883.1.6")) is not None
        assert control_act.check_trigger_system(with_act(**of, trigger_system=TRIGGERS)) is None


class TestTheAuthor:
    def test_is_named(self) -> None:
        """The access log of the other side begins with who."""
        assert control_act.check_author_named(with_act(author=None)) is not None
        assert control_act.check_author_named(with_act(author="device")) is None

    def test_that_is_a_system_is_the_sender(self) -> None:
        """A system that speaks for another one hides who asked."""
        other = control_act.check_author_is_sender(with_act(author_ids=AuthorIds(application="900077")))
        assert other is not None
        assert other.code == "EN-AUTHOR"
        assert control_act.check_author_is_sender(with_act(author_ids=AuthorIds(application="900001"))) is None
        assert control_act.check_author_is_sender(with_act()) is None
