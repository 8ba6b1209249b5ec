"""What a question says of itself: one answer or a batch, now, without sorting."""

from typing import Any

import pytest

from edge_node.model.interaction import Pattern
from edge_node.model.message import QueryParameters
from edge_node.policy import question
from edge_node.policy.case import Case
from tests.nouns import ELSEWHERE, ZIM, a_case, a_push_row, a_reading, a_row, a_wrapper


def asking(direct: bool | None = False, modality: str | None = "B", **changes: Any) -> Case:
    wrapper = a_wrapper(response_modality_code=modality, **changes)
    return a_case(row=a_row(direct=direct), reading=a_reading(wrapper))


def with_parameters(**changes: Any) -> Case:
    parameters = {"has_id": True, "status_code": "executing", **changes}
    return asking(query=QueryParameters(**parameters))


class TestTheQueryId:
    def test_is_there(self) -> None:
        """It is the one key by which the answers of all sources are known."""
        finding = question.check_query_id(with_parameters(has_id=False))
        assert finding is not None
        assert finding.code == "EN-QUERY-FIELD"
        assert question.check_query_id(with_parameters()) is None

    def test_is_asked_of_what_the_switchboard_gathers(self) -> None:
        """A ping has none; a question for every source must."""
        assert question.check_query_id(asking(direct=False, query=None)) is not None
        assert question.check_query_id(asking(direct=None, query=None)) is None


class TestACode:
    @pytest.mark.parametrize(
        ("rule", "good", "bad"),
        [
            (question.check_status, {"status_code": "executing"}, {"status_code": "aborted"}),
            (question.check_status, {"status_code": "executing"}, {"status_code": None}),
            (question.check_modify, {"modify_code": "N"}, {"modify_code": "X"}),
            (question.check_priority, {"priority_code": "I"}, {"priority_code": "D"}),
            (question.check_priority, {}, {"priority_code": ""}),
            (question.check_quantity_unit, {"quantity_unit": "MC"}, {"quantity_unit": "RD"}),
            (question.check_quantity_unit, {}, {"quantity_unit": ""}),
        ],
    )
    def test_has_the_value_of_the_national_rules(self, rule: Any, good: dict[str, Any], bad: dict[str, Any]) -> None:
        """A deferred question would be answered when nobody waits any more."""
        assert rule(with_parameters(**good)) is None
        assert rule(with_parameters(**bad)).code == "EN-QUERY-FIELD"

    @pytest.mark.parametrize("name", ["sortControl", "responseElementGroup", "responseElementGroupId"])
    def test_of_sorting_is_not_allowed(self, name: str) -> None:
        """A source that leaves part of a record out answers another question."""
        assert question.check_no_sorting(asking(unused=(name,))) is not None
        assert question.check_no_sorting(asking(unused=("desc",))) is None

    def test_is_not_asked_of_a_push(self) -> None:
        """It has no question."""
        case = a_case(row=a_push_row(), reading=a_reading(a_wrapper(query=None)))
        rules = (question.check_status, question.check_modify, question.check_priority, question.check_quantity_unit)
        assert [rule(case) for rule in rules] == [None] * 4


class TestTheModality:
    def test_is_a_batch_for_what_the_switchboard_gathers(self) -> None:
        """With R it would answer for one source, and the others would be missing without a word."""
        assert question.check_modality(asking(modality="B")) is None
        assert question.check_modality(asking(modality="R")) is not None
        assert question.check_modality(asking(modality=None)) is not None

    def test_is_one_answer_for_one_application(self) -> None:
        """A register, or the application that was addressed, answers once."""
        assert question.check_modality(asking(direct=True, modality="R")) is None
        assert question.check_modality(asking(direct=True, modality=None)) is None
        assert question.check_modality(asking(direct=True, modality="B")) is not None

    @pytest.mark.parametrize("modality", ["B", "R", None])
    def test_is_free_where_one_source_is_asked_by_name(self, modality: str | None) -> None:
        """Of a question that is also gathered no text says which it is then: the switchboard decides."""
        assert question.check_modality(asking(receiver=ELSEWHERE, modality=modality)) is None

    def test_is_one_answer_on_the_switchboards_own_legs(self) -> None:
        """A source answers for itself."""
        assert question.check_modality(asking(receiver=ELSEWHERE, sender=ZIM, modality="R")) is None
        assert question.check_modality(asking(receiver=ELSEWHERE, sender=ZIM, modality="B")) is not None

    def test_is_free_where_the_table_does_not_say(self) -> None:
        """A push, a ping, and what has no kind of question."""
        assert question.check_modality(asking(direct=None, modality="B")) is None
        case = a_case(row=a_row(pattern=Pattern.PUSH), reading=a_reading(a_wrapper(response_modality_code="R")))
        assert question.check_modality(case) is None
