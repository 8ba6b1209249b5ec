"""What the attention lines of a message must hold, so that the switchboard need not open its payload."""

from dataclasses import replace
from typing import Any

import pytest

from edge_node.model.interaction import AttentionRule
from edge_node.model.message import AttentionLine, AuthorIds
from edge_node.policy import attention
from edge_node.policy.case import Case, Rule
from tests.nouns import a_case, a_reading, a_row, a_wrapper

KEYWORDS = "2.16.840.1.113883.2.4.15.1"
PATIENT = AttentionLine("PATID", "2.16.840.1.113883.2.4.6.3", "999911120", KEYWORDS)
CONTEXT = AttentionLine("CONTEXT", "2.16.840.1.113883.2.4.3.111.15.1", "KZDI", KEYWORDS)
FICTITIOUS = AttentionLine("FICID", "2.16.840.1.113883.2.4.6.6.900001.9", "1", KEYWORDS)
SYNTAC = AttentionLine("SYNTAC", "2.16.840.1.113883.2.4.3.111.15.5", "A|1|N2", KEYWORDS)


def with_lines(*lines: AttentionLine, row: AttentionRule = AttentionRule.FREE, **changes: Any) -> Case:
    return a_case(row=a_row(attention=row), reading=a_reading(a_wrapper(attention_lines=lines, **changes)))


class TestALineThatTheTableDemands:
    @pytest.mark.parametrize(
        ("rule", "demand", "line"),
        [
            (attention.check_patient_line, AttentionRule.BSN, PATIENT),
            (attention.check_patient_line, AttentionRule.BSN, FICTITIOUS),
            (attention.check_context_line, AttentionRule.CONTEXT, CONTEXT),
        ],
    )
    def test_is_missed_when_it_is_not_there(self, rule: Rule, demand: AttentionRule, line: AttentionLine) -> None:
        """Without it the switchboard can neither authorise nor log."""
        finding = rule(with_lines(SYNTAC, row=demand))
        assert finding is not None
        assert finding.code == "EN-ATTENTION-LINE"
        assert rule(with_lines(line, row=demand)) is None

    def test_is_not_missed_elsewhere(self) -> None:
        """Most interactions leave the sender free."""
        assert attention.check_patient_line(with_lines()) is None
        assert attention.check_context_line(with_lines()) is None


class TestLines:
    @pytest.mark.parametrize("line", [PATIENT, CONTEXT])
    def test_of_one_keyword_are_not_doubled(self, line: AttentionLine) -> None:
        """Two patients in one message: whose record would be opened?"""
        assert attention.check_lines_once(with_lines(line, line)) is not None
        assert attention.check_lines_once(with_lines(PATIENT, CONTEXT, SYNTAC, SYNTAC)) is None

    @pytest.mark.parametrize("line", [PATIENT, CONTEXT, SYNTAC])
    @pytest.mark.parametrize("changes", [{"root": "2.16.840.1.113883.2.4.6.1"}, {"extension": ""}])
    def test_hold_a_value_of_the_root_of_their_keyword(self, line: AttentionLine, changes: dict[str, str]) -> None:
        """A number of another register, read as a BSN, is another person."""
        assert attention.check_values(with_lines(replace(line, **changes))) is not None
        assert attention.check_values(with_lines(line)) is None

    @pytest.mark.parametrize("changes", [{"keyword": "PATIENT"}, {"keyword_system": "2.16.840.1.113883.2.4.15.2"}])
    def test_have_a_keyword_of_the_list(self, changes: dict[str, str]) -> None:
        """The list is not public as a whole, so another keyword is told and passes."""
        assert attention.check_keywords(with_lines(replace(PATIENT, **changes))) is not None
        assert attention.check_keywords(with_lines(PATIENT, CONTEXT, SYNTAC, FICTITIOUS)) is None


class TestAPatientLine:
    def test_where_the_table_asks_for_none_is_told(self) -> None:
        """Published youth-health transfers have one all the same."""
        assert attention.check_no_patient_line(with_lines(PATIENT, row=AttentionRule.NO_BSN)) is not None
        assert attention.check_no_patient_line(with_lines(row=AttentionRule.NO_BSN)) is None

    def test_is_expected_of_a_patient(self) -> None:
        """A portal's message is about the one who sends it."""
        assert attention.check_patient_names_himself(with_lines(author="patient")) is not None
        assert attention.check_patient_names_himself(with_lines(PATIENT, author="patient")) is None

    def test_is_expected_of_a_customer_desk(self) -> None:
        """It asks on behalf of somebody, and the switchboard must know of whom."""
        desk = AuthorIds(has_other_number=True, is_at_desk=True)
        finding = attention.check_patient_names_himself(with_lines(author_ids=desk))
        assert finding is not None
        assert finding.code == "EN-ATTENTION-LINE"
        assert attention.check_patient_names_himself(with_lines(PATIENT, author_ids=desk)) is None

    def test_is_not_expected_of_a_professional(self) -> None:
        """What the table asks of him is another rule's."""
        assert attention.check_patient_names_himself(with_lines()) is None
