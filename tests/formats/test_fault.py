"""SOAP faults in answers."""

import pytest

from edge_node.errors import Refused
from edge_node.formats.fault import SoapFault
from edge_node.formats.fault_making import FaultReport, soap_fault
from tests.formats.samples import reader

FOREIGN = b"""<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body><S:Fault>
<faultcode>S:Server</faultcode><faultstring>broken</faultstring><faultactor>urn:zim</faultactor>
<detail>text <code>RTEDEST</code> more</detail></S:Fault></S:Body></S:Envelope>"""


def fault_in(body: bytes) -> SoapFault:
    one = reader()
    one.feed(body)
    one.end()
    assert one.fault is not None
    return one.fault


class TestAFault:
    def test_of_another_system_gives_its_parts(self) -> None:
        """The operator sees what the other side said."""
        fault = fault_in(FOREIGN)
        assert (fault.fault_code, fault.fault_string, fault.fault_actor) == ("Server", "broken", "urn:zim")
        assert fault.detail.split() == ["text", "RTEDEST", "more"]
        assert (fault.code, fault.retry) == (None, None)

    def test_of_a_node_gives_its_code_and_whether_to_retry(self) -> None:
        """Two nodes in a row understand each other."""
        fault = fault_in(soap_fault(FaultReport(code="EN-LINK-OPEN", retry_after_s=29.5)))
        assert (fault.code, fault.hl7_code, fault.retry, fault.retry_after_s) == ("EN-LINK-OPEN", "RTEDEST", True, 30)

    @pytest.mark.parametrize("end", [b"", b"</S:Envelope", b"</S:Envelope><x/>", b"&amp;</S:Envelope>x"])
    def test_whose_end_is_broken_is_none(self, end: bytes) -> None:
        """A fault of the sender ends the care for a message: half of one must not."""
        with pytest.raises(Refused):
            fault_in(FOREIGN.removesuffix(b"</S:Envelope>") + end)

    def test_is_no_message(self) -> None:
        """Nobody takes a fault for an acknowledgement."""
        one = reader()
        one.feed(FOREIGN)
        with pytest.raises(Refused) as refusal:
            one.close()
        assert refusal.value.code == "EN-SOAP-ENVELOPE"

    def test_keeps_free_text_out_of_its_repr(self) -> None:
        """A fault may quote the message that caused it."""
        assert "broken" not in repr(fault_in(FOREIGN))
