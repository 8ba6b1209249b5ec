"""What the parser refuses, whatever the message."""

import pytest

from edge_node.errors import Refused
from edge_node.formats.hardened import HardenedParser, XmlLimits


def parse(body: bytes, piece_bytes: int = 65536) -> None:
    def start(name: str, attributes: dict[str, str]) -> None:
        parser.check_element(name, attributes)

    parser = HardenedParser(XmlLimits(attributes=4, name_chars=40), start, lambda _name: None)
    for at in range(0, len(body), piece_bytes):
        parser.feed(body[at : at + piece_bytes])
    parser.close()


class TestRefuses:
    @pytest.mark.parametrize("piece_bytes", [1, 65536])
    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"", "EN-XML-MALFORMED"),
            (b"hello", "EN-XML-MALFORMED"),
            (b"<a>", "EN-XML-MALFORMED"),
            (b"<a></b>", "EN-XML-MALFORMED"),
            (b"<a>&undefined;</a>", "EN-XML-MALFORMED"),
            (b"<a>\xe9</a>", "EN-XML-MALFORMED"),
            (b"<p:a/>", "EN-XML-MALFORMED"),
            (b"<!DOCTYPE a><a/>", "EN-XML-DOCTYPE"),
            (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "EN-XML-DOCTYPE"),
            (b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>', "EN-XML-ENCODING"),
            (b'<?xml version="1.0" encoding="US-ASCII"?><a/>', "EN-XML-ENCODING"),
            ("<a/>".encode("utf-16"), "EN-XML-ENCODING"),
            ("<a/>".encode("utf-16-be"), "EN-XML-ENCODING"),
            (b'<a b1="" b2="" b3="" b4="" b5=""/>', "EN-XML-LIMIT"),
            (b"<a xmlns:a='1' xmlns:b='2' xmlns:c='3' xmlns:d='4' xmlns:e='5'/>", "EN-XML-LIMIT"),
            (b"<" + b"a" * 41 + b"/>", "EN-XML-LIMIT"),
        ],
    )
    def test_what_could_hurt_or_mislead(self, body: bytes, code: str, piece_bytes: int) -> None:
        """A message from outside may not stall the node, reach a file, or be read in two ways."""
        with pytest.raises(Refused) as refusal:
            parse(body, piece_bytes)
        assert refusal.value.code == code

    @pytest.mark.parametrize("opening", [b"<", b"<!--", b"<?", b"<a b='"])
    def test_a_tag_that_does_not_end(self, opening: bytes) -> None:
        """Its bytes would pile up in memory."""
        with pytest.raises(Refused) as refusal:
            parse(opening + b"x" * 300_000)
        assert refusal.value.code == "EN-XML-LIMIT"


class CountingParser(HardenedParser):
    """Counts how often expat is set to work, and the most elements it may find at once."""

    parses = 0
    most_ends = 0

    def _parse(self, piece: bytes | memoryview, *, last: bool) -> None:
        self.parses += 1
        self.most_ends = max(self.most_ends, bytes(piece).count(b">"))
        super()._parse(piece, last=last)


class TestATrickle:
    def test_of_bytes_is_not_parsed_byte_by_byte(self) -> None:
        """A peer that sends one long tag slowly must not occupy the node: expat begins it anew at each call."""
        body = b"<a b='" + b"x" * 60_000 + b"'/>"
        parser = CountingParser(XmlLimits(), lambda _name, _attributes: None, lambda _name: None)
        for at in range(len(body)):
            parser.feed(body[at : at + 1])
        parser.close()
        assert parser.parses < 40

    @pytest.mark.parametrize("piece_bytes", [1, 100, 4096])
    def test_behind_a_long_remark_is_not_saved_up(self, piece_bytes: int) -> None:
        """Thousands of the smallest elements parsed in one go would keep every other patient's query waiting."""
        body = b"<a><!--" + b"x" * 60_000 + b"-->" + b"<b/>" * 16_000 + b"</a>"
        parser = CountingParser(XmlLimits(), lambda _name, _attributes: None, lambda _name: None)
        for at in range(0, len(body), piece_bytes):
            parser.feed(body[at : at + piece_bytes])
        assert parser.most_ends <= 2 * 1024

    @pytest.mark.parametrize(("sign", "most_parses"), [(b"x", 20), (b">", 160)])
    def test_a_document_in_one_attribute_is_not_begun_anew_for_each_piece(
        self, sign: bytes, most_parses: int
    ) -> None:
        """A letter scanned to megabytes of base64 must not cost their square, nor what looks like many ends."""
        body = b"<a b='" + sign * 2_000_000 + b"'/>"
        parser = CountingParser(XmlLimits(token_bytes=2_500_000), lambda _name, _attributes: None, lambda _name: None)
        for at in range(0, len(body), 4096):
            parser.feed(body[at : at + 4096])
        parser.close()
        assert parser.parses < most_parses


class TestAccepts:
    @pytest.mark.parametrize(
        "body",
        [
            b"\xef\xbb\xbf<a/>",
            b'<?xml version="1.0" encoding="utf-8"?><a/>',
            b"<?xml version='1.0'?><?style x?><!-- remark --><a/>",
            b"<a><![CDATA[" + b"x" * 300_000 + b"]]></a>",
            b"<a>" + b"x" * 300_000 + b"</a>",
        ],
    )
    @pytest.mark.parametrize("piece_bytes", [7, 65536])
    def test_what_qualified_systems_send(self, body: bytes, piece_bytes: int) -> None:
        """A byte order mark, remarks, and documents as text are all in use."""
        parse(body, piece_bytes)
