"""The messages and programs in the how-to for developers work as they stand.

Knows: the files in `docs/how-to/examples`.
Must not know: a running node.
"""

from pathlib import Path
from typing import Any, cast

import pytest
from lxml import etree
from zeep import Client

from edge_node.formats.interactions import load
from edge_node.formats.reader import MessageReader, XmlLimits
from edge_node.model.message import Reading

EXAMPLES = Path(__file__).parents[2] / "docs" / "how-to" / "examples"
CATALOGUE = load()
MARKS = {"@ID@": "1", "@NOW@": "20260102030405", "@SENDER@": "80000001", "@RECEIVER@": "80000002"}


def filled(name: str) -> bytes:
    text = (EXAMPLES / name).read_text("utf-8")
    for mark, value in MARKS.items():
        text = text.replace(mark, value)
    return text.encode()


def reading_of(body: bytes) -> Reading:
    reader = MessageReader(limits=XmlLimits(), patient_at=lambda name: CATALOGUE[name].patient_at)
    reader.feed(body)
    return reader.close()


@pytest.mark.parametrize(
    ("name", "interaction"), [("ping.xml", "COMT_IN118118"), ("prescription.xml", "PORX_IN932000NL")]
)
class TestMessages:
    def test_can_be_read(self, name: str, interaction: str) -> None:
        """The first thing a developer sends is this file; it must not be the file that is wrong."""
        wrapper = reading_of(filled(name)).wrapper
        assert (str(wrapper.interaction), str(wrapper.sender)) == (interaction, "80000001")

    def test_use_the_acknowledgement_code_of_their_row(self, name: str, interaction: str) -> None:
        """A wrong acceptAckCode is refused, and a beginner would look for the fault elsewhere."""
        assert reading_of(filled(name)).wrapper.accept_ack_code == CATALOGUE[interaction].accept_ack

    def test_leave_no_mark_unfilled(self, name: str, interaction: str) -> None:
        """The recipe fills in four marks; a fifth would be sent as text."""
        assert b"@" not in filled(name), interaction


class TestPrescription:
    def test_names_one_test_patient(self) -> None:
        """Only test BSNs may ever leave a developer's machine."""
        patient = reading_of(filled("prescription.xml")).patients.one
        assert patient is not None
        assert patient.value.startswith("9999")


class TestZeep:
    @pytest.mark.parametrize(
        ("binding", "operation", "name"),
        [("Ping", "PingPong", "ping.xml"), ("Prescription", "Versturen", "prescription.xml")],
    )
    def test_writes_the_same_message(self, binding: str, operation: str, name: str) -> None:
        """What zeep makes of the example is read by the node as the example itself."""
        message = etree.fromstring(filled(name))[0][0]
        client = cast(Any, Client)(str(EXAMPLES / "messages.wsdl"))
        bound = client.wsdl.bindings[f"{{urn:hl7-org:v3}}{binding}"]
        envelope, _headers = bound._create(operation, (), {"_value_1": list(message)}, client=client)
        assert reading_of(etree.tostring(envelope)).wrapper == reading_of(filled(name)).wrapper
