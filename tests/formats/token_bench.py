"""A message as a local system hands it in, its tokens signed with real cards, and the whole of the node's judgement.

Knows: how a message is made, spoiled and judged.
Must not know: which tokens are bad.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.signer import SignatureReference, XMLSigner

from edge_node.errors import Refused
from edge_node.flow.token_subjects import handed_with
from edge_node.formats import interactions
from edge_node.formats.hardened import XmlLimits
from edge_node.formats.names import SAML, SOAP, WSSE
from edge_node.formats.reader import read_message
from edge_node.judging import Judging, JudgingParts
from edge_node.model.finding import Finding, Severity
from edge_node.model.identifiers import ApplicationId, MessageId, Ura
from edge_node.model.message import Direction
from edge_node.model.peer import LocalCaller
from edge_node.model.site import Site
from edge_node.model.token import CardType, Judged, TokenLimits
from edge_node.policy.case import Case
from edge_node.policy.judgement import judge
from edge_node.sandbox.cards import CardRegister, card_issuers
from edge_node.sandbox.pki import PHARMACY, PHARMACY_UZI, PRACTICE, PRACTICE_UZI, UZI_ISSUER
from edge_node.sandbox.pki_authority import Authority, Issued, Profile, ec_key, root, rsa_key
from edge_node.sandbox.samples.kinds import KINDS
from edge_node.sandbox.samples.making import Maker, Sample, Token, rule_of
from edge_node.sandbox.samples.people import GP, Patient, Person, party_of, patient
from edge_node.sandbox.samples.tokens import Said, signed, written_805
from edge_node.sandbox.signing import Card
from edge_node.wire.revocation import Revocation
from edge_node.wire.revocation_judge import Revocations
from edge_node.wire.revocation_shelf import Lists
from edge_node.wire.token_card import CardIssuer, CardTrust
from tests.nouns import a_site, an_application

NOW = datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC)
DS = "http://www.w3.org/2000/09/xmldsig#"
HIS = ApplicationId("80000001")
ANNA = patient(0)
BRAM = patient(1)
_IDS = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Every card there is, and the servers' certificates."""

    cards: CardRegister
    good: Mapping[str, Issued]
    bad: Mapping[str, Issued]
    servers: Mapping[str, Issued]
    server_root: Authority

    def card(self, name: str) -> Card:
        """A card in its reader; `bad/…` is the general practitioner's with one thing wrong."""
        if name in self.servers:
            return Card.of(self.servers[name])
        return Card.of(self.bad[name.removeprefix("bad/")] if name.startswith("bad/") else self.good[name])


@cache
def register() -> Register:
    """The register of all tests, made once."""
    cards = CardRegister(NOW)
    top = root("EDGE NODE TEST Private Root CA - G1", "root", ec_key(), NOW)
    issuer = top.authority(UZI_ISSUER, "servers", ec_key())
    holders = {"practice": (PRACTICE, PRACTICE_UZI), "pharmacy": (PHARMACY, PHARMACY_UZI)}
    servers = {
        name: issuer.issue(
            Profile(
                organisation=holder[0],
                fqdn=holder[1],
                not_before=NOW - timedelta(hours=1),
                not_after=NOW + timedelta(days=900),
                uzi=uzi,
            ),
            rsa_key(),
        )
        for name, (holder, uzi) in holders.items()
    }
    return Register(cards=cards, good=cards.good(), bad=cards.bad(), servers=servers, server_root=top)


@cache
def trust() -> CardTrust:
    """What the site of these tests trusts of cards."""
    known = register()
    authorities = [*known.cards.authorities, known.server_root]
    issuer = known.servers["practice"].chain[1]
    anchors = tuple(one.certificate for one in authorities)
    kinds = {"professional": "Z", "employee": "N", "unnamed": "M", "server": "S", "zorg-id": "zorg-id"}
    return CardTrust(
        anchors=(*anchors, issuer),
        issuers=tuple(
            CardIssuer(name=one["name"], card=CardType(kinds[one["card"]]), oid_ca=one["oid_ca"])
            for one in card_issuers()
        ),
        known=(),
        revocation=revocation(),
        revoked_at=_revoked_at,
    )


