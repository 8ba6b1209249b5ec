"""The verb that lists every certificate of the site.

Knows: its name.
Must not know: what there is to say of a certificate.
"""

from collections.abc import Awaitable, Callable

from edge_node.status.document import Document
from edge_node.status.verbs import Call, Verb

#: Lists them, as of now.
Inventory = Callable[[], Awaitable[Document]]


def verbs(inventory: Inventory) -> dict[str, Verb]:
    """Return it."""

    async def show(call: Call) -> Document:
        return await inventory()

    return {"cert.show": Verb(run=show)}
