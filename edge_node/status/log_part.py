"""How the access log is, as a part of the node.

Knows: which facts of it make it unwell.
Must not know: how a log is proven.
"""

from collections.abc import Iterator

from edge_node.model.log_state import LogFact
from edge_node.status.part import Health, Part


def log(fact: LogFact | None) -> Iterator[Part]:
    """Bent, hindered, or well with its newest head."""
    if fact is None:
        return
    if fact.found:
        health = Health.DOWN if fact.is_shut else Health.DEGRADED
        yield _part(health, "EN-LOG-TAMPERED", "; ".join(each.shown for each in fact.found[:3]))
    elif fact.hindrance:
        yield _part(Health.DEGRADED, fact.hindrance, _where(fact))
    else:
        yield _part(Health.UP, "", _where(fact))


def _where(fact: LogFact) -> str:
    head = "no head is signed yet" if fact.head is None else f"head {fact.head.name}"
    proven = "not proven since the start" if fact.proven_at is None else f"proven {fact.proven_at:%Y-%m-%d %H:%M} UTC"
    return f"{head}; {proven}"


def _part(health: Health, code: str, detail: str) -> Part:
    return Part(kind="access log", name="log", health=health, code=code, detail=detail)
