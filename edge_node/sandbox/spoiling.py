"""What a fault does to an answer: wrong id, wrong patient, no XML or JSON.

Knows: where those stand in an answer.
Must not know: when a fault is wanted.
"""

from dataclasses import replace

from lxml import etree

from edge_node.model.identifiers import BSN_ROOT
from edge_node.sandbox.faults import Fault
from edge_node.sandbox.fhir_exchange import FhirReply
from edge_node.sandbox.fhir_reading import BSN
from edge_node.sandbox.reading import HL7, parse
from edge_node.sandbox.samples.people import test_bsn


def spoil(body: bytes, fault: Fault | None) -> bytes:
    """Return the answer as the fault makes it."""
    if fault is Fault.BAD_XML:
        return body[: len(body) * 2 // 3] + b"<&"
    if fault is Fault.WRONG_ID:
        return _set(body, f".//{{{HL7}}}acknowledgement/*/{{{HL7}}}id", "fault.wrong.id")
    if fault is Fault.WRONG_PATIENT:
        return _set(body, f".//*[@root='{BSN_ROOT}']", test_bsn(399))
    return body


def spoil_fhir(reply: FhirReply, fault: Fault | None) -> FhirReply:
    """Return the answer as the fault makes it."""
    if fault in {Fault.BAD_XML, Fault.BAD_JSON}:
        return replace(reply, body=reply.body[: len(reply.body) * 2 // 3] + b"<&", manner=fault)
    if fault is Fault.WRONG_PATIENT:
        return replace(reply, body=BSN.sub(test_bsn(399).encode(), reply.body), manner=fault)
    return replace(reply, manner=fault)


def _set(body: bytes, path: str, extension: str) -> bytes:
    root = parse(body)
    for element in root.iterfind(path):
        element.set("extension", extension)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
