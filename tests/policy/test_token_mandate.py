"""Staff act under a mandate, and a mandate is renewed in time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from edge_node.model.finding import Severity
from edge_node.model.token import CardType, ProvenToken, TokenLimits
from edge_node.policy import token_mandate
from edge_node.policy.token_case import TokenCase, TokenRule
from tests.policy.token_cases import CARD, NOW, SERVER, SUBJECT, ZORG_ID, mandate, older, told, transaction, window

DAY = timedelta(days=1)
ASSISTANT = replace(CARD, type=CardType.EMPLOYEE, letter="N", role="00.000")


def found(rule: TokenRule, *tokens: ProvenToken, at: Any = NOW) -> list[Severity]:
    case = TokenCase(subject=SUBJECT, tokens=tokens, limits=TokenLimits(), at=at)
    return [finding.severity for finding in rule(case)]


class TestStaff:
    @pytest.mark.parametrize("token", [transaction, older])
    def test_without_a_mandate_are_told_of(self, token: Any) -> None:
        """That an assistant needs one is from memory: the switchboard decides, so it only warns."""
        assert told(token_mandate.check_there_is_one, token(card=ASSISTANT)) == ["EN-TOKEN-MANDATE-NONE"]
        assert found(token_mandate.check_there_is_one, token(card=ASSISTANT)) == [Severity.WARN]

    def test_with_one_are_not(self) -> None:
        """That is how an assistant works."""
        assert told(token_mandate.check_there_is_one, transaction(card=ASSISTANT), mandate()) == []

    @pytest.mark.parametrize("card", [CARD, SERVER, ZORG_ID, None])
    def test_are_not_professionals_servers_or_who_is_not_known(self, card: Any) -> None:
        """A doctor acts for himself; of a server another rule asks for a mandate."""
        assert told(token_mandate.check_there_is_one, transaction(card=card)) == []


class TestTheEnd:
    @pytest.mark.parametrize(("days", "codes"), [(29, ["EN-TOKEN-MANDATE-ENDS"]), (40, [])])
    def test_is_told_of_a_month_before(self, days: int, codes: list[str]) -> None:
        """A professional has time to sign again before his staff can do nothing."""
        given = mandate(**window(begins=-DAY, lasts=(days + 1) * DAY))
        assert told(token_mandate.check_end, given) == codes

    def test_stops_nothing_while_nobody_knows_the_time(self) -> None:
        """A clock in doubt is no mandate in doubt."""
        assert found(token_mandate.check_end, mandate(**window()), at=None) == []

    def test_that_cannot_be_read_is_another_rules(self) -> None:
        """One mistake, one finding."""
        assert told(token_mandate.check_end, mandate(not_after="soon")) == []
