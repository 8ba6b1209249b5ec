"""What is read of who is responsible for a message."""

import pytest

from edge_node.errors import Refused
from edge_node.model.message import Overseer
from tests.formats.samples import PRESCRIPTION, QUERY, read, replaced

ACT = '<v:ControlActProcess moodCode="EVN">'
NUMBER = '<v:id root="2.16.528.1.1007.3.1" extension="900000001"/>'
ROLE = '<v:code code="17.000" codeSystem="2.16.840.1.113883.2.4.15.111"/>'
NAME = (
    "<v:assignedPrincipalChoiceList><v:assignedPerson><v:name>{}</v:name></v:assignedPerson>"
    "</v:assignedPrincipalChoiceList>"
)
ORGANISATION = '<v:Organization><v:id root="2.16.528.1.1007.3.3" extension="90000382"/></v:Organization>'


def overseers(*parts: str, name: str = "assignedEntity") -> tuple[Overseer, ...]:
    """What is read of a message with an overseer of these parts."""
    overseer = f'<v:overseer typeCode="RESP"><v:{name}>{"".join(parts)}</v:{name}></v:overseer>'
    return read(replaced(PRESCRIPTION, ACT, ACT + overseer)).wrapper.overseers


class TestAnOverseer:
    @pytest.mark.parametrize("name", ["assignedEntity", "AssignedPerson"])
    def test_is_read_in_both_published_forms(self, name: str) -> None:
        """The schemas have one of them, most published messages the other."""
        found = overseers(NUMBER, ROLE, NAME.format("H. Proefarts"), ORGANISATION, name=name)
        assert found == (Overseer(has_number=True, has_name=True, role="17.000", ura="90000382", uzi="900000001"),)

    @pytest.mark.parametrize(
        ("part", "found"),
        [
            ("", Overseer()),
            ('<v:id root="2.16.528.1.1007.3.1"/>', Overseer()),
            ('<v:id root="2.16.528.1.1007.3.1" extension=" "/>', Overseer()),
            ('<v:id extension="900000001"/>', Overseer()),
            ('<v:id root="2.16.840.1.113883.2.4.6.1" extension="1"/>', Overseer(has_number=True)),
            ('<v:code code="17.000" codeSystem="1.2"/>', Overseer()),
            (NAME.format(" "), Overseer()),
            (NAME.format("<!-- nobody -->"), Overseer()),
            (NAME.format("<v:given>Hanna</v:given> <v:family>Proefarts</v:family>"), Overseer(has_name=True)),
            (ORGANISATION.replace("1007.3.3", "1007.3.2"), Overseer()),
        ],
    )
    def test_has_what_stands_there(self, part: str, found: Overseer) -> None:
        """An element that is there and says nothing names nobody."""
        assert overseers(part) == (found,)

    def test_need_not_be_the_only_one(self) -> None:
        """Some schemas allow more; each is judged by himself."""
        one = f"<v:overseer><v:assignedEntity>{ROLE}</v:assignedEntity></v:overseer>"
        body = replaced(PRESCRIPTION, ACT, f"{ACT}{one}<v:overseer/>")
        assert read(body).wrapper.overseers == (Overseer(role="17.000"), Overseer())

    @pytest.mark.parametrize("part", [ROLE, ORGANISATION])
    def test_has_one_role_and_one_organisation(self, part: str) -> None:
        """The switchboard authorises by them: another reader must not find another one."""
        with pytest.raises(Refused) as refused:
            overseers(part, part)
        assert refused.value.code == "EN-WRAPPER-FIELD"

    def test_is_not_asked_for_while_reading(self) -> None:
        """Whether there must be one is for the rules to say."""
        assert read(PRESCRIPTION).wrapper.overseers == ()

    def test_is_never_shown_by_name_or_number(self) -> None:
        """A professional is a person too."""
        shown = repr(read(QUERY))
        assert "Proefarts" not in shown
        assert "900000001" not in shown

    def test_in_the_payload_is_no_overseer_of_the_message(self) -> None:
        """A record has responsible people of its own."""
        body = replaced(PRESCRIPTION, "</v:subject>", "<v:overseer/></v:subject>")
        assert read(body).wrapper.overseers == ()