@cache
def revocation() -> Revocation:
    """The lists of the CAs of the cards; the servers' CA has none here, so of those nothing is known."""
    lists = Lists(None)
    for authority in register().cards.authorities:
        lists.know(authority.certificate)
        lists.take(authority.crl(NOW - timedelta(minutes=5)).public_bytes(Encoding.DER), "a test", NOW)
    return Revocations(lists, lambda _roles: 0.0)


def _revoked_at(ca: x509.Certificate, serial: int) -> datetime | None:
    entries = (entry for one in register().cards.authorities if one.certificate == ca for entry in one.revoked)
    return next((one.revocation_date_utc for one in entries if one.serial_number == serial), None)


@dataclass
class Bench:
    """One doctor at one local system, and the node that judges what he signs."""

    kind: str = "locum-report"
    author: Person = GP
    card: str = "gp"
    clock: datetime = NOW
    doubt: str = ""
    trust: Callable[[], CardTrust | None] = trust
    limits: TokenLimits = field(default_factory=lambda: TokenLimits(skew_s=5, queue_delay_s=1))

    def __post_init__(self) -> None:
        party = replace(party_of("80000001"), person=self.author)
        self.maker = Maker(party, zim="1", now=lambda: self.clock, chance=lambda n: f"{next(_IDS):0{2 * n}x}")
        self.judging = Judging(
            JudgingParts(
                trust=self.trust,
                limits=lambda: self.limits,
                now=lambda: self.clock,
                clock_doubt=lambda: self.doubt,
                aside=_at_once,
            )
        )

    @property
    def hand(self) -> Card:
        """The card that signs."""
        return register().card(self.card)

    def sample(self, about: Patient = ANNA) -> Sample:
        """A message, under a token that nobody signed yet."""
        return self.maker.request(self.kind, receiver="80000003", patient=about)

    def said(self, sample: Sample, **changes: Any) -> Said:
        """What a transaction token for it says; `attributes` change single ones."""
        attributes = dict(self.maker.attributes(sample.kind, sample.id, sample.patient)) | changes.pop(
            "attributes", {}
        )
        given = [(name, value) for name, value in attributes.items() if value is not None]
        said = self.maker.tokens.transaction(given, f"{self.author.uzi}:{self.author.role}", self.hand)
        return replace(said, **changes)

    def message(self, sample: Sample | None = None, **changes: Any) -> bytes:
        """A message under a token that was signed, saying something else than it should."""
        sample = sample or self.sample()
        return self.under(sample, signed(self.said(sample, **changes), self.hand))

    def under(self, sample: Sample, *tokens: bytes, outside: bytes = b"") -> bytes:
        """A message under these tokens."""
        inside = b"\n".join(tokens).decode()
        assert sample.token is not None
        return self.maker.under(sample, Token(said=sample.token.said, inside=inside, outside=outside.decode())).body

    def spoiled(self, spoil: Callable[[etree._Element], None], **changes: Any) -> bytes:
        """A good message of which something was changed after it was signed."""
        root_element = etree.fromstring(self.message(**changes))
        spoil(root_element)
        return etree.tostring(root_element)

    def older(self, sample: Sample, **changes: Any) -> tuple[bytes, bytes]:
        """The older token for a message, and its signature."""
        bsn = None if sample.patient is None else sample.patient.bsn
        said = replace(self.maker.tokens.older(sample.id, sample.kind.trigger_event, bsn), **changes)
        block = written_805(said)
        return block, self.hand.beside(block, said.id)

    def by_server(
        self,
        *,
        server: str = "practice",
        mandate: "Beside | None" = None,
        enrolment: "Beside | None" = None,
        **changes: Any,
    ) -> bytes:
        """A message under a token that the server signed, with a mandate and an enrolment."""
        sample, hand, tokens = self.sample(), register().card(server), self.maker.tokens
        attributes = self.maker.attributes(sample.kind, sample.id, sample.patient)
        transaction = signed(replace(tokens.transaction(attributes, "", hand), **changes), hand)
        beside = [
            (mandate or Beside(card="gp-signature"), tokens.mandate(GP, rule_of(sample.kind))),
            (enrolment or Beside(card="gp"), tokens.enrolment(ANNA.bsn, GP, "scan-1")),
        ]
        given = [one.written(said) for one, said in beside if not one.is_missing]
        return self.under(sample, transaction, *given)

    def judge(self, body: bytes) -> tuple[Finding, ...]:
        """Everything the node finds, in its order."""
        table = interactions.load()
        try:
            reading = read_message(body, limits=XmlLimits(), patient_at=lambda name: table[name].patient_at)
        except Refused as error:
            return (Finding(error.code, error.detail),)
        case = Case(
            direction=Direction.OUT,
            reading=reading,
            path=KINDS[self.kind].service,
            soap_action=KINDS[self.kind].soap_action,
            row=table[str(reading.wrapper.interaction)],
            caller=LocalCaller(name="his", method="bearer"),
            site=site(),
        )
        handed = handed_with(case, body)
        return judge(case) or (() if handed is None else _done(self.judging.judge(handed)).findings)

    def codes(self, body: bytes) -> list[str]:
        """The codes of what blocks."""
        return [finding.code for finding in self.judge(body) if finding.severity is Severity.BLOCK]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A mandate or an enrolment that says something else than it should."""

    card: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    is_missing: bool = False

    def written(self, said: Said) -> bytes:
        """It, signed."""
        return signed(replace(said, **self.changes), register().card(self.card))


class AnySigner(XMLSigner):
    """Signs with any algorithm, also with those that nobody should."""

    def check_deprecated_methods(self) -> None:
        """None is too old here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """How something is signed, where it is not as it should be."""

    method: SignatureMethod = SignatureMethod.RSA_SHA256
    digest: DigestAlgorithm = DigestAlgorithm.SHA256
    canonical: CanonicalizationMethod = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0
    step: CanonicalizationMethod = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0
    uri: str | None = None
    id_attribute: str = "ID"
    options: Mapping[str, Any] = field(default_factory=dict)

    def sign(self, assertion: bytes, card: Card, **options: Any) -> bytes:
        """The assertion with such a signature."""
        element = etree.fromstring(assertion)
        signer = AnySigner(
            method=SignatureConstructionMethod.enveloped,
            signature_algorithm=self.method,
            digest_algorithm=self.digest,
            c14n_algorithm=self.canonical,
        )
        uri = f"#{element.get('ID')}" if self.uri is None else self.uri
        reference = SignatureReference(URI=uri, c14n_method=self.step)
        given = {"key": card.key, "cert": [card.certificate], **self.options, **options}
        return etree.tostring(
            signer.sign(element, reference_uri=[reference], id_attribute=self.id_attribute, **given)
        )


