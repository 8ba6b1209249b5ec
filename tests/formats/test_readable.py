"""A message as lines for a person: complete, and in words."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from edge_node.errors import Refused
from edge_node.formats import readable
from edge_node.formats.readable import Line
from edge_node.sandbox.samples.making import Sample
from tests.stories.moves import ANNA, AT_PRACTICE

KINDS = ("prescription", "locum-report", "referral")
FHIR = "application/fhir+json"


def sample(kind: str) -> Sample:
    return AT_PRACTICE.request(kind, receiver="80000003", patient=ANNA)


def shown(body: bytes | str, content_type: str = "text/xml", language: str = "nl") -> str:
    raw = body.encode() if isinstance(body, str) else body
    return "\n".join("  " * it.depth + said(it) for it in readable.lines(raw, content_type, language))


def said(line: Line) -> str:
    return f"{line.label}: {line.text}".rstrip(": ")


def of_fhir(resource: dict[str, Any]) -> str:
    return shown(json.dumps({"resourceType": "Observation", **resource}), FHIR)


def facts(body: bytes) -> Iterator[str]:
    """Everything a person wrote or chose in a message: texts, names of codes, values, numbers."""
    (inside,) = etree.fromstring(body).iter("{urn:hl7-org:v3}ControlActProcess")
    for element in inside.iter():
        yield from filter(None, (" ".join((part or "").split()) for part in (element.text, element.tail)))
        for name in ("displayName", "extension", "value"):
            if name in element.attrib:
                yield element.attrib[name]


class TestHl7:
    @pytest.mark.parametrize("kind", KINDS)
    def test_leaves_nothing_out_that_a_person_wrote(self, kind: str) -> None:
        """A result without its name, or a dose without its number, is worse than no page at all."""
        body = sample(kind).body
        page = re.sub(r"(?<=\d)[- :](?=\d)", "", " ".join(shown(body).split()))
        missing = [fact for fact in facts(body) if re.sub(r"(?<=\d)[- :](?=\d)", "", fact) not in page]
        assert missing == []

    def test_passes_over_what_is_for_the_transport(self) -> None:
        """Tokens and wrapper say nothing to a doctor."""
        page = shown(sample("locum-report").body)
        assert "NICTIZEd2005-Okt" not in page
        assert "Assertion" not in page

    def test_names_numbers_by_who_gives_them_out(self) -> None:
        """Nobody knows an OID by heart."""
        assert "BSN: 999900006" in shown(sample("prescription").body)

    def test_keeps_a_result_with_its_name(self) -> None:
        """Code and value are two facts; FHIR's short form of a quantity is none of HL7v3."""
        xml = '<observation><code code="368" displayName="glucose"/><value value="9" unit="mmol/L"/></observation>'
        assert shown(f"<a>{xml}</a>").splitlines()[-3:] == [
            "Waarneming",
            "  Soort: glucose (368)",
            "  Waarde: 9 mmol/L",
        ]

    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("20260302", "2026-03-02"),
            ("202603021205", "2026-03-02 12:05"),
            ("20260302120501.0+0100", "2026-03-02 12:05:01+0100"),
            ("20269902", "20269902"),
            ("5", "5"),
        ],
    )
    def test_writes_times_so_that_no_country_misreads_them(self, written: str, read: str) -> None:
        """2 March is not 3 February; a number that is no time stays as it is."""
        assert shown(f'<a><effectiveTime value="{written}"/></a>').strip() == f"Tijd: {read}"

    def test_says_no_where_a_fact_is_denied(self) -> None:
        """ "No allergy" must never be read as an allergy."""
        xml = '<a><allergy negationInd="true"><code code="1" displayName="penicilline"/></allergy></a>'
        assert "Allergie: (NIET)" in shown(xml)

    def test_says_that_something_is_not_known(self) -> None:
        """An empty place and "unknown" are not the same."""
        assert shown('<a><value nullFlavor="UNK"/></a>').strip() == "Waarde: (niet bekend: UNK)"

    def test_shows_narrative_as_it_was_written(self) -> None:
        """The letter itself, paragraph by paragraph, rows of a table as rows."""
        text = (
            "<text><paragraph>Beste  collega,</paragraph><list><item>een</item><item>twee</item></list>"
            "<table><tr><th>Hb</th><td>8,1</td></tr></table></text>"
        )
        assert shown(f"<section>{text}</section>").splitlines()[-4:] == [
            "    : Beste collega,",
            "    : een",
            "    : twee",
            "    : Hb | 8,1",
        ]

    def test_names_an_attachment_with_its_size(self) -> None:
        """A scan cannot be shown, and must not be missed."""
        xml = f'<a><value mediaType="image/png" representation="B64">{"QUJD" * 1000}</value></a>'
        assert shown(xml).strip() == "Waarde: (bijlage, hier niet te tonen: image/png, 2 kB)"

    def test_speaks_english(self) -> None:
        """Where staff do."""
        assert "Patient" in shown(sample("prescription").body, language="en")


