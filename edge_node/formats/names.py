"""Names of the namespaces and elements that are read and written.

Knows: the spelling of each namespace, as `pyexpat` gives it and as `lxml` wants it.
Must not know: where in a message a name may stand.
"""

from typing import Final

HL7: Final = "urn:hl7-org:v3"
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
WSU: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
AORTA_805: Final = "http://www.aortarelease.nl/805/"
EDGE_NODE: Final = "urn:edge-node:fault:1"
#: The published one, and the one of drafts that older systems still declare.
WSSE: Final = (
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
    "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.0.xsd",
)

ZIM_ACTOR: Final = "http://www.aortarelease.nl/actor/zim"
NEXT_ACTOR: Final = "http://schemas.xmlsoap.org/soap/actor/next"


def local_name(name: str) -> str:
    """The part of an expanded name after the namespace."""
    return name.rpartition(" ")[2]
