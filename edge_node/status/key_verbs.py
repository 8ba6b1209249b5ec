"""The verb that changes the key of the store.

Knows: its name, and what it answers.
Must not know: what a key is, how it is changed.
"""

from edge_node.status.document import Document
from edge_node.status.ports import KeyChange
from edge_node.status.verbs import Call, Verb


def verbs(keys: KeyChange) -> dict[str, Verb]:
    """Return it."""

    async def rotate(call: Call) -> Document:
        changed = await keys.rotate()
        return {"key": changed.key, "file": None if changed.file is None else str(changed.file)}

    return {"store.rotate-key": Verb(fields=frozenset({"why"}), changes=True, run=rotate)}
