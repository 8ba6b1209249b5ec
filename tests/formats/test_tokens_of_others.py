"""Good tokens as the products of others write them: each is taken, however it was written."""

import base64
import re
from datetime import timedelta

import pytest
import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree

from edge_node.formats.names import SAML, SOAP, WSSE
from edge_node.sandbox.samples.making import rule_of
from edge_node.sandbox.samples.people import GP
from edge_node.sandbox.samples.tokens import saml_moment, signed, written
from tests.formats.token_bench import ANNA, DS, NOW, Bench, Beside, register
from tests.formats.token_opinions import by_the_node, by_xmlsec

_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_SHOWN = "<X509Data><X509Certificate/></X509Data>"


def signature(of: str, prefixes: str, key_info: str) -> str:
    """An empty signature, to be filled in by another library."""
    listed = f'<ec:InclusiveNamespaces xmlns:ec="{_EXCLUSIVE}" PrefixList="{prefixes}"/>' if prefixes else ""
    return (
        f'<Signature xmlns="{DS}"><SignedInfo>'
        f'<CanonicalizationMethod Algorithm="{_EXCLUSIVE}">{listed}</CanonicalizationMethod>'
        '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
        f'<Reference URI="#{of}"><Transforms><Transform Algorithm="{DS}enveloped-signature"/>'
        f'<Transform Algorithm="{_EXCLUSIVE}">{listed}</Transform></Transforms>'
        '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference></SignedInfo>'
        f"<SignatureValue/><KeyInfo>{key_info}</KeyInfo></Signature>"
    )


def by_another(bench: Bench, *, prefixes: str = "", key_info: str = _SHOWN, default: bool = False) -> bytes:
    """A message under a token that xmlsec signed."""
    sample = bench.sample()
    token = written(bench.said(sample)).decode()
    if default:
        token = token.replace("saml:", "").replace("xmlns:saml", "xmlns")
    id_ = re.findall(r' ID="([^"]+)"', token)[0]
    start = token.index("<ds:Signature")
    end = token.index("</ds:Signature>") + len("</ds:Signature>")
    body = bench.under(sample, (token[:start] + signature(id_, prefixes, key_info) + token[end:]).encode())
    root = etree.fromstring(
        body.replace(b"<soap:Envelope ", b'<soap:Envelope xmlns:xs="urn:xs" xmlns:xsi="urn:xsi" ')
    )
    context = xmlsec.SignatureContext()
    hand = bench.hand
    context.key = xmlsec.Key.from_memory(
        hand.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), xmlsec.KeyFormat.PEM
    )
    context.key.load_cert_from_memory(hand.certificate.public_bytes(Encoding.PEM), xmlsec.KeyFormat.PEM)
    context.register_id(root.find(f".//{{{SAML}}}Assertion"), "ID")
    context.sign(root.find(f".//{{{DS}}}Signature"))
    return etree.tostring(root)


class TestATokenSignedElsewhere:
    @pytest.mark.parametrize("prefixes", ["", "xs", "xs xsi soap", "#default", "#default xs", "xs  xsi"])
    def test_is_taken_with_the_prefixes_it_lists(self, prefixes: str) -> None:
        """Santuario and OpenSAML list the prefixes that values use: the commonest libraries there are."""
        bench = Bench()
        assert bench.codes(by_another(bench, prefixes=prefixes)) == []

    @pytest.mark.parametrize("prefixes", ["", "xs", "#default xs"])
    def test_holds_for_its_maker_and_for_the_node(self, prefixes: str) -> None:
        """And for neither of them once it is changed."""
        hand = Bench().hand
        body = by_another(Bench(), prefixes=prefixes)
        spoiled = body.replace(b'Version="2.0"', b'Version="2.1"')
        assert (by_xmlsec(body, hand), by_the_node(body, hand)) == ((True,), (True,))
        assert (by_xmlsec(spoiled, hand), by_the_node(spoiled, hand)) == ((False,), (False,))

    def test_is_taken_without_any_prefix(self) -> None:
        """A default namespace means the same."""
        bench = Bench()
        assert bench.codes(by_another(bench, prefixes="#default", default=True)) == []


def named(name: str, *, shown: bool = True) -> str:
    """A certificate that is named, and shown as well."""
    hand = Bench().hand
    der = base64.b64encode(hand.certificate.public_bytes(Encoding.DER)).decode()
    certificate = f"<X509Certificate>{der}</X509Certificate>" if shown else ""
    return (
        f"<X509Data><X509IssuerSerial><X509IssuerName>{name}</X509IssuerName>"
        f"<X509SerialNumber>{hand.certificate.serial_number}</X509SerialNumber></X509IssuerSerial>{certificate}</X509Data>"
    )


