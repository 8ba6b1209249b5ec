"""The settings of FHIR."""

from pathlib import Path

import pytest

from edge_node.settings.load import load
from tests.settings.written import SMALL, changed, complaints, write

BROKER = """\
    - {name: broker, role: broker, host: fhir.example, client_names: [fhir.example], issuers: [A], anchors: a.pem}
"""
SERVER = "    - {name: as, role: authorisation-server, host: as.example, issuers: [A], anchors: a.pem}\n"
BASES = "local_system: his\n        fhir_bases: {R4: http://127.0.0.1:8091/fhir/R4}"
TLS_BASES = BASES.replace("http:", "https:")
EXCHANGE = "local_system: his\n        fhir_tokens: exchange"
TASK = "id: create:Task:3.0:request, meaning: new, pattern: push"
AS_V3 = "answers: [MCCI_IN000002]"
SECOND = """\
      - id: "90001002"
        name: AIS
        local_system: his
        fhir_bases: {R4: http://127.0.0.1:8092/r4}
local:
"""


class TestSettings:
    def test_have_what_the_specification_says(self, tmp_path: Path) -> None:
        """A site should have to write only what is its own."""
        fhir = load([write(tmp_path, SMALL)]).switchboard.fhir
        assert (fhir.stelseltoken.path, fhir.max_age_s) == ("/stelseltoken/metadata/v1", 14_400)

    def test_let_names_that_are_not_public_be_chosen(self, tmp_path: Path) -> None:
        """The names of claims and fields are known only once a site is connected; that must take no release."""
        text = SMALL + BROKER + SERVER + "  fhir: {stelseltoken: {broker_claim: a.b}, exchange: {mandate_field: m}}\n"
        fhir = load([write(tmp_path, text)]).switchboard.fhir
        assert (fhir.stelseltoken.broker_claim, fhir.exchange.mandate_field) == ("a.b", "m")

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            (SMALL + "  fhir: {broker: 'http://fhir.example'}\n", "fhir.broker: goes over the care network without"),
            (SMALL + "  fhir: {stelseltoken: {path: stelsel}}\n", "stelseltoken.path: is no path"),
            (SMALL + "  fhir: {exchange: {mandate_field: 'a&b'}}\n", "mandate_field: is no name of a form field"),
            (SMALL + "  fhir: {stelseltoken: {broker_claim: 'a b'}}\n", "broker_claim: is no name of a claim"),
            (SMALL + "  fhir: {retry_s: 0}\n", "fhir.retry_s"),
            (SMALL + "  fhir: {verify: false}\n", "fhir.verify"),
        ],
    )
    def test_refuse_what_cannot_be(self, tmp_path: Path, text: str, complaint: str) -> None:
        """Told at check, not at the first patient."""
        assert complaint in complaints(write(tmp_path, text))[0]


class TestRules:
    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            (changed("local_system: his", BASES), "fhir_bases: no peer of role broker"),
            (SMALL + "  fhir: {exchange: {mandate_field: actor_token}}\n", "exchange: two tokens of one request"),
            (SMALL + "  fhir: {exchange: {enrolment_field: subject_token}}\n", "exchange: two tokens of one request"),
            (changed("local_system: his", TLS_BASES) + BROKER, "fhir_bases: needs soap_anchors"),
            (changed("local_system: his", EXCHANGE) + BROKER, "fhir_tokens: exchange needs peers of roles"),
            (
                changed("local_system: his", BASES).replace("local:\n", SECOND, 1) + BROKER,
                "applications[1].fhir_bases.R4: application 90001001 of this organisation has R4, and",
            ),
            (changed("local_system: his", EXCHANGE) + BROKER + SERVER, "fhir_tokens: his could not call"),
            (SMALL + f"  interactions: [{{{TASK}, {AS_V3}}}]\n", "interactions[0].fhir: must be true"),
            (
                SMALL + BROKER + "  fhir: {broker: 'https://other.example'}\n",
                "is no address of a peer of role broker",
            ),
            (
                SMALL + SERVER + "  fhir: {authorisation_server: 'https://as.example:8443'}\n",
                "is no address of a peer of role authorisation-server",
            ),
        ],
    )
    def test_name_what_does_not_fit(self, tmp_path: Path, text: str, complaint: str) -> None:
        """Each of these would refuse every FHIR request, or answer one from the wrong application."""
        assert complaint in complaints(write(tmp_path, text))[0]

    def test_let_a_push_be_kept_and_repeated(self, tmp_path: Path) -> None:
        """In FHIR no acceptAckCode says so: the site knows what its receivers promise."""
        declared = f"{TASK}, fhir: true, keep: true, repeatable: true"
        (item,) = load([write(tmp_path, SMALL + f"  interactions: [{{{declared}}}]\n")]).switchboard.interactions
        assert (item.keep, item.repeatable) == (True, True)

    def test_let_a_whole_site_be(self, tmp_path: Path) -> None:
        """An application with FHIR both ways."""
        text = changed("local_system: his", f"{BASES}\n        fhir_tokens: exchange") + BROKER + SERVER
        text = text.replace("bearer_token_files: [secrets/his.token]", "address_key_files: [secrets/his.key]")
        assert load([write(tmp_path, text)]).identities[0].applications[0].fhir_tokens == "exchange"
