"""The SOAP header: tokens, and blocks that must be understood."""

import pytest

from edge_node.errors import Refused
from tests.formats.samples import PRESCRIPTION, QUERY, read, replaced

ENVELOPE = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>{}</s:Header><s:Body>{}</s:Body></s:Envelope>'
MESSAGE = PRESCRIPTION.partition(b"?>")[2].decode()
TOKEN_805 = """<t:authenticationTokens xmlns:t="http://www.aortarelease.nl/805/" s:mustUnderstand="1">
  <t:signedData
    xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd" w:Id="token_1">
    <t:authenticationData><t:notAfter>20260701100500</t:notAfter></t:authenticationData>
    <t:coSignedData><t:patientId><t:root>2.16.840.1.113883.2.4.6.3</t:root><t:extension>123456782</t:extension>
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


class TestTheOlderToken:
    def test_gives_the_same(self) -> None:
        """Systems that have not moved to SAML still send it."""
        reading = read(with_header(TOKEN_805))
        assert [(token.kind, token.id, token.not_after) for token in reading.tokens] == [
            ("aorta805", "token_1", "20260701100500")
        ]
        assert reading.patients.disagree

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
