"""A token serves for what it was made for, and for nothing else."""

from dataclasses import replace

import pytest

from edge_node.model.message import AuthorIds
from edge_node.model.token import ProvenToken, TokenLimits
from edge_node.policy import token_bound
from edge_node.policy.token_case import TokenCase, TokenRule
from tests.policy.token_cases import (
    BINDING,
    CARD,
    NOW,
    OTHER_PATIENT,
    SERVER,
    SUBJECT,
    ZORG_ID,
    enrolment,
    mandate,
    older,
    told,
    transaction,
)


class TestTheMessage:
    @pytest.mark.parametrize("token", [transaction, older])
    def test_it_names_is_this_one(self, token: type[ProvenToken]) -> None:
        """Kept, it would open another patient's record tomorrow."""
        assert told(token_bound.check_message, token()) == []
        changed = token(binding=replace(BINDING, message_extension="2"))
        assert told(token_bound.check_message, changed) == ["EN-TOKEN-MISMATCH"]

    def test_it_names_no_token_beside_it_names(self) -> None:
        """A mandate and an enrolment outlast a message."""
        assert told(token_bound.check_message, mandate(), enrolment()) == []

    def test_has_no_id_in_some_formats(self) -> None:
        """FHIR has none in its tokens."""
        unbound = transaction(binding=replace(BINDING, message_root=None, message_extension=None))
        assert told(token_bound.check_message, unbound, message=None) == []


class TestWhatIsAsked:
    @pytest.mark.parametrize(
        ("named", "codes"),
        [
            ("QURX_IN990011NL", []),
            ("QUPC_IN990001NL QURX_IN990011NL", []),
            ("QURX_IN990011", ["EN-TOKEN-MISMATCH"]),
            ("", ["EN-TOKEN-MISMATCH"]),
            (None, ["EN-TOKEN-MISMATCH"]),
        ],
    )
    def test_is_named(self, named: str | None, codes: list[str]) -> None:
        """Whole, and among others at most."""
        token = transaction(binding=replace(BINDING, interaction=named))
        assert told(token_bound.check_interaction, token) == codes

    @pytest.mark.parametrize(
        ("named", "codes"),
        [
            ("80000001", []),
            ("urn:IIroot:2.16.840.1.113883.2.4.6.6:IIext:80000001", []),
            ("80000002", ["EN-TOKEN-MISMATCH"]),
            ("urn:IIroot:2.16.840.1.113883.2.4.6.6:IIext:80000002", ["EN-TOKEN-MISMATCH"]),
            ("urn:IIroot:2.16.840.1.9:IIext:80000001", ["EN-TOKEN-MISMATCH"]),
        ],
    )
    def test_is_asked_by_the_application_it_names(self, named: str, codes: list[str]) -> None:
        """In both ways in which one is written."""
        token = transaction(binding=replace(BINDING, application=named))
        assert told(token_bound.check_application, token) == codes


class TestThePatient:
    @pytest.mark.parametrize("token", [transaction, older, enrolment])
    def test_it_names_is_this_one(self, token: type[ProvenToken]) -> None:
        """Each of them, the enrolment too."""
        assert told(token_bound.check_patient, token()) == []
        assert told(token_bound.check_patient, token(bsns=(OTHER_PATIENT,))) == ["EN-TOKEN-PATIENT"]

    def test_it_names_is_free_where_the_message_names_none(self) -> None:
        """A question for nobody in particular."""
        assert told(token_bound.check_patient, transaction(bsns=(OTHER_PATIENT,)), bsn=None) == []


class TestTheAuthor:
    @pytest.mark.parametrize(
        ("author", "codes"),
        [
            (AuthorIds(uzi="900000101", role="01.015"), []),
            (AuthorIds(uzi="900000101"), []),
            (AuthorIds(uzi="900000103", role="01.015"), ["EN-TOKEN-HOLDER"]),
            (AuthorIds(uzi="900000101", role="17.000"), ["EN-TOKEN-HOLDER"]),
            (AuthorIds(has_other_number=True), []),
            (None, []),
        ],
    )
    def test_signed_the_older_token(self, author: AuthorIds | None, codes: list[str]) -> None:
        """It names nobody, so only the card says who it was."""
        assert told(token_bound.check_author, older(), author=author) == codes

    def test_is_not_told_from_a_card_that_is_not_known(self) -> None:
        """What is only named, nobody has seen."""
        assert told(token_bound.check_author, older(card=None)) == []


class TestAnAuthorWithoutANumber:
    @pytest.mark.parametrize("by", ["person", "patient"])
    @pytest.mark.parametrize("token", [transaction, older])
    def test_signs_with_no_card(self, token: type[ProvenToken], by: str) -> None:
        """Under another number than that of his card a message would be anybody's."""
        nobody = AuthorIds(has_other_number=True)
        assert told(token_bound.check_nobody, token(), by=by, author=nobody) == ["EN-TOKEN-MISMATCH"]

    def test_may_have_what_a_server_signed(self) -> None:
        """It names nobody."""
        assert told(token_bound.check_nobody, transaction(subject=""), by="person", author=AuthorIds()) == []

    @pytest.mark.parametrize(
        ("by", "author"), [("person", AuthorIds(uzi="900000101")), ("device", AuthorIds()), (None, None)]
    )
    def test_is_not_one_who_has_or_needs_none(self, by: str | None, author: AuthorIds | None) -> None:
        """A doctor has one; a machine and a question in FHIR name nobody."""
        assert told(token_bound.check_nobody, transaction(), by=by, author=author) == []


class TestTheClass:
    @pytest.mark.parametrize(
        ("card", "class_", "codes"),
        [
            (CARD, "SmartcardPKI", []),
            (CARD, "X509", ["EN-TOKEN-CONTEXT-CLASS"]),
            (CARD, "", []),
            (SERVER, "X509", []),
            (SERVER, "SmartcardPKI", ["EN-TOKEN-CONTEXT-CLASS"]),
            (ZORG_ID, "SmartcardPKI", []),
            (ZORG_ID, "X509", []),
            (ZORG_ID, "Password", ["EN-TOKEN-CONTEXT-CLASS"]),
            (None, "X509", []),
        ],
    )
    def test_is_that_of_what_signed(self, card: object, class_: str, codes: list[str]) -> None:
        """Of ZORG-ID, which is no card in a reader, both are seen."""
        assert told(token_bound.check_context_class, transaction(card=card, context_class=class_)) == codes

    @pytest.mark.parametrize(
        ("class_", "codes"),
        [("SmartcardPKI", []), ("X509", []), ("", []), ("Password", ["EN-TOKEN-CONTEXT-CLASS"])],
    )
    def test_of_an_enrolment_is_that_of_a_card_or_a_certificate(self, class_: str, codes: list[str]) -> None:
        """Who enrols a patient has logged in at level midden (domain reference GBZ 5.4)."""
        assert told(token_bound.check_context_class, enrolment(context_class=class_)) == codes


class TestAFinding:
    @pytest.mark.parametrize("rule", [token_bound.check_context_class, token_bound.check_confirmation])
    def test_repeats_no_word_of_a_token_that_is_not_known(self, rule: TokenRule) -> None:
        """Details are logged; a maker of tokens may put a number of a person anywhere."""
        token = transaction(context_class="999900006", method="999900006")
        case = TokenCase(subject=SUBJECT, tokens=(token,), limits=TokenLimits(), at=NOW)
        (finding,) = rule(case)
        assert "999900006" not in finding.detail
