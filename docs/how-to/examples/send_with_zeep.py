"""Sends a ping and a prescription through the node with zeep, as a local system would.

Usage: send_with_zeep.py ADDRESS SENDER RECEIVER    for example http://127.0.0.1:8080/k/KEY 80000001 80000002
"""

import sys
import uuid
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from lxml import etree
from zeep import Client
from zeep.exceptions import Fault

HERE = Path(__file__).parent
SWITCHBOARD = "1"  # application id of the switchboard; 3 in its test environment
BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"


def content(name: str, sender: str, receiver: str) -> list[etree._Element]:
    """Read an example, fill it in, and return what stands inside the message element."""
    now = datetime.now(ZoneInfo("Europe/Amsterdam"))
    text = (HERE / name).read_text("utf-8")
    values = {"@ID@": uuid.uuid4().hex, "@NOW@": f"{now:%Y%m%d%H%M%S}", "@SENDER@": sender, "@RECEIVER@": receiver}
    for mark, value in values.items():
        text = text.replace(mark, value)
    message = etree.fromstring(text.encode()).find(BODY)[0]
    return list(message)


def main(address: str, sender: str, receiver: str) -> None:
    """Send one query and one push; print how each was acknowledged."""
    client = Client(str(HERE / "messages.wsdl"))
    ping = client.create_service("{urn:hl7-org:v3}Ping", f"{address}/Ping")
    prescription = client.create_service("{urn:hl7-org:v3}Prescription", f"{address}/VoorschriftVersturen")
    try:
        print_acknowledgement(ping.PingPong(_value_1=content("ping.xml", sender, SWITCHBOARD)))
        print_acknowledgement(prescription.Versturen(_value_1=content("prescription.xml", sender, receiver)))
    except Fault as fault:
        # The code of the node stands in the detail; see the reference of errors.
        print(fault.code, fault.message, etree.tostring(fault.detail, encoding="unicode"))
        raise SystemExit(1) from None


def print_acknowledgement(answer: object) -> None:
    """Print the typeCode: AA or CA is a yes."""
    for element in answer._value_1:
        if etree.QName(element).localname == "acknowledgement":
            print(element.get("typeCode"))


if __name__ == "__main__":
    main(*sys.argv[1:])
