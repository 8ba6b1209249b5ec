"""The rule on keeping: may the node take this push over from its sender?

Knows: design section 4, "Kept".
Must not know: whether the other side can be reached now.
"""

from edge_node.model.interaction import Interaction
from edge_node.model.message import Reading
from edge_node.model.site import Application
from edge_node.policy.token_signing import is_signed_here


def may_keep(row: Interaction, reading: Reading, application: Application) -> bool:
    """Only what is answered by an accept acknowledgement, can be signed again, and whose end the sender hears of."""
    if not row.keep or reading.wrapper.accept_ack_code != "AL":
        return False
    if reading.tokens and not application.renews_tokens and not is_signed_here(reading, application):
        return False
    return bool(application.told_by)
