"""A message by a person carries a token, made for this very message."""

from typing import Any

import pytest

from edge_node.model.interaction import TrustLevel
from edge_node.model.message import AttentionLine, AuthorIds, Binding, QueryParameters, Token
from edge_node.policy import token
from edge_node.policy.case import Case, Rule
from edge_node.policy.judgement import judge, warnings
from tests.nouns import QUESTION_ID, a_case, a_reading, a_row, a_token, a_wrapper

MANDATE = Token(kind="saml", id="mandate")
ENROLMENT = Token(kind="saml", id="enrolment")
OLDER = Token(
    kind="aorta805",
    id="older",
    binding=Binding(
        message_root=QUESTION_ID.root, message_extension=QUESTION_ID.extension, trigger_event="QUPC_TE990001NL"
    ),
)
RULES = (
    token.check_present,
    token.check_kind,
    token.check_message,
    token.check_interaction,
    token.check_application,
    token.check_context,
    token.check_person,
    token.check_server_signed,
)


def signed(*tokens: Token, level: TrustLevel = TrustLevel.MIDDEN, **changes: Any) -> Case:
    return a_case(row=a_row(level=level), reading=a_reading(a_wrapper(**changes), tokens=tokens))


class TestATokenThat:
    @pytest.mark.parametrize("tokens", [(a_token(),), (OLDER,), (a_token(), MANDATE)])
    def test_was_made_for_the_message_passes(self, tokens: tuple[Token, ...]) -> None:
        """Card, older card and mandate are all in use."""
        assert [rule(signed(*tokens)) for rule in RULES] == [None] * len(RULES)

    @pytest.mark.parametrize(
        ("rule", "changes"),
        [
            (token.check_message, {"message_extension": "2"}),
            (token.check_message, {"message_root": None}),
            (token.check_interaction, {"interaction": "QURX_IN990111NL"}),
            (token.check_interaction, {"interaction": None}),
            (token.check_application, {"application": "urn:IIroot:2.16.840.1.113883.2.4.6.6:IIext:900077"}),
            (token.check_person, {"subject": "900000109:01.015"}),
            (token.check_person, {"subject": "900000101:17.000"}),
        ],
    )
    def test_was_made_for_something_else_is_refused(self, rule: Rule, changes: dict[str, Any]) -> None:
        """The switchboard would say no with a code that names none of this."""
        finding = rule(signed(a_token(**changes)))
        assert finding is not None
        assert finding.code == "EN-TOKEN-MISMATCH"

    def test_is_of_the_older_kind_is_held_against_the_trigger_event(self) -> None:
        """It names no interaction."""
        other = Binding(message_root="1", message_extension="1", trigger_event="QURX_TE990011NL")
        assert token.check_interaction(signed(Token(kind="aorta805", id="o", binding=other))) is not None
        assert token.check_interaction(signed(OLDER)) is None

    def test_is_of_the_older_kind_names_its_trigger_event(self) -> None:
        """Without one it would serve for whatever else has this message id (domain reference 6.3)."""
        none = Binding(message_root="1", message_extension="1")
        assert token.check_interaction(signed(Token(kind="aorta805", id="o", binding=none))) is not None

    @pytest.mark.parametrize(
        "asked",
        [
            {"query": QueryParameters(has_id=True, contexts=frozenset({"KZDI"}))},
            {"attention_lines": (AttentionLine("CONTEXT", "2.16.840.1.113883.2.4.3.111.15.1", "KZDI"),)},
        ],
    )
    def test_names_a_context_names_that_of_the_question(self, asked: dict[str, Any]) -> None:
        """What may be seen depends on why it is asked."""
        assert token.check_context(signed(a_token(context="KZCV"), **asked)) is not None
        assert token.check_context(signed(a_token(context="KZDI"), **asked)) is None
        assert token.check_context(signed(a_token(), **asked)) is not None
        assert token.check_context(signed(OLDER, **asked)) is None

    def test_names_a_context_may_go_with_a_message_that_has_none(self) -> None:
        """A report says nowhere why it is sent."""
        assert token.check_context(signed(a_token(context="KZCV"))) is None


class TestAMessage:
    def test_by_a_person_has_a_token(self) -> None:
        """Level midden is a person who signed."""
        finding = token.check_present(signed())
        assert finding is not None
        assert finding.code == "EN-TOKEN-MISSING"

    def test_at_level_laag_needs_none(self) -> None:
        """The certificate of the system is enough."""
        assert token.check_present(signed(level=TrustLevel.LAAG)) is None
        assert token.check_kind(signed(MANDATE, level=TrustLevel.LAAG)) is None

    def test_with_a_mandate_only_lacks_the_signature_of_this_one(self) -> None:
        """A mandate says who may sign, not that anybody did."""
        assert token.check_kind(signed(MANDATE)) is not None

    def test_by_a_patient_may_carry_his_own_kind(self) -> None:
        """What DigiD signed is the switchboard's to judge."""
        case = signed(MANDATE, author="patient", author_ids=AuthorIds())
        assert [rule(case) for rule in RULES] == [None] * len(RULES)

    @pytest.mark.parametrize(("subject", "is_refused"), [("900000101:01.015", True), ("balie:7", False), ("", False)])
    def test_by_a_person_with_another_card_has_no_professionals_token(self, subject: str, is_refused: bool) -> None:
        """A customer desk has no UZI number, and its own form; a doctor's token is the doctor's alone."""
        case = signed(a_token(subject=subject), author_ids=AuthorIds())
        assert (token.check_person(case) is not None) == is_refused

    @pytest.mark.parametrize(("subject", "is_refused"), [("900000101:01.015", True), ("s00000000:999911120", False)])
    def test_by_a_patient_has_no_professionals_token(self, subject: str, is_refused: bool) -> None:
        """Nobody signs for a patient but the patient."""
        case = signed(a_token(subject=subject), author="patient", author_ids=AuthorIds())
        assert (token.check_person(case) is not None) == is_refused

    def test_with_a_guests_card_is_noted_where_the_card_is_proven(self) -> None:
        """Temporary staff bring their own card; two rules that note it would count each guest twice."""
        case = signed(a_token(issuer="urn:IIroot:2.16.528.1.1007.3.3:IIext:90000077"))
        assert (judge(case), warnings(case)) == ((), ())

    def test_by_a_person_without_role_names_none(self) -> None:
        """No role is written as 00.000."""
        case = signed(a_token(subject="900000101:00.000"), author_ids=AuthorIds(uzi="900000101"))
        assert token.check_person(case) is None


class TestATokenAServerSigned:
    @pytest.mark.parametrize("beside", [(), (MANDATE,)])
    def test_goes_with_mandate_and_enrolment(self, beside: tuple[Token, ...]) -> None:
        """Without a card, only both show that the asker treats this patient."""
        finding = token.check_server_signed(signed(a_token(subject=""), *beside))
        assert finding is not None
        assert finding.code == "EN-TOKEN-MISSING"

    def test_passes_with_both(self) -> None:
        """A night's conditional questions have nobody at the keyboard."""
        assert token.check_server_signed(signed(a_token(subject=""), MANDATE, ENROLMENT)) is None
