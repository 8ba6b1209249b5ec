"""What is read of a control act: who speaks, what is asked, how much was found."""

import pytest

from edge_node.errors import Refused
from edge_node.model.message import AuthorIds, QueryAck
from tests.formats.samples import BATCH, PRESCRIPTION, QUERY, read, replaced

PERSON = '<v:AssignedPerson><v:id root="2.16.528.1.1007.3.1" extension="900000001"/></v:AssignedPerson>'
ORGANISATION = '<v:Organization><v:id root="2.16.528.1.1007.3.3" extension="90000382"/></v:Organization>'
DESK = '<v:id root="2.16.840.1.113883.2.4.3.11.7.3" extension="7"/>'
CARD = '<v:id root="2.16.528.1.1003.1.3.5.4.1" extension="7"/>'
AGB = '<v:id root="2.16.840.1.113883.2.4.6.1" extension="7"/>'
ROLE = '<v:code code="{}" codeSystem="2.16.840.1.113883.2.4.15.111"/>'
ACT = '<v:ControlActProcess moodCode="EVN">'


class TestTheAuthor:
    @pytest.mark.parametrize(
        ("author", "ids"),
        [
            (PERSON, AuthorIds(uzi="900000001")),
            (
                PERSON.replace("/></", '/><v:code code="17.000" codeSystem="2.16.840.1.113883.2.4.15.111"/></'),
                AuthorIds(uzi="900000001", role="17.000"),
            ),
            (
                '<v:AssignedDevice><v:id root="2.16.528.1.1007.3.2" extension="900012668"/>'
                '<v:id root="2.16.840.1.113883.2.4.6.6" extension="700001"/></v:AssignedDevice>',
                AuthorIds(application="700001"),
            ),
            ('<v:AssignedDevice><v:id nullFlavor="NI"/></v:AssignedDevice>', AuthorIds()),
            (PERSON.replace("</v:A", f"{ORGANISATION}</v:A"), AuthorIds(uzi="900000001", ura="90000382")),
            (f"<v:AssignedPerson>{DESK}</v:AssignedPerson>", AuthorIds(has_other_number=True, is_at_desk=True)),
            (f"<v:AssignedPerson>{CARD}</v:AssignedPerson>", AuthorIds(has_other_number=True, is_at_desk=True)),
            (PERSON.replace("</v:A", f"{DESK}</v:A"), AuthorIds(uzi="900000001", has_other_number=True)),
            (f"<v:AssignedPerson>{AGB}</v:AssignedPerson>", AuthorIds(has_other_number=True)),
            (f"<v:AssignedDevice>{ORGANISATION}</v:AssignedDevice>", AuthorIds(ura="90000382")),
        ],
    )
    def test_is_known_by_number_role_or_application(self, author: str, ids: AuthorIds) -> None:
        """A token must be signed by the author, a system must be the sender."""
        assert read(replaced(PRESCRIPTION, PERSON, author)).wrapper.author_ids == ids

    @pytest.mark.parametrize(
        "second",
        [
            '<v:id root="2.16.528.1.1007.3.1" extension="900000002"/></v:AssignedPerson>',
            '<v:id root="2.16.840.1.113883.2.4.6.3" extension="999911120"/></v:AssignedPerson>',
            '</v:AssignedPerson><v:AssignedPerson><v:id root="1.2" extension="3"/></v:AssignedPerson>',
            '<v:code code="P" codeSystem="2.16.840.1.113883.2.4.3.11.8"/></v:AssignedPerson>',
            "</v:AssignedPerson><v:AssignedDevice/>",
            f"{ROLE.format('17.000')}{ROLE.format('01.015')}</v:AssignedPerson>",
        ],
    )
    def test_is_one(self, second: str) -> None:
        """The token is held against the author: another reader must not find another one."""
        with pytest.raises(Refused) as refused:
            read(replaced(PRESCRIPTION, PERSON, PERSON.replace("</v:AssignedPerson>", second)))
        assert (refused.value.code, refused.value.detail) == ("EN-WRAPPER-FIELD", "the author is doubled")

    def test_is_never_shown_by_number(self) -> None:
        """A professional is a person too."""
        assert "900000001" not in repr(read(PRESCRIPTION))


class TestTheQuestion:
    def test_is_read_whole(self) -> None:
        """Each code has a rule of its own."""
        asked = read(QUERY).wrapper.query
        assert asked is not None
        assert (asked.has_id, asked.status_code, asked.priority_code) == (True, "executing", "I")
        assert (asked.modify_code, asked.quantity_unit) == (None, None)

    @pytest.mark.parametrize(
        ("quantity", "unit"),
        [
            ('<initialQuantity value="10"/><initialQuantityCode code="MC" codeSystem="1.2"/>', "MC"),
            ('<initialQuantity value="10"/>', ""),
        ],
    )
    def test_counts_in_a_unit(self, quantity: str, unit: str) -> None:
        """Ten of what?"""
        asked = read(replaced(QUERY, "</queryByParameter>", f"{quantity}</queryByParameter>")).wrapper.query
        assert asked is not None
        assert asked.quantity_unit == unit

    def test_names_its_contexts(self) -> None:
        """A token is for one of them."""
        context = '<contextCode><value code="KZDI" codeSystem="2.16.840.1.113883.2.4.3.111.15.1"/></contextCode>'
        asked = read(replaced(QUERY, "</queryByParameter>", f"{context}</queryByParameter>")).wrapper.query
        assert asked is not None
        assert asked.contexts == {"KZDI"}

    def test_is_not_there_in_a_push(self) -> None:
        """Nothing is asked."""
        assert read(PRESCRIPTION).wrapper.query is None


class TestTheAnswer:
    def test_tells_how_much_was_found_and_how_much_is_there(self) -> None:
        """The two may differ: then a record is missing."""
        error, found = read(BATCH).enclosed
        assert (error.query_ack, error.subjects) == (QueryAck(total=0, current=0, remaining=0), 0)
        assert (found.query_ack, found.subjects) == (QueryAck(total=1, current=1, remaining=0), 1)

    @pytest.mark.parametrize("value", ["", "-1", "1.5", "many", "9" * 400])
    def test_with_a_quantity_that_is_no_number_has_none(self, value: str) -> None:
        """Four hundred digits are not counted."""
        body = replaced(BATCH, '<resultTotalQuantity value="1"/>', f'<resultTotalQuantity value="{value}"/>')
        answer = read(body).enclosed[1].query_ack
        assert answer is not None
        assert answer.total is None

    def test_in_a_batch_is_one_of_so_many(self) -> None:
        """The batch says how many answers are in it."""
        assert read(BATCH).wrapper.transmission_quantity == 2


class TestTheAct:
    def test_has_a_mood(self) -> None:
        """Something happened, or was only meant to."""
        assert read(PRESCRIPTION).wrapper.mood_code == "EVN"
        assert read(replaced(PRESCRIPTION, ACT, "<v:ControlActProcess>")).wrapper.mood_code == ""

    @pytest.mark.parametrize("name", ["dataEnterer", "informationRecipient"])
    def test_tells_what_is_not_used(self, name: str) -> None:
        """Once, however often it is there."""
        odd = replaced(PRESCRIPTION, ACT, f"{ACT}<v:{name}/><v:{name}/>")
        assert read(odd).wrapper.unused == (name,)
