"""The rule on what the node signs itself: which messages get a transaction token made here.

Knows: that the settings name them, and that they carry the tokens such a one rests on (domain reference 6.1, 6.5).
Must not know: whether those tokens are genuine, how one is made.
"""

from edge_node.model.fhir import FhirReading
from edge_node.model.message import Reading
from edge_node.model.site import Application


def is_signed_here(reading: Reading, application: Application | None) -> bool:
    """Whether the node makes the transaction token of this message. One that has its own keeps that."""
    if application is None or str(reading.wrapper.interaction) not in application.server_signed:
        return False
    if reading.wrapper.author == "patient" or not reading.tokens:
        return False
    return not any(token.is_for_one_message for token in reading.tokens)


def is_fhir_signed_here(reading: FhirReading, interaction: str, application: Application | None) -> bool:
    """The same for a FHIR request whose tokens are exchanged."""
    if application is None or reading.tokens is None or reading.tokens.transaction is not None:
        return False
    return interaction in application.server_signed
