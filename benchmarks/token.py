"""The verification of one token beside python-xmlsec: the whole of the node's judgement, and the signature alone.

Knows: how a signed message is made, what each of the two is handed.
Must not know: how a row is printed.

What xmlsec does is less: it verifies a signature with a key it is given. The node cuts the header out of the message,
parses it, holds its form against what is pinned, verifies the signature, reads what was signed, leads the card to its
anchor, asks whether it was revoked, and judges every binding.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import xmlsec
from cryptography import x509
from lxml import etree

from edge_node.formats.token_places import tokens_of_message
from edge_node.formats.token_values import read_token
from edge_node.model.message import AuthorIds
from edge_node.model.token import CardType, TokenLimits, TokenSubject
from edge_node.policy.token_case import TokenCase
from edge_node.policy.token_proof import judge_tokens
from edge_node.sandbox.cards import card_issuers
from edge_node.sandbox.pki import make_pki
from edge_node.sandbox.samples.making import Maker
from edge_node.sandbox.samples.people import GP, PRACTICE, patient
from edge_node.sandbox.signing import hands_of
from edge_node.wire.revocation_files import ListFiles
from edge_node.wire.revocation_judge import Revocations
from edge_node.wire.revocation_shelf import Lists
from edge_node.wire.token_card import CardIssuer, CardTrust, find_certificates, read_card
from edge_node.wire.token_signature import verify_signature

_TOKENS: Final = 400
_KINDS: Final = {"professional": "Z", "employee": "N", "unnamed": "M", "server": "S", "zorg-id": "zorg-id"}
_SIGNATURE: Final = ".//{http://www.w3.org/2000/09/xmldsig#}Signature"


@dataclass(slots=True)
class Verified:
    """Milliseconds for one token, of each round."""

    node_ms: list[float] = field(default_factory=list)
    signature_ms: list[float] = field(default_factory=list)  # of the node, without all that goes with it
    xmlsec_ms: list[float] = field(default_factory=list)


def measure(folder: Path, rounds: int, say: Callable[[str], None]) -> Verified:
    """Verify the same messages in turn, by the one and by the other."""
    pki, now = make_pki(folder, now=datetime.now(UTC), bad=False), datetime.now(UTC)
    maker = Maker(PRACTICE, zim="1", now=lambda: now, chance=secrets.token_hex).signing(hands_of(pki.out / "cards"))
    samples = [maker.request("summary-query", receiver="1", patient=patient(n % 50)) for n in range(_TOKENS)]
    trust, pem = _trust(pki, now), (pki.out / "cards" / "gp" / "chain.pem").read_bytes()
    verified = Verified()
    for turn in range(rounds):
        verified.node_ms.append(_each_ms(samples, lambda it: _judged(it, trust, now)))
        verified.signature_ms.append(_each_ms(samples, lambda it: _signature(it, trust)))
        verified.xmlsec_ms.append(_each_ms(samples, lambda it: _by_xmlsec(it.body, pem)))
        say(f"token: round {turn + 1} of {rounds}")
    return verified


def _each_ms(samples: list[Any], verify: Callable[[Any], None]) -> float:
    began = time.process_time()
    for sample in samples:
        verify(sample)
    return (time.process_time() - began) * 1000 / len(samples)


def _judged(sample: Any, trust: CardTrust, now: datetime) -> None:
    (token,) = tokens_of_message(sample.body)
    found = find_certificates(token, (token,), ())
    said = read_token(verify_signature(token, found[0]))
    proven = replace(said, card=read_card(found, trust, now))
    subject = TokenSubject(
        interaction=sample.kind.interaction,
        message=(sample.id.root, sample.id.extension),
        application=PRACTICE.application,
        own_ura=PRACTICE.ura,
        zim="1",
        bsn=sample.patient.bsn,
        author=AuthorIds(uzi=GP.uzi, role=GP.role, ura=PRACTICE.ura),
    )
    assert judge_tokens(TokenCase(subject=subject, tokens=(proven,), limits=TokenLimits(), at=now)) == ()


def _signature(sample: Any, trust: CardTrust) -> None:
    (token,) = tokens_of_message(sample.body)
    verify_signature(token, find_certificates(token, (token,), trust.known)[0])


def _by_xmlsec(body: bytes, pem: bytes) -> None:
    root = etree.fromstring(body)
    signature = root.find(_SIGNATURE)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pem, xmlsec.KeyFormat.CERT_PEM)
    context.register_id(signature.getparent(), "ID", None)
    context.verify(signature)


def _trust(pki: Any, now: datetime) -> CardTrust:
    anchors = tuple(x509.load_pem_x509_certificates(pki.card_anchors.read_bytes()))
    lists = Lists(None)
    lists.know(*anchors)
    ListFiles(lists).read((pki.out / "crl",), now)
    issuers = tuple(CardIssuer(name=it["name"], card=CardType(_KINDS[it["card"]])) for it in card_issuers())
    return CardTrust(anchors=anchors, issuers=issuers, known=(), revocation=Revocations(lists, lambda _roles: 0.0))
