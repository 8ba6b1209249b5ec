"""A site whose node signs transaction tokens, and what its local system hands in for one.

Knows: the certificates that sign, mandates and enrolments as people sign them.
Must not know: any story.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import yaml

from edge_node.sandbox.samples.making import Sample, rule_of
from edge_node.sandbox.samples.people import GP
from edge_node.sandbox.samples.tokens import Said, saml_moment, signed
from edge_node.sandbox.signing import Card
from tests.stories import certificates, moves
from tests.stories.caller import Told
from tests.stories.moves import ANNA, AT_PRACTICE
from tests.stories.story import Story

CONDITIONAL = "chain-care-query"
QUERY, REPORT = "GQZG_IN000001NL", "REPC_IN990003NL"
_TOKENS = AT_PRACTICE.tokens


def card(name: str) -> Card:
    """A card, good or bad."""
    return Card.read(certificates.pki().out / "cards" / name)


def a_sample(kind: str = CONDITIONAL, receiver: str = "1") -> Sample:
    """A message that a person would sign."""
    return AT_PRACTICE.request(kind, receiver=receiver, patient=ANNA)


def for_the_node(sample: Sample, **changes: Any) -> Sample:
    """The same under a mandate and an enrolment alone; `changes` are of those."""
    assert sample.token is not None
    parts = [made for made in (mandate(sample, **changes), enrolment(sample, **changes)) if made]
    token = replace(sample.token, inside="\n".join(part.decode() for part in parts))
    return AT_PRACTICE.under(sample, token)


def mandate(sample: Sample, **changes: Any) -> bytes:
    """The mandate of a general practitioner; `mandate` changes what it says, None leaves it out."""
    return _made(_TOKENS.mandate(GP, rule_of(sample.kind)), "gp-signature", changes.get("mandate", {}))


def enrolment(sample: Sample, **changes: Any) -> bytes:
    """The enrolment of the patient; `enrolment` changes what it says, None leaves it out."""
    return _made(_TOKENS.enrolment(ANNA.bsn, GP, "scan-1"), "gp", changes.get("enrolment", {}))


def _made(said: Said, by: str, changes: Mapping[str, Any] | None) -> bytes:
    if changes is None:
        return b""
    given = dict(changes)
    hand = card(given.pop("card", by))
    return signed(replace(said, **given), hand)


def ended() -> dict[str, str]:
    """A window that is over."""
    begun = moves.now() - timedelta(minutes=50)
    return {"issued": saml_moment(begun), "ends": saml_moment(begun + timedelta(minutes=10))}


class SigningStory(Story):
    """The node of the practice may sign: `signer` names its certificate, `signed` the interactions it signs."""

    signer: str | None = "signing/practice"
    signed: tuple[str, ...] = (QUERY, REPORT)
    renews = True

    def furnish(self) -> None:
        """Give the practice a certificate that signs."""
        settings = yaml.safe_load(self.paths[0].read_text(encoding="utf-8"))
        practice = settings["identities"][0]
        if self.signer is not None:
            files = certificates.pki().files(self.signer)
            practice["token_signing"] = {"certificate": str(files.chain), "key": str(files.key)}
        for application in practice["applications"]:
            application["renews_tokens"] = self.renews
            if self.signer is not None:
                application["server_signed"] = list(self.signed)
        self.paths[0].write_text(yaml.safe_dump(settings), encoding="utf-8")

    async def asks_for_token(self, sample: Sample, system: str = "his", **changes: Any) -> Told:
        """Ask the local API for a transaction token for that message."""
        body = {
            "application": "80000001",
            "interaction": sample.kind.interaction,
            "message_id": {"root": sample.id.root, "extension": sample.id.extension},
            "bsn": ANNA.bsn,
            "mandate_token": base64.b64encode(mandate(sample, **changes)).decode(),
            "enrolment_token": base64.b64encode(enrolment(sample, **changes)).decode(),
            "rule": rule_of(sample.kind),
            "context": {"code": "KZDI", "system": "2.16.840.1.113883.2.4.3.111.15.1"},
            **changes.get("asked", {}),
        }
        given = {name: value for name, value in body.items() if value is not None}
        headers = {"content-type": "application/json"}
        return await self.local(system).post("/v1/tokens/transaction", json.dumps(given).encode(), headers)


def said(told: Told) -> dict[str, Any]:
    """The document of an answer."""
    found: dict[str, Any] = json.loads(told.body)
    return found
