"""Our tables against the published code lists and the published messages."""

import re
from pathlib import Path

import pytest
from lxml import etree

from edge_node.formats import error_codes
from edge_node.formats.interactions import load
from edge_node.model.interaction import AttentionRule, TrustLevel

CATALOGUE = load()
V3 = {"v": "urn:hl7-org:v3"}
#: Rows whose level the older public list has otherwise: these legs were asked by persons, ZTKZ came from systems.
RAISED_OR_LOWERED = {
    "REPC_IN990100NL",
    "REPC_IN990110NL",
    "REPC_IN990120NL",
    "REPC_IN990130NL",
    "POLB_IN354001NL02",
    "POOB_IN990001NL",
    "PRPA_IN900300NL",
    "QURX_IN990201NL01",
    "ZTKZ_IN000001NL",
    "ZTKZ_IN000004NL",
    "ZTKZ_IN000005NL",
}
_ACCEPT_ACK = re.compile(rb'<interactionId[^>]*extension="([A-Z0-9_]+)".*?<acceptAckCode code="(AL|NE)"', re.DOTALL)


def published(corpus: Path, code_system: str) -> list[etree._Element]:
    tree = etree.parse(corpus / "codelists" / f"{code_system}.xml")
    return list(tree.getroot().iterfind("v:code", V3))


def qualifiers(code: etree._Element) -> dict[str, str]:
    return {str(one.get("name")): str(one.get("value")) for one in code.iterfind("v:qualifier", V3)}


class TestInteractions:
    def test_hold_every_published_one(self, corpus: Path) -> None:
        """The older public list is a subset of ours: what it allows, we know."""
        names = {str(code.get("code")) for code in published(corpus, "2.16.840.1.113883.1.6")}
        assert len(names) > 200
        assert names <= set(CATALOGUE)

    def test_have_the_published_level_but_for_those_that_changed(self, corpus: Path) -> None:
        """The level decides whether a person must have signed."""
        levels = {
            str(code.get("code")): TrustLevel(level.lower())
            for code in published(corpus, "2.16.840.1.113883.1.6")
            if (level := qualifiers(code).get("Vertrouwensniveau"))
        }
        assert {name for name in levels if CATALOGUE[name].level != levels[name]} == RAISED_OR_LOWERED

    def test_have_the_published_rule_on_the_attention_line(self, corpus: Path) -> None:
        """A line that is required or forbidden is a reason to refuse."""
        rules = {
            str(code.get("code")): AttentionRule.BSN if rule == "true" else AttentionRule.NO_BSN
            for code in published(corpus, "2.16.840.1.113883.1.6")
            if (rule := qualifiers(code).get("AttentionLineMetBsn"))
        }
        assert {name: CATALOGUE[name].attention for name in rules} == rules

    def test_have_the_published_kind_of_question(self, corpus: Path) -> None:
        """An indirect question is answered by a batch."""
        direct = {
            str(code.get("code")): kind == "Direct"
            for code in published(corpus, "2.16.840.1.113883.1.6")
            if (kind := qualifiers(code).get("Vraagtype"))
        }
        assert {name: CATALOGUE[name].direct for name in direct} == direct

    def test_have_the_published_trigger_event(self, corpus: Path) -> None:
        """The control act names it."""
        events = {
            str(code.get("code")): str(event.get("extension"))
            for code in published(corpus, "2.16.840.1.113883.1.6")
            if (event := code.find("v:reference", V3)) is not None
        }
        assert {name: CATALOGUE[name].trigger_event for name in events} == events

    def test_carry_the_accept_ack_code_of_published_messages(self, corpus: Path) -> None:
        """A message refused for its acceptAckCode must break the rule its own publisher follows."""
        bodies = [path.read_bytes() for path in (corpus / "messages").rglob("*.xml")]
        seen = {pair for body in bodies for pair in _ACCEPT_ACK.findall(body)}
        known = {(name.decode(), code.decode()) for name, code in seen if name.decode() in CATALOGUE}
        batchless = {pair for pair in known if pair[0] != "MCCI_IN200101"}
        assert len(batchless) >= 15
        assert {(name, CATALOGUE[name].accept_ack) for name, _ in batchless} == batchless


class TestServices:
    @pytest.mark.parametrize("service", ["RegistreerPersoon", "ZorgRapportage"])
    def test_are_those_of_the_published_wsdl(self, corpus: Path, service: str) -> None:
        """A wrong path or SOAPAction reaches nobody."""
        wsdl = etree.parse(corpus / "schemas/perinatal-2.3/wsdl" / f"{service}.wsdl")
        actions = {str(found) for found in wsdl.xpath("//@soapAction")}
        messages = {str(found).partition(":")[2] for found in wsdl.xpath("//*[local-name()='part']/@element")}
        row = next(row for row in CATALOGUE.values() if row.service == service)
        assert {row.soap_action} == actions
        assert {str(row.id), *map(str, row.answers)} == messages


class TestErrorCodes:
    @pytest.mark.parametrize("code_system", ["2.16.840.1.113883.5.1100", "2.16.840.1.113883.2.4.6.6.1.1000"])
    def test_hold_every_published_one(self, corpus: Path, code_system: str) -> None:
        """A code nobody knows holds a message until a person has looked."""
        codes = error_codes.load()
        published_codes = {str(code.get("code")) for code in published(corpus, code_system)}
        assert {code for code in published_codes if code_system not in codes[code].systems} == set()

    @pytest.mark.parametrize(
        ("code_system", "others"),
        [("2.16.840.1.113883.5.1100", set()), ("2.16.840.1.113883.2.4.6.6.1.1000", {"QABRTITI", "VALIDATIEFOUT"})],
    )
    def test_hold_no_others_but_those_seen_in_use(self, corpus: Path, code_system: str, others: set[str]) -> None:
        """A code of our own making would be taken for one of the switchboard's."""
        published_codes = {str(code.get("code")) for code in published(corpus, code_system)}
        ours = {code for code, row in error_codes.load().items() if code_system in row.systems}
        assert ours - published_codes == others
