"""The rule on keeping a FHIR push: may the node take it over from its sender?

Knows: design section 4, "Kept", and which tokens the node can use again.
Must not know: whether the other side can be reached now.
"""

from edge_node.model.fhir import FhirReading, TokenMode
from edge_node.model.interaction import Interaction
from edge_node.model.site import Application


def may_keep_fhir(row: Interaction, reading: FhirReading, application: Application) -> bool:
    """Only where the node gets the access token itself, for each attempt, and somebody can sign again.

    An access token of the local system's own lives for seconds (AORTA on FHIR, Token specificaties): what waits with
    one could never be sent.
    """
    if not row.keep or reading.tokens is None or application.fhir_tokens is not TokenMode.EXCHANGE:
        return False
    return application.renews_tokens and bool(application.told_by)
