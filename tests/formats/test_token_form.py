"""What a signature says of its certificate is bounded, and said once."""

import pytest
from lxml import etree

from edge_node.errors import Refused
from edge_node.formats.token_form import DS, issuer_serial, key_info

_NAMED = (
    "<X509IssuerSerial><X509IssuerName>{name}</X509IssuerName>"
    "<X509SerialNumber>{serial}</X509SerialNumber></X509IssuerSerial>"
)


def signature(inside: str) -> etree._Element:
    """A signature whose certificate is named so."""
    return etree.fromstring(f'<Signature xmlns="{DS}"><KeyInfo><X509Data>{inside}</X509Data></KeyInfo></Signature>')


def named(name: str = "CN=A", serial: str = "5") -> str:
    return _NAMED.format(name=name, serial=serial)


class TestACertificateThatIsNamed:
    @pytest.mark.parametrize(("serial", "number"), [("5", 5), (" 007\n", 7), ("9" * 60, int("9" * 60))])
    def test_has_a_number(self, serial: str, number: int) -> None:
        """Serial numbers are large; some products pad them."""
        assert issuer_serial(signature(named(serial=serial))) == ("CN=A", number)

    @pytest.mark.parametrize(
        "inside",
        [
            named() * 2,
            named(name=""),
            named(serial=""),
            named(serial="-5"),
            named(serial="0x5"),
            named(serial="٥"),
            named(serial="5 5"),
            named(serial="9" * 61),
            "<X509IssuerSerial/>",
        ],
        ids=["two", "no issuer", "no number", "minus", "hexadecimal", "Arabic", "two numbers", "long", "empty"],
    )
    def test_otherwise_is_refused(self, inside: str) -> None:
        """Of two names one reader takes the first; of a long number reading alone takes seconds."""
        with pytest.raises(Refused) as caught:
            key_info(signature(inside))
        assert caught.value.code == "EN-TOKEN-KEY"


class TestCertificatesThatAreShown:
    def test_are_ten_at_most(self) -> None:
        """A chain is three long."""
        shown = "<X509Certificate>AAAA</X509Certificate>"
        assert len(key_info(signature(shown * 10)).certificates) == 10
        with pytest.raises(Refused) as caught:
            key_info(signature(shown * 11))
        assert caught.value.code == "EN-TOKEN-LIMIT"

    @pytest.mark.parametrize("inside", ["A" * 32_769, "AA==AA", "é", "AAAA<a/>"])
    def test_are_base64_of_a_bounded_size(self, inside: str) -> None:
        """What is no certificate names nobody."""
        with pytest.raises(Refused) as caught:
            key_info(signature(f"<X509Certificate>{inside}</X509Certificate>"))
        assert caught.value.code == "EN-TOKEN-KEY"
