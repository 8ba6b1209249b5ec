"""What was signed is what was read, and the gravest thing is told first."""

from dataclasses import replace
from types import ModuleType

import pytest

from edge_node.model.finding import Severity
from edge_node.model.message import Binding, Token
from edge_node.model.token import CardType, NamedCard, ProvenToken, TokenKind, TokenLimits, TokenSubject
from edge_node.policy import token_beside, token_bound, token_card, token_passed, token_time
from edge_node.policy.token_case import TokenCase
from edge_node.policy.token_proof import RULES, check_same, judge_tokens

BINDING = Binding(message_root="1.2", message_extension="3", interaction="X", subject="900000101:01.015")
READ = Token(kind="saml", id="_1", not_after="2026-11-22T10:00:00Z", binding=BINDING)
PROVEN = ProvenToken(
    kind=TokenKind.TRANSACTION,
    id="_1",
    not_after="2026-11-22T10:00:00Z",
    binding=BINDING,
    named=NamedCard(type=CardType.PROFESSIONAL),
)
SUBJECT = TokenSubject(interaction="X", message=("1.2", "3"), application="8", own_ura="90000101", zim="1")


class TestWhatWasSigned:
    def test_is_what_was_read(self) -> None:
        """Two readers that see one message."""
        assert check_same((READ,), (PROVEN,)) is None

    @pytest.mark.parametrize(
        ("read", "proven"),
        [
            ((READ,), (replace(PROVEN, id="_2"),)),
            ((READ,), (replace(PROVEN, not_after="2026-11-22T11:00:00Z"),)),
            ((READ,), (replace(PROVEN, binding=replace(BINDING, subject="900000103:01.015")),)),
            ((READ,), (PROVEN, PROVEN)),
            ((READ,), ()),
            ((READ, replace(READ, id="_2")), (PROVEN,)),
        ],
    )
    def test_that_is_another_thing_than_was_read_is_called_wrapped(
        self, read: tuple[Token, ...], proven: tuple[ProvenToken, ...]
    ) -> None:
        """The one is judged and the other used: that is what wrapping is for."""
        finding = check_same(read, proven)
        assert finding is not None
        assert finding.code == "EN-TOKEN-WRAPPED"

    def test_may_leave_a_token_out_that_is_for_no_message(self) -> None:
        """A contract beside it is the switchboard's to judge."""
        assert check_same((READ, Token(kind="saml", id="_9")), (PROVEN,)) is None


class TestFindings:
    def test_that_block_come_first(self) -> None:
        """The first one answers the sender."""
        case = TokenCase(subject=SUBJECT, tokens=(PROVEN,), limits=TokenLimits(), at=None)
        weights = [finding.severity for finding in judge_tokens(case)]
        assert weights == sorted(weights)
        assert Severity.WARN in weights


class TestTheRules:
    @pytest.mark.parametrize("module", [token_beside, token_bound, token_card, token_passed, token_time])
    def test_are_all_asked(self, module: ModuleType) -> None:
        """One that is left out by mistake would be missed by nobody."""
        own = {rule for name, rule in vars(module).items() if name.startswith("check_")}
        assert own
        assert own <= set(RULES)
