"""Who must be named for a message of ours."""

from typing import Any

import pytest

from edge_node.model.interaction import Pattern, TrustLevel
from edge_node.model.message import AuthorIds, Direction
from edge_node.policy import user
from edge_node.policy.case import Case
from edge_node.policy.judgement import judge, warnings
from tests.nouns import PRACTICE, ZIM, a_case, a_reading, a_row, a_token, a_wrapper
from tests.peers import a_switchboard_caller


def at(level: TrustLevel = TrustLevel.MIDDEN, **changes: Any) -> Case:
    return a_case(row=a_row(level=level), reading=a_reading(a_wrapper(**changes)))


class TestTheAuthor:
    @pytest.mark.parametrize("level", [TrustLevel.MIDDEN, TrustLevel.HOOG])
    @pytest.mark.parametrize("author", ["device", None])
    def test_is_a_person_where_the_level_asks_for_one(self, level: TrustLevel, author: str | None) -> None:
        """Somebody must have wanted to see this record."""
        finding = user.check_author_is_person(at(level, author=author))
        assert finding is not None
        assert finding.code == "EN-AUTHOR"

    @pytest.mark.parametrize("author", ["person", "patient"])
    def test_is_a_professional_or_the_patient(self, author: str) -> None:
        """Portals ask for patients."""
        assert user.check_author_is_person(at(author=author)) is None

    def test_may_be_a_system_at_level_laag(self) -> None:
        """Index maintenance runs at night."""
        assert user.check_author_is_person(at(TrustLevel.LAAG, author="device")) is None

    def test_that_is_a_professional_has_a_number(self) -> None:
        """The access log of the other side names people by it."""
        finding = user.check_author_number(at(author_ids=AuthorIds(role="01.015")))
        assert finding is not None
        assert (finding.code, finding.detail) == ("EN-AUTHOR", "the author has no number")
        assert user.check_author_number(at(author="patient", author_ids=AuthorIds())) is None
        assert user.check_author_number(at(TrustLevel.LAAG, author="device", author_ids=AuthorIds())) is None

    @pytest.mark.parametrize("ids", [AuthorIds(uzi="900000101"), AuthorIds(has_other_number=True)])
    def test_may_have_a_number_of_a_customer_desk(self, ids: AuthorIds) -> None:
        """Not everybody has a UZI card."""
        assert user.check_author_number(at(author_ids=ids)) is None

    @pytest.mark.parametrize(("ura", "codes"), [("90000002", ["EN-AUTHOR"]), ("90000001", []), (None, [])])
    def test_of_another_organisation_is_told(self, ura: str | None, codes: list[str]) -> None:
        """The switchboard compares it with the certificate; guests are never refused here."""
        case = at(author_ids=AuthorIds(uzi="900000101", role="01.015", ura=ura))
        assert judge(case) == ()
        assert [finding.code for finding in warnings(case)] == codes

    def test_of_the_organisation_of_the_card_is_told_once(self) -> None:
        """A guest is noted by his card; one mistake, one finding."""
        issuer = "urn:IIroot:2.16.528.1.1007.3.3:IIext:90000002"
        ids = AuthorIds(uzi="900000101", role="01.015", ura="90000002")
        case = a_case(row=a_row(), reading=a_reading(a_wrapper(author_ids=ids), tokens=(a_token(issuer=issuer),)))
        assert [finding.code for finding in warnings(case)] == ["EN-TOKEN-GUEST"]

    def test_has_a_role_code_of_its_form(self) -> None:
        """The switchboard authorises by role; none at all means no role."""
        assert user.check_role_code(at(author_ids=AuthorIds(uzi="900000101", role="huisarts"))) is not None
        assert user.check_role_code(at(author_ids=AuthorIds(uzi="900000101"))) is None
        assert user.check_role_code(at()) is None


class TestTheOverseer:
    def test_is_named_where_a_professional_is_the_author(self) -> None:
        """An assistant acts on somebody's mandate."""
        finding = user.check_overseer(at(has_overseer=False))
        assert finding is not None
        assert finding.code == "EN-OVERSEER"
        assert user.check_overseer(at()) is None

    def test_is_not_asked_of_a_patient(self) -> None:
        """He answers for himself."""
        assert user.check_overseer(at(author="patient", has_overseer=False)) is None

    @pytest.mark.parametrize(
        "row", [a_row(level=TrustLevel.LAAG), a_row(pattern=Pattern.ANSWER), a_row(level=TrustLevel.UNSET)]
    )
    def test_is_not_asked_at_level_laag_nor_in_answers(self, row: Any) -> None:
        """Ping, tick and register traffic have none."""
        assert user.check_overseer(a_case(row=row, reading=a_reading(a_wrapper(has_overseer=False)))) is None


class TestWhatComesIn:
    def test_needs_no_user(self) -> None:
        """The switchboard asks as a system, at level midden too: its TLS identity is the authentication."""
        wrapper = a_wrapper(
            sender=ZIM, receiver=PRACTICE, author="device", author_ids=AuthorIds(application="1"), has_overseer=False
        )
        case = a_case(
            direction=Direction.IN,
            row=a_row(level=TrustLevel.MIDDEN),
            reading=a_reading(wrapper, tokens=()),
            caller=a_switchboard_caller("practice"),
        )
        assert judge(case) == ()
