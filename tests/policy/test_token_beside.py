"""A server signs for a doctor who said so, and for a patient who is enrolled: each of the three must agree."""

from dataclasses import replace

import pytest

from edge_node.model.message import Binding
from edge_node.model.token import ProvenToken
from edge_node.policy import token_beside
from tests.policy.token_cases import (
    BINDING,
    CARD,
    OTHER_PATIENT,
    SERVER,
    ZORG_ID,
    enrolment,
    mandate,
    told,
    transaction,
)

SERVERS = transaction(subject="", card=SERVER)


class TestAServer:
    def test_signs_beside_mandate_and_enrolment(self) -> None:
        """With both, it may."""
        assert told(token_beside.check_server_signed, SERVERS, mandate(), enrolment()) == []

    @pytest.mark.parametrize("beside", [(), (mandate(),), (enrolment(),)])
    def test_signs_with_neither_alone(self, beside: tuple[ProvenToken, ...]) -> None:
        """Neither shows that the asker treats this patient."""
        assert told(token_beside.check_server_signed, SERVERS, *beside) == ["EN-TOKEN-MISSING"]

    def test_names_nobody(self) -> None:
        """Who is named was not there."""
        named = transaction(card=SERVER)
        assert told(token_beside.check_server_signed, named, mandate(), enrolment()) == ["EN-TOKEN-HOLDER"]

    def test_is_not_taken_for_a_doctor(self) -> None:
        """His own card needs nothing beside it, and names him."""
        assert told(token_beside.check_server_signed, transaction()) == []
        assert told(token_beside.check_server_signed, transaction(subject="")) == ["EN-TOKEN-HOLDER"]


class TestAMandate:
    @pytest.mark.parametrize(
        ("rule", "context", "codes"),
        [
            ("rule", None, []),
            ("rule", "KZDI", []),
            ("other", None, ["EN-TOKEN-MANDATE-RULE"]),
            ("rule", "SITEMP", ["EN-TOKEN-MANDATE-RULE"]),
        ],
    )
    def test_is_under_the_rule_and_context_of_the_token(
        self, rule: str, context: str | None, codes: list[str]
    ) -> None:
        """It lets a practice do one thing (domain reference 6.6 item 8)."""
        token = replace(SERVERS, binding=replace(BINDING, context="KZDI"))
        given = mandate(rule=rule, binding=Binding(context=context))
        assert told(token_beside.check_mandate, token, given) == codes

    def test_is_signed_by_who_gave_it(self) -> None:
        """Nobody gives what is another's."""
        assert told(token_beside.check_mandate_giver, mandate()) == []
        other = mandate(card=replace(CARD, number="900000103"))
        assert told(token_beside.check_mandate_giver, other) == ["EN-TOKEN-HOLDER"]

    def test_is_not_held_against_a_card_that_is_not_known(self) -> None:
        """What is only named, nobody has seen."""
        assert told(token_beside.check_mandate_giver, mandate(card=None)) == []

    @pytest.mark.parametrize(
        ("overseers", "codes"),
        [((), []), (("900000101",), []), (("900000103", "900000101"), []), (("900000103",), ["EN-TOKEN-OVERSEER"])],
    )
    def test_is_of_the_overseer_the_message_names(self, overseers: tuple[str, ...], codes: list[str]) -> None:
        """Who is responsible is who let it be done (domain reference 6.6 item 8)."""
        assert told(token_beside.check_mandate_giver, mandate(), overseers=overseers) == codes


class TestAnEnrolment:
    def test_is_of_the_patient_of_the_token(self) -> None:
        """Both are signed; only together do they say whose record is opened."""
        assert told(token_beside.check_enrolment, SERVERS, enrolment()) == []
        other = enrolment(subject=OTHER_PATIENT, bsns=(OTHER_PATIENT,))
        assert told(token_beside.check_enrolment, SERVERS, other) == ["EN-TOKEN-PATIENT"]

    def test_is_of_any_patient_where_the_token_names_none(self) -> None:
        """Then there is one name, and nothing to hold it against."""
        assert told(token_beside.check_enrolment, replace(SERVERS, bsns=()), enrolment()) == []

    @pytest.mark.parametrize(
        ("card", "names", "codes"),
        [
            (CARD, (), []),
            (None, (), []),
            (ZORG_ID, (), ["EN-TOKEN-SCAN"]),
            (ZORG_ID, ("other",), ["EN-TOKEN-SCAN"]),
            (ZORG_ID, ("scan-token",), []),
            (ZORG_ID, ("Verlengingstoken",), []),
        ],
    )
    def test_with_zorg_id_holds_a_scan(self, card: object, names: tuple[str, ...], codes: list[str]) -> None:
        """Nobody saw the patient with a card in a reader (domain reference GBZ 5.4)."""
        token = enrolment(card=card, attributes=dict.fromkeys(names, ("x",)))
        assert told(token_beside.check_scan, token) == codes
