"""Who must be named for a message of ours."""

from typing import Any

import pytest

from edge_node.model.interaction import Pattern, TrustLevel
from edge_node.model.message import AuthorIds, Direction, Overseer
from edge_node.policy import user
from edge_node.policy.case import Case
from edge_node.policy.judgement import judge, warnings
from tests.nouns import PRACTICE, ZIM, a_case, a_reading, a_row, a_token, a_wrapper, an_overseer
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

    @pytest.mark.parametrize(("ura", "codes"), [("90000002", ["EN-AUTHOR"]), ("90000001", []), (None, ["EN-AUTHOR"])])
    def test_of_no_or_another_organisation_is_told(self, ura: str | None, codes: list[str]) -> None:
        """The switchboard compares it with the certificate; guests are never refused here."""
        case = at(author_ids=AuthorIds(uzi="900000101", role="01.015", ura=ura))
        assert judge(case) == ()
        assert [finding.code for finding in warnings(case)] == codes

    @pytest.mark.parametrize(
        ("author", "ids"), [("patient", AuthorIds()), ("device", AuthorIds()), ("person", AuthorIds(is_at_desk=True))]
    )
    def test_that_has_no_organisation_by_nature_is_not_told(self, author: str, ids: AuthorIds) -> None:
        """Patients and customer desks are no care provider."""
        assert user.check_author_has_organisation(at(author=author, author_ids=ids)) is None

    def test_of_the_organisation_of_the_token_is_told_by_the_judge_of_cards(self) -> None:
        """A guest is noted once, where his card is proven; one mistake, one finding."""
        issuer = "urn:IIroot:2.16.528.1.1007.3.3:IIext:90000002"
        ids = AuthorIds(uzi="900000101", role="01.015", ura="90000002")
        case = a_case(row=a_row(), reading=a_reading(a_wrapper(author_ids=ids), tokens=(a_token(issuer=issuer),)))
        assert warnings(case) == ()

    def test_has_a_role_code_of_its_form(self) -> None:
        """The switchboard authorises by role; none at all means no role."""
        assert user.check_role_code(at(author_ids=AuthorIds(uzi="900000101", role="huisarts"))) is not None
        assert user.check_role_code(at(author_ids=AuthorIds(uzi="900000101"))) is None
        assert user.check_role_code(at()) is None


class TestTheOverseer:
    def test_is_named_where_a_professional_is_the_author(self) -> None:
        """An assistant acts on somebody's mandate."""
        finding = user.check_overseer(at(overseers=()))
        assert finding is not None
        assert (finding.code, finding.detail) == ("EN-OVERSEER", "there is no overseer")
        assert user.check_overseer(at()) is None

    def test_has_a_number(self) -> None:
        """An empty element names nobody: the access log of the other side would hold a mandate of no one."""
        (finding,) = judge(at(overseers=(Overseer(),)))
        assert (finding.code, finding.detail) == ("EN-OVERSEER", "the overseer has no number")
        assert user.check_overseer(at(overseers=(an_overseer(), Overseer()))) is not None

    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"role": None}, "role code"),
            ({"role": "huisarts"}, "role code"),
            ({"has_name": False}, "name"),
            ({"ura": None}, "URA"),
            ({"ura": "9000001"}, "URA"),
            ({"role": "", "ura": "", "has_name": False}, "role code, name, URA"),
        ],
    )
    def test_with_less_than_is_asked_is_told(self, changes: dict[str, Any], fields: str) -> None:
        """The switchboard decides on role and organisation; here the message is not held up for a detail."""
        case = at(overseers=(an_overseer(**changes),))
        assert judge(case) == ()
        told = [finding.detail for finding in warnings(case) if finding.code == "EN-OVERSEER"]
        assert told[0] == f"{fields} of the overseer"

    def test_that_is_whole_is_not_told(self) -> None:
        """A warning that everybody gets is read by nobody."""
        assert warnings(at()) == ()

    def test_may_be_of_another_organisation(self) -> None:
        """Published messages of midwives name one; a mandate is the switchboard's to judge."""
        case = at(overseers=(an_overseer(ura="90000002"),))
        assert (judge(case), warnings(case)) == ((), ())

    def test_is_not_asked_of_a_patient(self) -> None:
        """He answers for himself."""
        assert user.check_overseer(at(author="patient", overseers=())) is None
        assert user.check_overseer_fields(at(author="patient", overseers=(Overseer(),))) is None

    @pytest.mark.parametrize(
        "row", [a_row(level=TrustLevel.LAAG), a_row(pattern=Pattern.ANSWER), a_row(level=TrustLevel.UNSET)]
    )
    def test_is_not_asked_at_level_laag_nor_in_answers(self, row: Any) -> None:
        """Ping, tick and register traffic have none."""
        case = a_case(row=row, reading=a_reading(a_wrapper(overseers=(Overseer(),))))
        assert user.check_overseer(case) is None
        assert user.check_overseer_fields(case) is None


class TestWhatComesIn:
    def test_needs_no_user(self) -> None:
        """The switchboard asks as a system, at level midden too: its TLS identity is the authentication."""
        wrapper = a_wrapper(
            sender=ZIM, receiver=PRACTICE, author="device", author_ids=AuthorIds(application="1"), overseers=()
        )
        case = a_case(
            direction=Direction.IN,
            row=a_row(level=TrustLevel.MIDDEN),
            reading=a_reading(wrapper, tokens=()),
            caller=a_switchboard_caller("practice"),
        )
        assert judge(case) == ()
