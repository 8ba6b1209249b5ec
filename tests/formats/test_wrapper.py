"""The transmission wrapper: each field once, in its form."""

import pytest

from edge_node.errors import Refused
from edge_node.model.message import AttentionLine, Detail
from tests.formats.samples import ACKNOWLEDGEMENT, PRESCRIPTION, QUERY, read, replaced

PROFILE = '<v:profileId root="2.16.840.1.113883.2.4.3.11.1" extension="810"/>'
RECEIVER = '<v:receiver><v:device><v:id root="2.16.840.1.113883.2.4.6.6" extension="700002"/></v:device></v:receiver>'


def refusal(body: bytes) -> Refused:
    with pytest.raises(Refused) as refused:
        read(body)
    return refused.value


class TestTheWrapper:
    def test_of_a_query_tells_who_asks_whom_for_what(self) -> None:
        """Routing, judging and correlating need these and nothing else."""
        wrapper = read(QUERY).wrapper
        assert (str(wrapper.sender), str(wrapper.receiver)) == ("700001", "1")
        assert (wrapper.author, len(wrapper.overseers)) == ("person", 1)
        assert (wrapper.trigger_event, wrapper.response_modality_code) == ("QUPC_TE990001NL", "B")
        assert str(wrapper.query_id) == "2.16.840.1.113883.2.4.6.6.700001.2/query-1"

    def test_of_an_acknowledgement_tells_what_it_answers_and_why_not(self) -> None:
        """Only a matching acknowledgement means delivered."""
        acknowledgement = read(ACKNOWLEDGEMENT).wrapper.acknowledgement
        assert acknowledgement is not None
        assert not acknowledgement.is_positive
        assert str(acknowledgement.target) == "2.16.840.1.113883.2.4.6.6.700001.1/push-1"
        assert acknowledgement.details == (Detail("E", "NOSTORE", "2.16.840.1.113883.5.1100"),)

    def test_holds_the_attention_lines(self) -> None:
        """Some interactions demand one and some forbid it."""
        assert read(PRESCRIPTION).wrapper.attention_lines == (
            AttentionLine("PATID", "2.16.840.1.113883.2.4.6.3", "999911120"),
        )

    @pytest.mark.parametrize(
        ("given", "is_named", "has_text"),
        [
            ('<code code="NOSTORE" codeSystem="2.16.840.1.113883.5.1100" displayName="full"/>', True, False),
            ('<code code="NOSTORE" codeSystem="2.16.840.1.113883.5.1100"/><text>full</text>', False, True),
            ("<text>full</text>", False, True),
        ],
    )
    def test_of_an_acknowledgement_tells_whether_people_can_read_it(
        self, given: str, is_named: bool, has_text: bool
    ) -> None:
        """A refusal with a text and no code is a refusal too."""
        code = '<code code="NOSTORE" codeSystem="2.16.840.1.113883.5.1100"/>'
        acknowledgement = read(replaced(ACKNOWLEDGEMENT, code, given)).wrapper.acknowledgement
        assert acknowledgement is not None
        assert [(one.is_named, one.has_text) for one in acknowledgement.details] == [(is_named, has_text)]

    @pytest.mark.parametrize("name", ["desc", "existenceTime", "location"])
    def test_tells_what_a_device_should_not_hold(self, name: str) -> None:
        """National messages describe no devices."""
        described = RECEIVER.replace("</v:device>", f"<v:{name}/></v:device>")
        assert read(replaced(PRESCRIPTION, RECEIVER, described)).wrapper.unused == (name,)

    def test_tells_who_else_is_to_be_answered(self) -> None:
        """Nobody answers there."""
        other = '<v:respondTo><v:entityRsp><v:id root="1.2" extension="700009"/></v:entityRsp></v:respondTo>'
        assert read(replaced(PRESCRIPTION, RECEIVER, RECEIVER + other)).wrapper.respond_to == "700009"

    def test_does_not_show_a_patient_number(self) -> None:
        """Whatever is logged by accident holds no patient."""
        assert "999911120" not in repr(read(PRESCRIPTION))

    @pytest.mark.parametrize(
        ("author", "kind"),
        [
            ('<v:AssignedDevice><v:id root="2.16.840.1.113883.2.4.6.6" extension="1"/></v:AssignedDevice>', "device"),
            ('<v:AssignedPerson><v:id root="2.16.840.1.113883.2.4.6.3"/></v:AssignedPerson>', "patient"),
            (
                '<v:AssignedPerson><v:code code="P" codeSystem="2.16.840.1.113883.2.4.3.11.8"/></v:AssignedPerson>',
                "patient",
            ),
            ("", None),
        ],
    )
    def test_tells_what_kind_of_author_there_is(self, author: str, kind: str | None) -> None:
        """User rules bind a person, not the switchboard as a device, not a patient."""
        person = '<v:AssignedPerson><v:id root="2.16.528.1.1007.3.1" extension="900000001"/></v:AssignedPerson>'
        assert read(replaced(PRESCRIPTION, person, author)).wrapper.author == kind


