"""The verbs on anchors of peers: which count, and that new ones are to count untried.

Knows: their names and fields, and what they answer.
Must not know: what an anchor is, how new ones are tried.
"""

from edge_node.model.anchors import AnchorChange, AnchorsInUse
from edge_node.status.document import Document, moment
from edge_node.status.ports import AnchorCare
from edge_node.status.verbs import Call, Request, Verb, text_of


def verbs(anchors: AnchorCare) -> dict[str, Verb]:
    """Return them."""

    async def show(call: Call) -> list[Document]:
        return [_of_use(one) for one in anchors.in_use]

    async def accept(call: Call) -> list[Document]:
        return [_of_change(one) for one in anchors.accept(text_of(call.fields, "peer"))]

    return {
        "cert.anchors": Verb(fields=frozenset(), run=show),
        "cert.accept-anchors": Verb(fields=frozenset({"peer", "why"}), changes=True, target=_target, run=accept),
    }


def _target(fields: Request) -> str:
    return text_of(fields, "peer") or ""


def _of_use(one: AnchorsInUse) -> Document:
    change = None if one.change is None else _of_change(one.change)
    return {"peer": one.peer, "counting": list(one.counting), "change": change}


def _of_change(change: AnchorChange) -> Document:
    return {
        "peer": change.peer,
        "phase": change.phase.value,
        "added": list(change.added),
        "removed": list(change.removed),
        "since": moment(change.since),
        "reason": change.why,
    }
