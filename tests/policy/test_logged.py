"""Who did it, by what a message and its tokens say."""

from dataclasses import replace

import pytest

from edge_node.model.fhir import Claims
from edge_node.model.message import AuthorIds, Binding, Overseer, Token
from edge_node.model.record import UserKind, UserPart
from edge_node.model.token import ProvenToken, TokenKind
from edge_node.policy.logged import (
    Bearing,
    bearing_of,
    bearing_of_read,
    open_text,
    user_of,
    user_of_claims,
    user_told,
)
from tests.nouns import a_wrapper
from tests.policy.token_cases import CARD, DOCTOR, OURS, SERVER, ZORG_ID, mandate, older, transaction

OTHER = "900000202"


def author(**changes: object) -> UserPart:
    """The user of a message with this author, without tokens."""
    return user_of(replace(a_wrapper(), **changes), Bearing())


class TestTheTokens:
    @pytest.mark.parametrize(
        ("card", "kind", "letter"),
        [(CARD, "person", "Z"), (ZORG_ID, "person", "zorg-id"), (SERVER, "device", "S")],
    )
    def test_say_with_which_means(self, card: object, kind: str, letter: str) -> None:
        """The kind of card tells how sure it is who he is."""
        user = bearing_of((transaction(card=card),)).user
        assert (user.kind, user.card) == (kind, letter)

    def test_of_the_older_kind_name_nobody_and_their_card_does(self) -> None:
        """The older token holds no name: its signature does."""
        user = bearing_of((older(),)).user
        assert (user.uzi, user.role, user.method) == (DOCTOR, "01.015", "aorta805")

    def test_of_a_card_in_no_list_leave_its_kind_open(self) -> None:
        """A card of a CA that this release does not know is a card all the same."""
        assert bearing_of((transaction(card=replace(CARD, type=None)),)).user.card == ""

    def test_whose_card_is_not_known_say_what_they_say(self) -> None:
        """Where only the switchboard can prove it, the log says what was claimed."""
        assert bearing_of((transaction(card=None),)).user.uzi == DOCTOR

    def test_of_a_patient_say_so(self) -> None:
        """Who looks at his own record is no professional."""
        token = ProvenToken(kind=TokenKind.PATIENT, id="_p")
        assert bearing_of((token,)).user.kind is UserKind.PATIENT

    def test_that_nobody_here_proves_are_read(self) -> None:
        """A test site without anchors of cards has a log all the same."""
        binding = Binding(message_extension="1", subject=f"{DOCTOR}:01.015", issuer=OURS)
        bearing = bearing_of_read((Token(kind="saml", id="_t", binding=binding),))
        assert (bearing.user.uzi, bearing.user.ura, len(bearing.tokens)) == (DOCTOR, OURS, 1)

    def test_go_before_what_the_message_says(self) -> None:
        """What was signed counts, not what was typed."""
        wrapper = replace(a_wrapper(), author="person", author_ids=AuthorIds(uzi=OTHER, role="17.000"))
        assert user_of(wrapper, bearing_of((transaction(),))).uzi == DOCTOR

    def test_are_named_by_a_digest(self) -> None:
        """The id of a token is found again by who has it, and nothing of it stands in the log."""
        assert "_t" not in str(bearing_of((transaction(), mandate())).tokens)


class TestTheMessage:
    @pytest.mark.parametrize(
        ("kind", "user"),
        [("person", "person"), ("patient", "patient"), ("device", "device"), (None, "not supplied")],
    )
    def test_says_what_kind_of_author_it_has(self, kind: str | None, user: str) -> None:
        """A message that comes in may name nobody: then the log says just that."""
        assert author(author=kind).kind == user

    def test_names_who_is_responsible(self) -> None:
        """An assistant asks in a doctor's name."""
        user = author(overseers=(Overseer(has_number=True, role="01.015", uzi=DOCTOR),))
        assert (user.responsible_uzi, user.responsible_role) == (DOCTOR, "01.015")

    @pytest.mark.parametrize("wrong", ["999911120x", "jansen", "12345"])
    def test_puts_nothing_open_in_the_log_that_is_not_of_its_form(self, wrong: str) -> None:
        """A role or an organisation stands open: what is no such thing may be anything."""
        user = author(author_ids=AuthorIds(uzi=wrong, role=wrong, ura=wrong))
        assert (user.uzi, user.role, user.ura) == ("", "", "")


class TestAFhirRequest:
    def test_names_whom_its_access_token_names(self) -> None:
        """Where no token of a card is handed in."""
        user = user_of_claims(Claims(uzi=DOCTOR, role="01.015", ura=OURS), Bearing())
        assert (user.kind, user.uzi, user.ura) == ("person", DOCTOR, OURS)

    @pytest.mark.parametrize("claims", [None, Claims()])
    def test_says_when_nobody_is_named(self, claims: Claims | None) -> None:
        """Never guessed."""
        assert user_of_claims(claims, Bearing()).kind is UserKind.NOT_SUPPLIED


class TestWhatALocalSystemTells:
    def test_names_who_else_would_be_nobody(self) -> None:
        """Marked, since nobody proved it."""
        user = user_told(UserPart(kind=UserKind.NOT_SUPPLIED, ura=OURS), f"{DOCTOR}:01.015")
        assert (user.kind, user.uzi, user.role, user.ura) == ("person", DOCTOR, "01.015", OURS)
        assert user.method == "told by the local system"

    @pytest.mark.parametrize("kind", [UserKind.PERSON, UserKind.PATIENT, UserKind.DEVICE])
    def test_never_takes_the_place_of_who_is_named(self, kind: UserKind) -> None:
        """What was signed counts more than what is said."""
        assert user_told(UserPart(kind=kind), f"{DOCTOR}:01.015") == UserPart(kind=kind)


class TestOpenText:
    @pytest.mark.parametrize("text", ["999911120", "x999911120y", "1234567890"])
    def test_holds_no_number_that_may_be_a_patients(self, text: str) -> None:
        """Whatever field it was put in."""
        assert open_text(text) == ""

    def test_is_short(self) -> None:
        """A line is not a place to store anything in."""
        assert len(open_text("x" * 5000)) == 120
