"""The transaction token that a server signs, and its place in a message."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from edge_node.errors import Refused
from edge_node.formats.names import SAML, SOAP, WSSE, ZIM_ACTOR
from edge_node.formats.token_header import cut_header
from edge_node.formats.token_making import put_beside, written
from edge_node.formats.token_values import kind_of
from edge_node.model.token import TokenFacts, TokenKind

NOW = datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC)
FACTS = TokenFacts(
    id="_made",
    ura="90000101",
    zim="1",
    application="80000001",
    interaction="GQZG_IN000001NL",
    message=("2.16.840.1.99", 'a<b&"c'),
    bsn="999900006",
    rule="rule",
    context=None,
    issued=NOW,
    begins=NOW,
    ends=NOW,
)
TOKEN = b'<a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="_made"/>'


def envelope(before: str = "", inside: str = f'<a:Assertion xmlns:a="{SAML}" ID="_m"/>', behind: str = "") -> bytes:
    actor = f's:actor="{ZIM_ACTOR}"'
    security = f'<w:Security xmlns:w="{WSSE[0]}" {actor}>{inside}</w:Security>'
    header = f"<s:Header>{before}{security}{behind}</s:Header>"
    return f'<s:Envelope xmlns:s="{SOAP}">{header}<s:Body/></s:Envelope>'.encode()


class TestWritten:
    def test_is_a_transaction_token_that_names_nobody(self) -> None:
        """Whoever reads it must not take a server for a person (domain reference 6.5)."""
        token = written(FACTS, ("CN=Server", 1))
        assert kind_of(token) is TokenKind.TRANSACTION
        assert token.findtext(f"{{{SAML}}}Subject/{{{SAML}}}NameID") == ""

    def test_holds_any_message_id_as_it_is(self) -> None:
        """Some systems write odd ones."""
        token = etree.fromstring(etree.tostring(written(FACTS, ("CN=Server", 1))))
        values = [one.text for one in token.iter(f"{{{SAML}}}AttributeValue")]
        assert 'a<b&"c' in values

    def test_leaves_out_what_there_is_not(self) -> None:
        """An empty context would be another one than none."""
        names = [one.get("Name") for one in written(FACTS, ("CN=Server", 1)).iter(f"{{{SAML}}}Attribute")]
        assert names == [
            "autorisatieregel/context", "interactionId", "messageIdRoot", "messageIdExt", "burgerServiceNummer",
            "applicationID",
        ]  # fmt: skip


class TestTheHeaderAlone:
    @given(st.integers(0, 20_000))
    def test_is_cut_out_of_the_shortest_message(self, size: int) -> None:
        """A parser holds bytes back behind a long text; a message may end before it lets them go."""
        body = envelope(f"<pad>{'x' * size}</pad>")
        assert cut_header(body) == body[: body.index(b"<s:Body/>")] + b"</s:Envelope>"


class TestPutBeside:
    def test_changes_no_other_byte(self) -> None:
        """Both other tokens are signed over their bytes."""
        body = envelope()
        put = put_beside(body, TOKEN)
        assert put.replace(TOKEN, b"") == body
        assert put.index(TOKEN) == body.index(b"</w:Security>")

    @pytest.mark.parametrize(
        "before",
        [
            f'<w:Security xmlns:w="{WSSE[0]}" s:actor="{ZIM_ACTOR}"/>',
            f'<w:Security xmlns:w="{WSSE[0]}" s:actor="other"><a:Assertion xmlns:a="{SAML}" ID="_x"/></w:Security>',
            "<!-- </w:Security> -->",
            f'<x><w:Security xmlns:w="{WSSE[0]}" s:actor="{ZIM_ACTOR}"/></x>',
        ],
    )
    def test_finds_the_block_with_the_others(self, before: str) -> None:
        """Others have blocks for themselves, and remarks may say anything."""
        body = envelope(before)
        assert put_beside(body, TOKEN).index(TOKEN) == body.rindex(b"</w:Security>")

    @pytest.mark.parametrize("body", [envelope(inside=""), b"<s:Envelope xmlns:s='x'/>"])
    def test_refuses_a_message_without_tokens(self, body: bytes) -> None:
        """There is nothing it could rest on."""
        with pytest.raises(Refused) as caught:
            put_beside(body, TOKEN)
        assert caught.value.code == "EN-TOKEN-PLACE"

    @given(st.integers(0, 20_000), st.sampled_from(["x", "é", "𝄞"]))
    def test_counts_bytes_wherever_the_block_stands(self, size: int, sign: str) -> None:
        """A header of any length, with letters of any width, read a part at a time."""
        body = envelope(f"<pad>{sign * size}</pad>")
        put = put_beside(body, TOKEN)
        assert put.replace(TOKEN, b"") == body
        assert put.endswith(TOKEN + b"</w:Security></s:Header><s:Body/></s:Envelope>")

    def test_keeps_a_byte_order_mark(self) -> None:
        """Some systems begin with one."""
        body = b"\xef\xbb\xbf" + envelope()
        assert put_beside(body, TOKEN).replace(TOKEN, b"") == body
        assert put_beside(body, TOKEN).index(TOKEN) == body.index(b"</w:Security>")
