"""The page of message rules."""

import pytest

from docs._ext import rules_page
from edge_node.errors import PAGES
from edge_node.policy import answer_form
from edge_node.policy.judgement import RULES
from edge_node.policy.rule import MessageRule


class TestThePage:
    def test_has_a_row_a_rule(self) -> None:
        """A rule nobody can read about is a refusal nobody understands."""
        lines = [line for line in rules_page.make().splitlines() if line.startswith("| ") and "| rule |" not in line]
        assert len([line for line in lines if not line.startswith("| rule ")]) == len(RULES) + len(answer_form.RULES)

    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.check.__name__)
    def test_names_the_codes_of_each_rule(self, rule: MessageRule) -> None:
        """A developer comes with a code in hand."""
        assert rules_page.codes(rule.check)
        assert set(rules_page.codes(rule.check)) <= PAGES.keys()

    def test_names_a_document_for_each(self) -> None:
        """Our own notes are not what a supplier is bound to."""
        assert "domain reference" not in rules_page.make()
        assert "|  |\n" not in rules_page.make()