@cache
def site() -> Site:
    """The site of these tests: the practice of the sandbox."""
    application = replace(an_application(), id=HIS, identity="practice", local_system="his", interactions=None)
    usual = a_site()
    identity = replace(next(iter(usual.identities.values())), name="practice", ura=Ura("90000101"))
    return replace(
        usual,
        zim=ApplicationId("1"),
        identities={"practice": identity},
        applications={HIS: application},
        processing_codes=frozenset({"P"}),
    )


def assertion_in(envelope: etree._Element) -> etree._Element:
    """The first assertion of a message."""
    found = envelope.find(f".//{{{SAML}}}Assertion")
    assert found is not None
    return found


def security_in(envelope: etree._Element) -> etree._Element:
    """The block with the tokens."""
    found = envelope.find(f"{{{SOAP}}}Header/{{{WSSE[0]}}}Security")
    assert found is not None
    return found


def signature_in(envelope: etree._Element) -> etree._Element:
    """The first signature of a message."""
    found = envelope.find(f".//{{{DS}}}Signature")
    assert found is not None
    return found


def text_of(element: etree._Element, path: str, value: str) -> None:
    """Change the text of what is there."""
    found = element.find(path)
    assert found is not None
    found.text = value


async def _at_once(work: Callable[[], Any]) -> Any:
    return work()


def _done(work: Coroutine[Any, Any, Judged]) -> Judged:
    try:
        work.send(None)
    except StopIteration as end:
        found: Judged = end.value
        return found
    raise AssertionError("nothing here waits")


def another_message_id(sample: Sample) -> MessageId:
    """The id of another message."""
    return MessageId(sample.id.root, f"{sample.id.extension}-2")