#: The issuer of the card as several products write it.
NAMES = {
    "RFC 4514": "CN={cn},2.5.4.97=NTRNL-00000000,O=EDGE NODE TEST,C=NL",
    "spaces": "CN={cn}, 2.5.4.97=NTRNL-00000000, O=EDGE NODE TEST, C=NL",
    ".NET": "CN={cn}, OID.2.5.4.97=NTRNL-00000000, O=EDGE NODE TEST, C=NL",
    "Java": "CN={cn},2.5.4.97=#0c0e4e54524e4c2d3030303030303030,O=EDGE NODE TEST,C=NL",
    "OpenSSL": "CN={cn},organizationIdentifier=NTRNL-00000000,O=EDGE NODE TEST,C=NL",
    "from the other end": "C=NL, O=EDGE NODE TEST, OID.2.5.4.97=NTRNL-00000000, CN={cn}",
    "lower case": "cn={cn},2.5.4.97=NTRNL-00000000,o=EDGE NODE TEST,c=NL",
    "quotes": 'CN="{cn}", OID.2.5.4.97=NTRNL-00000000, O="EDGE NODE TEST", C=NL',
}


class TestACardThatIsNamed:
    @pytest.mark.parametrize("form", list(NAMES))
    def test_is_the_one_that_is_shown(self, form: str) -> None:
        """Each product writes a name in its own way; the card is the same."""
        bench = Bench()
        issuer = register().card("gp").names[0]
        common = re.findall(r"CN=([^,]+)", issuer)[0]
        assert bench.codes(by_another(bench, key_info=named(NAMES[form].format(cn=common)))) == []

    def test_of_another_issuer_is_not(self) -> None:
        """Whoever names one certificate and shows another hides something."""
        bench = Bench()
        body = by_another(bench, key_info=named("CN=Another CA, O=EDGE NODE TEST, C=NL"))
        assert bench.codes(body) == ["EN-TOKEN-KEY"]


def chain_upside_down(bench: Bench) -> str:
    """The CA of a card before the card."""
    shown = register().good["gp"].chain
    return "".join(
        f"<X509Certificate>{base64.b64encode(one.public_bytes(Encoding.DER)).decode()}</X509Certificate>"
        for one in reversed(shown[:2])
    )


class TestAChain:
    def test_may_stand_in_any_order(self) -> None:
        """The form of a signature sets none."""
        bench = Bench()
        body = by_another(bench, key_info=f"<X509Data>{chain_upside_down(bench)}</X509Data>")
        assert bench.codes(body) == []


class TestTheOlderToken:
    def test_is_taken_beside_what_another_block_signs(self) -> None:
        """A broker within the practice signs for itself; the switchboard does not look there."""
        bench = Bench()
        sample = bench.sample()
        token, proof = bench.older(sample)
        root = etree.fromstring(bench.under(sample, proof, outside=token))
        others = etree.Element(f"{{{WSSE[0]}}}Security", {f"{{{SOAP}}}actor": "urn:local-broker"})
        others.append(etree.fromstring(signature("elsewhere", "", "")))
        root[0].insert(0, others)
        assert bench.codes(etree.tostring(root)) == []


class TestAnEnrolment:
    def test_of_a_while_ago_is_held_against_the_list_of_now(self) -> None:
        """It counts for a year and a half; no list of the day it was signed is still kept."""
        begins, ends = NOW - timedelta(minutes=20), NOW + timedelta(days=300)
        window = {"issued": saml_moment(begins), "ends": saml_moment(ends)}
        found = Bench().judge(Bench().by_server(enrolment=Beside(card="gp", changes=window)))
        assert [finding for finding in found if "(enrolment)" in finding.detail] == []

    @pytest.mark.parametrize("scan", ["x" * 20_000, "token"], ids=["long text", "a token of its own"])
    def test_may_hold_the_scan_of_an_identity_document(self, scan: str) -> None:
        """It is as large as it is, and was signed long ago by somebody else."""
        bench = Bench()
        inner = bench.maker.tokens.enrolment(ANNA.bsn, GP, "x")
        held = scan if scan != "token" else signed(inner, register().card("gp"))
        assert bench.codes(enrolment_holding(bench, held)) == []


def enrolment_holding(bench: Bench, scan: str | bytes) -> bytes:
    """What a server signed, beside an enrolment with that in one of its attributes."""
    hand, tokens, sample = register().card("gp"), bench.maker.tokens, bench.sample()
    assertion = etree.fromstring(written(tokens.enrolment(ANNA.bsn, GP, "scan-1")))
    value = next(one for one in assertion.iter(f"{{{SAML}}}AttributeValue") if one.text == "scan-1")
    value.text = scan if isinstance(scan, str) else None
    value.extend([] if isinstance(scan, str) else [etree.fromstring(scan)])
    server = register().card("practice")
    attributes = bench.maker.attributes(sample.kind, sample.id, sample.patient)
    transaction = signed(tokens.transaction(attributes, "", server), server)
    mandate = signed(tokens.mandate(GP, rule_of(sample.kind)), register().card("gp-signature"))
    return bench.under(sample, transaction, mandate, hand.sign(etree.tostring(assertion)))


class TestAnOddMoment:
    @pytest.mark.parametrize(
        "moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "00010101000000", "never"]
    )
    def test_is_none(self, moment: str) -> None:
        """A year that no clock knows is refused, not a fault of the node."""
        bench = Bench()
        assert bench.codes(bench.message(ends=moment)) == ["EN-TOKEN-WINDOW"]
