"""How the checks that hold messages up show among the parts of the node.

Knows: that only what stops messages is wrong here; the others are in the list of checks.
Must not know: how a check is judged.
"""

from collections.abc import Iterable, Iterator

from edge_node.model.check import Verdict
from edge_node.status.part import Health, Part


def checks(standing: Iterable[Verdict]) -> Iterator[Part]:
    """One part for each check that stops messages now; none while nothing is stopped."""
    for verdict in standing:
        if verdict.blocks and not verdict.check.is_held_elsewhere:  # else another part tells of it
            stops = ", ".join(sorted(verdict.blocks))
            detail = f"{stops}: {verdict.outcome.value}".rstrip(": ")
            name = verdict.check.name
            yield Part(kind="check", name=name, health=Health.DEGRADED, code="EN-CHECK-STOPPED", detail=detail)
