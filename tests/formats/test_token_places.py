"""Each token of a message stands at its one place, has one id and one signature, or none is read."""

from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from edge_node.errors import Refused
from edge_node.formats.names import AORTA_805, SAML, SOAP, WSU
from edge_node.formats.token_places import token_handed_in, tokens_of_message
from edge_node.model.token import TokenKind
from edge_node.sandbox.samples.people import GP
from edge_node.sandbox.samples.tokens import signed
from tests.formats.token_bench import ANNA, DS, Bench, assertion_in, register, security_in, text_of

Element = etree._Element
_MARK = f"{{{WSU}}}Id"


def older(spoil: Callable[[Element], None] = lambda _: None) -> bytes:
    """A message under an older token, of which something was changed."""
    bench = Bench()
    sample = bench.sample()
    block, signature = bench.older(sample)
    envelope = etree.fromstring(bench.under(sample, signature, outside=block))
    spoil(envelope)
    return etree.tostring(envelope)


def datum_in(envelope: Element) -> Element:
    found = envelope.find(f".//{{{AORTA_805}}}signedData")
    assert found is not None
    return found


def _without_id(envelope: Element) -> None:
    del datum_in(envelope).attrib[_MARK]


def _with_an_empty_id(envelope: Element) -> None:
    datum_in(envelope).set(_MARK, "")


def _with_a_second_id(envelope: Element) -> None:
    datum_in(envelope).set("ID", "_other")


def _twice(envelope: Element) -> None:
    block = datum_in(envelope).getparent()
    assert block is not None
    etree.SubElement(block, f"{{{AORTA_805}}}signedData", {_MARK: "token_2"})


def _in_another_block(envelope: Element) -> None:
    block = datum_in(envelope).getparent()
    assert block is not None
    block.set(f"{{{SOAP}}}actor", "urn:somebody-else")


def _under_another_actor(envelope: Element) -> None:
    security_in(envelope).set(f"{{{SOAP}}}actor", "urn:somebody-else")


def _under_something_else(envelope: Element) -> None:
    block = datum_in(envelope).getparent()
    assert block is not None
    etree.SubElement(block, "{urn:other}Wrapper").append(datum_in(envelope))


def refused(body: bytes) -> str:
    with pytest.raises(Refused) as caught:
        tokens_of_message(body)
    return caught.value.code


class TestTheOlderToken:
    def test_is_found_with_its_signature(self) -> None:
        """It stands in one block and its signature in another."""
        (token,) = tokens_of_message(older())
        assert (token.kind, token.id_attribute) == ("aorta805", "Id")

    @pytest.mark.parametrize(
        ("spoil", "code"),
        [
            (_without_id, "EN-TOKEN-ID"),
            (_with_an_empty_id, "EN-TOKEN-ID"),
            (_with_a_second_id, "EN-TOKEN-ID"),
            (_twice, "EN-TOKEN-LIMIT"),
            (_in_another_block, "EN-TOKEN-PLACE"),
            (_under_another_actor, "EN-TOKEN-UNSIGNED"),
            (_under_something_else, "EN-TOKEN-WRAPPED"),
        ],
    )
    def test_at_another_place_or_under_another_id_is_refused(self, spoil: Any, code: str) -> None:
        """The signature says which element by its id; a reader must not be able to take another one."""
        assert refused(older(spoil)) == code


class TestIds:
    @pytest.mark.parametrize("mark", ["ID", "Id", "id", _MARK])
    def test_stand_there_once(self, mark: str) -> None:
        """Whatever they are called: libraries disagree on which attributes are ids."""
        envelope = etree.fromstring(Bench().message())
        security_in(envelope).set(mark, assertion_in(envelope).get("ID", ""))
        assert refused(etree.tostring(envelope)) == "EN-TOKEN-ID"


class TestASignature:
    def test_within_something_else_is_refused(self) -> None:
        """Somebody would find it there."""
        envelope = etree.fromstring(Bench().message())
        other = etree.SubElement(security_in(envelope), "{urn:other}Wrapper")
        etree.SubElement(other, f"{{{DS}}}Signature")
        assert refused(etree.tostring(envelope)) == "EN-TOKEN-WRAPPED"


class TestAMessage:
    def test_without_a_header_has_no_token(self) -> None:
        """Nothing to judge is no fault of this reader."""
        body = f'<s:Envelope xmlns:s="{SOAP}"><s:Body/></s:Envelope>'.encode()
        assert tokens_of_message(body) == ()


def _transaction() -> bytes:
    bench = Bench()
    return signed(bench.said(bench.sample()), bench.hand)


def _mandate() -> bytes:
    return signed(Bench().maker.tokens.mandate(GP, "rule"), register().card("gp-signature"))


def _enrolment() -> bytes:
    return signed(Bench().maker.tokens.enrolment(ANNA.bsn, GP, "scan-1"), register().card("gp"))


class TestAnAssertionHandedIn:
    @pytest.mark.parametrize(
        ("made", "kind"),
        [
            (_transaction, TokenKind.TRANSACTION),
            (_mandate, TokenKind.MANDATE),
            (_enrolment, TokenKind.ENROLMENT),
        ],
    )
    def test_is_taken_as_what_it_is_and_as_nothing_else(self, made: Callable[[], bytes], kind: TokenKind) -> None:
        """A mandate handed in as an enrolment would be judged by the rules of none."""
        taken = token_handed_in(made(), kind)
        others = {TokenKind.TRANSACTION, TokenKind.MANDATE, TokenKind.ENROLMENT} - {kind}
        codes = {refused_as(made(), other) for other in others}
        assert (taken is not None, codes) == (True, {"EN-TOKEN-PLACE"})

    @pytest.mark.parametrize("tag", ["Assertion", "{urn:other}Assertion"])
    def test_is_an_assertion(self, tag: str) -> None:
        """Anything else has no kind, whatever it says."""
        root = etree.fromstring(_transaction())
        root.tag = tag
        assert refused_as(etree.tostring(root), TokenKind.TRANSACTION) == "EN-TOKEN-PLACE"

    def test_of_a_patient_is_taken_where_a_transaction_token_goes(self) -> None:
        """It asks something of himself, and gives nobody a mandate."""
        root = etree.fromstring(_enrolment())
        text_of(root, f"{{{SAML}}}Subject/{{{SAML}}}NameID", f"s00000000:{ANNA.bsn}")
        others = {refused_as(etree.tostring(root), kind) for kind in (TokenKind.MANDATE, TokenKind.ENROLMENT)}
        taken = token_handed_in(etree.tostring(root), TokenKind.TRANSACTION)
        assert (getattr(taken, "kind", None), others) == (TokenKind.PATIENT, {"EN-TOKEN-PLACE"})


def refused_as(document: bytes, kind: TokenKind) -> str:
    with pytest.raises(Refused) as caught:
        token_handed_in(document, kind)
    return caught.value.code