class TestAFieldThat:
    @pytest.mark.parametrize(
        ("field", "named"),
        [
            (PROFILE, "profileId"),
            (RECEIVER, "receiver"),
            ('<v:acceptAckCode code="AL"/>', "acceptAckCode"),
            ('<v:creationTime value="20260701120000"/>', "creationTime"),
        ],
    )
    def test_is_missing_or_doubled_is_named(self, field: str, named: str) -> None:
        """The developer of the sending system sees at once what to mend."""
        missing = refusal(replaced(PRESCRIPTION, field, ""))
        doubled = refusal(replaced(PRESCRIPTION, field, field * 2))
        assert (missing.code, missing.detail) == ("EN-WRAPPER-FIELD", f"{named} is missing")
        assert (doubled.code, doubled.detail) == ("EN-WRAPPER-FIELD", f"{named} is doubled")

    @pytest.mark.parametrize("moment", ["20260701120000.1234567", "20260701120000.1+0200", "20260701120000+02"])
    def test_may_be_finer_than_a_second(self, moment: str) -> None:
        """.NET writes seven digits, the national schemas take a zone of whole hours."""
        assert read(replaced(PRESCRIPTION, "20260701120000", moment)).wrapper.creation_time == moment

    @pytest.mark.parametrize(
        ("old", "new", "named"),
        [
            ('value="20260701120000"', 'value="202607011200"', "creationTime"),
            ('code="NICTIZEd2005-Okt"', "", "versionCode"),
            ('root="2.16.840.1.113883.2.4.3.11.1"', 'root="1.2"', "profileId"),
            ('root="2.16.840.1.113883.2.4.6.6.700001.1"', 'root="own"', "id"),
            ('extension="push-1"', "", "id"),
            ('root="2.16.840.1.113883.2.4.6.6" extension="700002"', 'root="1.2" extension="700002"', "receiver"),
            ('extension="700001"', 'extension="x700001"', "sender"),
        ],
    )
    def test_has_not_its_form_is_named(self, old: str, new: str, named: str) -> None:
        """A value that could be read in two ways is not guessed at."""
        refused = refusal(replaced(PRESCRIPTION, old, new))
        assert refused.code == "EN-WRAPPER-FIELD"
        assert refused.detail.startswith(f"{named} ")

    @pytest.mark.parametrize("element", ["receiver", "sender", "ControlActProcess", "authorOrPerformer"])
    def test_is_doubled_is_named_though_the_second_is_empty(self, element: str) -> None:
        """Two systems might each read another one of the two."""
        end = f"</v:{element}>"
        assert refusal(replaced(PRESCRIPTION, end, f"{end}<v:{element}/>")).detail == f"{element} is doubled"

    def test_is_an_acknowledgement_of_no_known_kind_is_named(self) -> None:
        """Neither yes nor no: nobody may guess which."""
        assert refusal(replaced(ACKNOWLEDGEMENT, 'typeCode="CE"', 'typeCode="OK"')).code == "EN-WRAPPER-FIELD"

    def test_stands_under_other_names_is_missing(self) -> None:
        """Messages of other countries look alike and follow other rules."""
        abroad = replaced(PRESCRIPTION, "v:receiver", "v:communicationFunctionRcv")
        assert refusal(abroad).detail == "receiver is missing"


class TestAnElementThat:
    @pytest.mark.parametrize(
        ("body", "element"),
        [
            (
                PRESCRIPTION,
                '<v:attentionLine><v:keyWordText code="X"/><v:value root="1.2" extension="1"/></v:attentionLine>',
            ),
            (ACKNOWLEDGEMENT, '<acknowledgementDetail><code code="SYN" codeSystem="1.2"/></acknowledgementDetail>'),
        ],
    )
    def test_is_there_a_thousand_times_is_refused(self, body: bytes, element: str) -> None:
        """Each rule would look at each of them, and every other message would wait."""
        before = "<v:receiver>" if body is PRESCRIPTION else "<targetMessage>"
        assert refusal(replaced(body, before, element * 1000 + before)).code == "EN-XML-LIMIT"
        assert read(replaced(body, before, element * 50 + before))


class TestAnInteraction:
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ('root="2.16.840.1.113883.1.6"', 'root="2.16.840.1.113883.2.1.3.2.4.12"'),
            ('extension="PORX_IN932000NL"', 'extension="PORX_IN020101SM31"'),
            ("v:PORX_IN932000NL", "v:PORX_IN020101SM31"),
        ],
    )
    def test_of_another_country_is_refused_by_name(self, old: str, new: str) -> None:
        """Its rules are not ours, however well-formed it is."""
        assert refusal(replaced(PRESCRIPTION, old, new)).code == "EN-INTERACTION-UNKNOWN"

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ('extension="PORX_IN932000NL"', 'extension="search:Zandwijk:1.0:request"'),
            ("v:PORX_IN932000NL", "v:Zandwijk"),
            ("v:PORX_IN932000NL", "v:PORX_IN999911120"),
        ],
    )
    def test_is_called_by_nothing_that_may_be_of_somebody(self, old: str, new: str) -> None:
        """What a refusal tells is logged and mailed; a patient's name or number may stand there by mistake."""
        refused = refusal(replaced(PRESCRIPTION, old, new))
        assert refused.code == "EN-INTERACTION-UNKNOWN"
        assert [word for word in ("Zandwijk", "999911120") if word in refused.detail] == []
