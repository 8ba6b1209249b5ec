"""Every bad token is refused with the code of its row, at once, and a good one beside it is not."""

import time

import pytest
import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from edge_node.errors import PAGES
from edge_node.formats.names import WSU
from tests.formats.bad_cards import BESIDE, CARDS, OLDER
from tests.formats.bad_tokens import BINDINGS, SIGNATURES, Row
from tests.formats.bad_wrappings import WRAPPINGS
from tests.formats.token_bench import DS, Bench

ROWS = (*SIGNATURES, *WRAPPINGS, *BINDINGS, *CARDS, *BESIDE, *OLDER)
#: Codes that say that a signature does not hold, as the outside opinion must say too.
_NOT_HELD = {"EN-TOKEN-SIGNATURE", "EN-TOKEN-DIGEST"}


def named(row: Row) -> str:
    return row.name


class TestTheTable:
    def test_is_long_and_tells_many_things_apart(self) -> None:
        """A code that stands for everything helps nobody at night."""
        assert len({row.name for row in ROWS}) == len(ROWS) >= 100
        assert len({row.code for row in ROWS}) >= 40
        assert len(WRAPPINGS) >= 25

    def test_has_a_page_for_each_code(self) -> None:
        """Who is refused reads what to do."""
        assert {row.code for row in ROWS} <= PAGES.keys()


class TestABadToken:
    @pytest.mark.parametrize("row", ROWS, ids=named)
    def test_is_refused_by_name_at_once_and_a_good_one_is_not(self, row: Row) -> None:
        """One that passes is a stranger at a patient's record; a good one refused is a doctor who stands still."""
        bench = row.bench()
        body = row.make(bench)
        before = time.perf_counter()
        codes = bench.codes(body)
        assert time.perf_counter() - before < 1
        assert codes[:1] == [row.code], bench.judge(body)
        assert Bench().codes(Bench().message()) == []

    @pytest.mark.parametrize("row", ROWS, ids=named)
    def test_has_the_signature_that_another_library_sees_in_it(self, row: Row) -> None:
        """Two libraries that agree are less likely to be wrong in the same way."""
        bench = row.bench()
        body = row.make(bench)
        assert holds(body, bench) is row.holds
        assert row.holds is not True or not _NOT_HELD & set(bench.codes(body))


def holds(body: bytes, bench: Bench) -> bool | None:
    """What xmlsec says of the first signature of a message; None where it has none that it may judge."""
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None
    signature = root.find(f".//{{{DS}}}Signature")
    if signature is None or signature.find(f".//{{{DS}}}Reference[@URI='http://elsewhere.example/x']") is not None:
        return None
    return _said_by_xmlsec(root, signature, bench)


def _said_by_xmlsec(root: etree._Element, signature: etree._Element, bench: Bench) -> bool:
    context = xmlsec.SignatureContext()
    certificate = signature.findtext(f".//{{{DS}}}X509Certificate")
    card = bench.hand.certificate.public_bytes(Encoding.PEM)
    pem = card if certificate in {None, "AAAA"} else _pem(certificate or "")
    context.key = xmlsec.Key.from_memory(pem, xmlsec.KeyFormat.CERT_PEM)
    try:
        _mark(context, root)  # two elements with one id are an error to it as well
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True


def _mark(context: xmlsec.SignatureContext, root: etree._Element) -> None:
    for element in (one for one in root.iter() if isinstance(one.tag, str)):
        for mark, namespace in (("ID", None), ("Id", None), ("Id", WSU)):
            if element.get(mark if namespace is None else f"{{{namespace}}}{mark}"):
                context.register_id(element, mark, namespace)


def _pem(text: str) -> bytes:
    return f"-----BEGIN CERTIFICATE-----\n{text.strip()}\n-----END CERTIFICATE-----\n".encode()
