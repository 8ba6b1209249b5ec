"""The SOAP header: tokens, and blocks that must be understood."""

import pytest

from edge_node.errors import Refused
from tests.formats.samples import PRESCRIPTION, QUERY, read, replaced

ENVELOPE = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>{}</s:Header><s:Body>{}</s:Body></s:Envelope>'
MESSAGE = PRESCRIPTION.partition(b"?>")[2].decode()
TOKEN_805 = """<t:authenticationTokens xmlns:t="http://www.aortarelease.nl/805/" s:mustUnderstand="1">
  <t:signedData
    xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd" w:Id="token_1">
    <t:authenticationData><t:messageId><t:root>1.2</t:root><t:extension>push-1</t:extension></t:messageId>
    <t:notAfter>20260701100500</t:notAfter></t:authenticationData>
    <t:coSignedData><t:triggerEventId>PORX_TE990001NL</t:triggerEventId><t:patientId><t:root>2.16.840.1.113883.2.4.6.3</t:root><t:extension>123456782</t:extension>
    </t:patientId></t:coSignedData></t:signedData></t:authenticationTokens>"""


def with_header(block: str) -> bytes:
    return ENVELOPE.format(block, MESSAGE).encode()


class TestATransactionToken:
    def test_gives_its_id_its_end_and_its_patient(self) -> None:
        """A token is used once, and for one patient."""
        reading = read(QUERY)
        assert [(token.kind, token.id, token.not_after) for token in reading.tokens] == [
            ("saml", "token-1", "2026-07-01T10:05:00Z")
        ]
        assert "token" in {place for place, _ in reading.patients.found}

    def test_tells_what_it_was_made_for(self) -> None:
        """It must be this message and no other."""
        bound = read(QUERY).tokens[0].binding
        assert (bound.message_extension, bound.message_root, bound.interaction) == ("question-1", None, None)
        assert read(QUERY).tokens[0].is_for_one_message

    def test_that_says_two_things_was_made_for_neither(self) -> None:
        """The switchboard might read the one we did not."""
        name = '<saml:Attribute Name="messageIdExt"><saml:AttributeValue>{}</saml:AttributeValue></saml:Attribute>'
        twice = replaced(QUERY, name.format("question-1"), name.format("question-1") + name.format("question-2"))
        assert read(twice).tokens[0].binding.message_extension == ""

    def test_shows_nobody_in_a_log(self) -> None:
        """Who signed is personal data."""
        signed = "<saml:Subject><saml:NameID>900000101:01.015</saml:NameID></saml:Subject><saml:Conditions"
        token = read(replaced(QUERY, "<saml:Conditions", signed)).tokens[0]
        assert token.binding.subject == "900000101:01.015"
        assert "900000101" not in repr(token)


class TestTheOlderToken:
    def test_gives_the_same(self) -> None:
        """Systems that have not moved to SAML still send it."""
        reading = read(with_header(TOKEN_805))
        assert [(token.kind, token.id, token.not_after) for token in reading.tokens] == [
            ("aorta805", "token_1", "20260701100500")
        ]
        assert reading.patients.disagree

    def test_tells_what_it_was_made_for(self) -> None:
        """It names the message and the trigger event."""
        bound = read(with_header(TOKEN_805)).tokens[0].binding
        assert (bound.message_root, bound.message_extension) == ("1.2", "push-1")
        assert bound.trigger_event == "PORX_TE990001NL"

    def test_for_another_patient_shows_as_disagreement(self) -> None:
        """A token signed for one patient must not open the record of another."""
        agreeing = replaced(with_header(TOKEN_805), "123456782", "999911120")
        assert not read(agreeing).patients.disagree


class TestAHeaderBlock:
    @pytest.mark.parametrize("actor", ["", 's:actor="http://schemas.xmlsoap.org/soap/actor/next"'])
    def test_for_us_that_is_unknown_and_must_be_understood_is_refused(self, actor: str) -> None:
        """SOAP 1.1: its sender relies on something we would not do."""
        block = f'<x:priority xmlns:x="urn:x" s:mustUnderstand="1" {actor}/>'
        with pytest.raises(Refused) as refusal:
            read(with_header(block))
        assert refusal.value.code == "EN-SOAP-MUST-UNDERSTAND"
        assert "priority" not in refusal.value.detail, "any name may stand there, and what is told is logged"

    def test_of_a_known_standard_is_refused_by_name(self) -> None:
        """So the maker of the local system sees which option of its toolkit to leave out."""
        with pytest.raises(Refused) as refusal:
            read(with_header('<x:Action xmlns:x="http://www.w3.org/2005/08/addressing" s:mustUnderstand="1"/>'))
        assert "Action" in refusal.value.detail

    @pytest.mark.parametrize(
        "block",
        [
            '<x:a xmlns:x="urn:x"/>',
            '<x:a xmlns:x="urn:x" s:mustUnderstand="0"/>',
            '<x:a xmlns:x="urn:x" s:mustUnderstand="1" s:actor="http://www.aortarelease.nl/actor/zim"/>',
        ],
    )
    def test_for_the_switchboard_or_without_demand_passes(self, block: str) -> None:
        """The node forwards what is meant for the switchboard."""
        assert read(with_header(block)).in_soap
