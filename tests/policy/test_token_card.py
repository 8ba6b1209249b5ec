"""Which card signs which token, and what a revocation undoes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from edge_node.model.token import CardType, ProvenToken, Revoked
from edge_node.policy import token_card
from tests.policy.token_cases import CARD, NOW, SERVER, enrolment, mandate, older, told, transaction

GUEST, HOUR = "90000909", timedelta(hours=1)


class TestACardOfAnotherOrganisation:
    @pytest.mark.parametrize(
        ("card", "codes"),
        [
            (CARD, []),
            (replace(CARD, ura=GUEST), ["EN-TOKEN-GUEST"]),
            (replace(CARD, ura=GUEST, type=CardType.EMPLOYEE), ["EN-TOKEN-GUEST"]),
            (replace(SERVER, ura=GUEST), ["EN-TOKEN-ISSUER"]),
            (replace(CARD, ura=GUEST, type=CardType.UNNAMED), []),
            (replace(CARD, ura=GUEST, type=None), []),
        ],
    )
    def test_is_a_guests_and_a_server_is_no_guest(self, card: object, codes: list[str]) -> None:
        """Temporary staff bring their own card; a server of somebody else has no business here."""
        assert told(token_card.check_guest, transaction(card=card)) == codes


class TestARevokedCard:
    @pytest.mark.parametrize(
        ("token", "issued", "codes"),
        [
            (enrolment, NOW - HOUR, []),
            (enrolment, NOW, ["EN-TOKEN-CARD-REVOKED"]),
            (enrolment, NOW + HOUR, ["EN-TOKEN-CARD-REVOKED"]),
            (transaction, NOW - HOUR, ["EN-TOKEN-CARD-REVOKED"]),
            (older, NOW - HOUR, ["EN-TOKEN-CARD-REVOKED"]),
            (mandate, NOW - HOUR, ["EN-TOKEN-CARD-REVOKED"]),
        ],
    )
    def test_leaves_nothing_but_an_enrolment_from_before(
        self, token: type[ProvenToken], issued: object, codes: list[str]
    ) -> None:
        """In the very second of the revocation it signs nothing any more (domain reference GBZ 5.4)."""
        revoked = replace(CARD, revoked=Revoked.YES, revoked_at=NOW)
        assert told(token_card.check_revoked, token(card=revoked, issued=issued.isoformat())) == codes  # type: ignore[attr-defined]

    @pytest.mark.parametrize(("revoked_at", "issued"), [(None, NOW.isoformat()), (NOW, ""), (NOW, "soon")])
    def test_leaves_no_enrolment_of_which_nobody_knows_when(self, revoked_at: object, issued: str) -> None:
        """What cannot be told to be from before is from after."""
        revoked = replace(CARD, revoked=Revoked.YES, revoked_at=revoked_at)
        assert told(token_card.check_revoked, enrolment(card=revoked, issued=issued)) == ["EN-TOKEN-CARD-REVOKED"]


class TestACardThatMaySign:
    @pytest.mark.parametrize(
        ("token", "types"),
        [
            (transaction, {CardType.PROFESSIONAL, CardType.EMPLOYEE, CardType.ZORG_ID, CardType.SERVER}),
            (older, {CardType.PROFESSIONAL, CardType.EMPLOYEE}),
            (mandate, {CardType.PROFESSIONAL}),
            (enrolment, {CardType.PROFESSIONAL, CardType.EMPLOYEE, CardType.ZORG_ID}),
        ],
    )
    def test_is_one_of_those_for_its_kind_of_token(self, token: type[ProvenToken], types: set[CardType]) -> None:
        """Who may sign what (domain reference 6.1, 6.2)."""
        good = {
            type_ for type_ in CardType if not told(token_card.check_may_sign, token(card=replace(CARD, type=type_)))
        }
        assert good == types

    @pytest.mark.parametrize(("signs", "commits"), [(True, False), (False, True)])
    def test_has_the_certificate_for_it(self, signs: bool, commits: bool) -> None:
        """One of two on a card shows who signed, the other commits him to it."""
        card = replace(CARD, signs=signs, commits=commits)
        kinds = (transaction, older, enrolment, mandate)
        found = [bool(told(token_card.check_usage, token(card=card))) for token in kinds]
        assert found == [not signs, not signs, not signs, not commits]
