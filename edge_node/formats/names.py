"""Names of the namespaces and elements that are read and written.

Knows: the spelling of each namespace, as `pyexpat` gives it and as `lxml` wants it.
Must not know: where in a message a name may stand.
"""

import re
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


#: The form of an interaction, anywhere in the world: too few digits in a row for a patient number, and no word.
_INTERACTION: Final = re.compile(r"[A-Z]{4}_[A-Z]{2}[0-9]{6}([A-Z]{1,4}[0-9]{0,3})?")
#: Other roots of HL7 messages and documents.
_ROOTS: Final = frozenset({"ClinicalDocument", "organizer", "prescriptionClinicalViewResponse", "section", "Bundle"})
#: Blocks of other standards that senders are known to add.
_BLOCKS: Final = frozenset({
    "Action", "FaultTo", "From", "MessageID", "RelatesTo", "ReplyTo", "Security", "Sequence", "Timestamp", "To",
})  # fmt: skip


def shown(name: str) -> str:
    """The element of a message, as it may be told: what is no name of HL7 may be anybody's."""
    return name if _INTERACTION.fullmatch(name) or name in _ROOTS else "the element in the Body"


def block_shown(name: str) -> str:
    """A block of the header, as it may be told."""
    return name if name in _BLOCKS else "of a standard not known here"


def local_name(name: str) -> str:
    """The part of an expanded name after the namespace."""
    return name.rpartition(" ")[2]