class TestFhir:
    def test_reads_a_code_as_its_name(self) -> None:
        """A code alone says nothing."""
        code = {"coding": [{"system": "http://loinc.org", "code": "718-7", "display": "Hb"}], "text": "hemoglobine"}
        assert "Soort: hemoglobine; Hb (718-7)" in of_fhir({"code": code})

    def test_reads_a_quantity_with_its_unit(self) -> None:
        """5 of what?"""
        assert "Waarde: < 5.2 mmol/l" in of_fhir(
            {"valueQuantity": {"value": 5.2, "comparator": "<", "unit": "mmol/l"}}
        )

    def test_shows_in_full_what_has_more_than_the_usual(self) -> None:
        """An extension may change what a value means."""
        text = of_fhir(
            {"valueQuantity": {"value": 5, "unit": "g", "extension": [{"url": "x/doubt", "valueCode": "y"}]}}
        )
        assert "doubt" in text

    def test_reads_a_name_and_a_number(self) -> None:
        """Who it is about."""
        text = of_fhir(
            {
                "name": [{"use": "official", "family": "Zandwijk", "given": ["A.", "B."]}],
                "identifier": [{"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": "999900006"}],
            }
        )
        assert "Naam: Zandwijk A. B." in text
        assert "BSN: 999900006" in text

    def test_xml_and_json_read_alike(self) -> None:
        """One resource, two ways to write it."""
        xml = (
            '<Observation xmlns="http://hl7.org/fhir"><status value="final"/><valueQuantity><value value="5"/>'
            '<unit value="g"/></valueQuantity></Observation>'
        )
        as_json = of_fhir({"status": "final", "valueQuantity": {"value": 5, "unit": "g"}})
        assert shown(xml, "application/fhir+xml") == as_json

    def test_shows_narrative(self) -> None:
        """What its maker meant people to read."""
        div = "<div xmlns='http://www.w3.org/1999/xhtml'><p>Gaat <b>goed</b></p><script>x()</script></div>"
        assert "  : Gaat goed" in of_fhir({"text": {"status": "generated", "div": div}})

    def test_shows_broken_narrative_letter_by_letter(self) -> None:
        """It is text all the same."""
        assert "<p>open" in of_fhir({"text": {"status": "generated", "div": "<p>open"}})

    def test_shows_what_is_contained(self) -> None:
        """A referral often holds the observation it is about."""
        text = of_fhir({"contained": [{"resourceType": "Patient", "gender": "female"}]})
        assert "Patiënt" in text
        assert "Geslacht: female" in text


class TestBad:
    @pytest.mark.parametrize(
        ("body", "content_type", "code"),
        [
            (b"no xml", "text/xml", "EN-XML-MALFORMED"),
            (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "text/xml", "EN-XML-DOCTYPE"),
            (b"<a>" * 200, "text/xml", "EN-XML-LIMIT"),
            (b"{", FHIR, "EN-JSON-MALFORMED"),
            (b"[]", FHIR, "EN-FHIR-BODY"),
            (b'{"a":' * 3000 + b"1" + b"}" * 3000, FHIR, None),
        ],
    )
    def test_is_refused_and_never_run(self, body: bytes, content_type: str, code: str | None) -> None:
        """Whoever opens a message by hand is no easier to attack than the node."""
        with pytest.raises(Refused) as refused:
            readable.lines(body, content_type, "nl")
        assert code in {None, refused.value.code}
