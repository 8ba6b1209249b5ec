"""A FHIR request that no person signs: the node makes the transaction token, and exchanges all three."""

import base64
from typing import Any
from urllib.parse import parse_qs

import yaml
from lxml import etree

from edge_node.formats.names import SAML
from edge_node.sandbox.samples.fhir import handed_in
from edge_node.sandbox.samples.people import GP
from edge_node.sandbox.samples.tokens import signed
from tests.stories import certificates
from tests.stories.caller import Told
from tests.stories.fhir_moves import a_search
from tests.stories.fhir_story import TOKEN, FhirStory, outcome_of
from tests.stories.moves import ANNA, AT_PRACTICE
from tests.stories.signing import card

_NS = {"a": SAML}
SEARCH = "search:MedicationRequest:1.0:request"


class TestAQuestion(FhirStory):
    def furnish(self) -> None:
        """Give the practice a certificate that signs, for all that its system asks in FHIR."""
        super().furnish()
        settings = yaml.safe_load(self.paths[0].read_text(encoding="utf-8"))
        practice, files = settings["identities"][0], certificates.pki().files("signing/practice")
        practice["token_signing"] = {"certificate": str(files.chain), "key": str(files.key)}
        practice["applications"][0]["server_signed"] = [SEARCH]
        self.paths[0].write_text(yaml.safe_dump(settings), encoding="utf-8")

    async def _asks(self, **tokens: str) -> Told:
        made = AT_PRACTICE.tokens
        given = {
            "edge_node_mandate_token": handed_in(signed(made.mandate(GP, "rule"), card("gp-signature"))),
            "edge_node_enrolment_token": handed_in(signed(made.enrolment(ANNA.bsn, GP, "scan"), card("gp"))),
        }
        headers: dict[str, Any] = {TOKEN.replace("-", "_"): "", **given, **tokens}
        return await self.asks(a_search(), system="his", **headers)

    async def test_is_exchanged_under_a_token_of_the_node(self) -> None:
        """The authorisation server gets three tokens, and none of them goes to the broker."""
        told = await self._asks()
        assert told.status == 200, told.body
        (exchange,) = (turn for turn in self.server.heard if turn.method == "POST")
        form = parse_qs(exchange.body.decode())
        token = etree.fromstring(base64.urlsafe_b64decode(form["actor_token"][0] + "=="))
        assert token.findtext("a:Subject/a:NameID", "", _NS) == ""
        assert token.findtext(".//a:Attribute[@Name='burgerServiceNummer']/a:AttributeValue", "", _NS) == ANNA.bsn
        assert {"subject_token", "registration_token"} <= set(form)
        assert not [name for name in self.broker.heard[-1].headers if name.startswith("edge-node-m")]

    async def test_without_an_enrolment_is_refused(self) -> None:
        """Half of what it rests on is nothing."""
        told = await self._asks(edge_node_enrolment_token="")
        assert outcome_of(told)["code"] == "EN-FHIR-TOKEN"
        assert self.broker.heard == []

    async def test_of_another_patient_is_refused(self) -> None:
        """The request and the enrolment speak of one."""
        other = AT_PRACTICE.tokens.enrolment("999900018", GP, "scan")
        told = await self._asks(edge_node_enrolment_token=handed_in(signed(other, card("gp"))))
        assert outcome_of(told)["code"] in {"EN-TOKEN-PATIENT", "EN-WRONG-PATIENT"}
        assert self.broker.heard == []
