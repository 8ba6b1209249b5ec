"""The faults the node gives."""

import pytest
from lxml import etree

from edge_node.errors import PAGES
from edge_node.formats.fault_making import FaultReport, soap_fault


def text(body: bytes, name: str) -> str | None:
    found = [element.text for element in etree.fromstring(body).iter(f"{{*}}{name}")]
    return found[-1] if found else None


class TestAFault:
    @pytest.mark.parametrize("code", sorted(PAGES))
    def test_tells_code_side_retry_and_what_to_do(self, code: str) -> None:
        """A developer can act on it without asking us."""
        body = soap_fault(FaultReport(code=code))
        assert text(body, "code") == code
        assert text(body, "side") == PAGES[code].side.value
        assert text(body, "retry") in {"yes", "no"}
        assert text(body, "do") == PAGES[code].do

    @pytest.mark.parametrize(
        ("code", "fault_code"),
        [
            ("EN-XML-MALFORMED", "soap:Client"),
            ("EN-LINK-OPEN", "soap:Server"),
            ("EN-SOAP-MUST-UNDERSTAND", "soap:MustUnderstand"),
        ],
    )
    def test_says_whose_turn_it_is(self, code: str, fault_code: str) -> None:
        """Client: change the message. Server: try again."""
        assert text(soap_fault(FaultReport(code=code)), "faultcode") == fault_code

    def test_survives_a_detail_with_control_characters(self) -> None:
        """A detail may name something from outside."""
        assert text(soap_fault(FaultReport(code="EN-WRAPPER-FIELD", detail="a\x00b")), "detail") == "a b"

    def test_gives_a_time_only_where_a_retry_helps(self) -> None:
        """A time on a refusal would make systems send it for ever."""
        assert text(soap_fault(FaultReport(code="EN-XML-MALFORMED", retry_after_s=5)), "retryAfter") is None
