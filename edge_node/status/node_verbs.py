"""The verbs about the node itself: how it is, and new settings.

Knows: their names and what they answer.
Must not know: how the node is judged, how settings are read.
"""

from edge_node.status.document import Document, of_snapshot
from edge_node.status.ports import Look, Reload
from edge_node.status.verbs import Call, Verb


def verbs(look: Look, reload: Reload) -> dict[str, Verb]:
    """Return them."""

    async def status(call: Call) -> Document:
        return of_snapshot(await look())

    async def read_settings(call: Call) -> Document:
        await reload(call.by)
        return {}

    return {
        "status": Verb(run=status),
        "reload": Verb(fields=frozenset({"why"}), changes=True, run=read_settings),
    }
