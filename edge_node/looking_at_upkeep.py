"""What there is to see of what people record of the upkeep of the node.

Knows: who holds it, what the node sees for itself of its way out of use.
Must not know: when any of it is late.
"""

from collections.abc import Mapping
from typing import Any, Final

from edge_node import __version__
from edge_node.looking_ground import Ground
from edge_node.model.facts_upkeep import ChangeFacts, IncidentFacts, LeavingFacts
from edge_node.model.lifecycle import OPEN
from edge_node.model.upkeep import Step
from edge_node.policy import check_upkeep
from edge_node.probing import Look
from edge_node.upkeeping import CHANGES, INCIDENTS, LEAVING, Parts, Upkeep

_REVOKED: Final = "revoked"


def looks(ground: Ground) -> tuple[Look[Any], ...]:
    """Return them."""

    async def incidents() -> IncidentFacts:
        return await desk(ground).incident_facts()

    async def changes() -> ChangeFacts:
        return await desk(ground).change_facts()

    async def leaving() -> LeavingFacts:
        return await desk(ground).leaving_facts()

    return (
        Look(name=INCIDENTS, see=incidents, rules={"incident-timer": check_upkeep.incidents}),
        Look(name=CHANGES, see=changes, rules={"change-recorded": check_upkeep.change}),
        Look(name=LEAVING, see=leaving, rules={"decommission-complete": check_upkeep.leaving}),
    )


def desk(ground: Ground) -> Upkeep:
    """Return who holds what people record."""

    async def seen() -> Mapping[Step, str]:
        return await seen_of_leaving(ground)

    return Upkeep(
        Parts(
            book=ground.store.upkeep,
            digest=lambda: ground.settings.hash,
            release=__version__,
            moment=ground.machine.clock.moment,
            seen=seen,
        )
    )


async def seen_of_leaving(ground: Ground) -> Mapping[Step, str]:
    """What is left of the steps that the node sees for itself."""
    overview = await ground.store.overview()
    waiting = sum(count.messages for count in overview.counts if count.state in OPEN)
    own = [one for one in ground.in_force.revoking.fact().standings if one.is_own]
    good = sorted({one.of for one in own} - {one.of for one in own if one.verdict == _REVOKED})
    still = f"not revoked: {', '.join(good)}" if good else "" if own else "nobody can tell"
    return {Step.QUEUE: f"{waiting} messages wait" if waiting else "", Step.CERTIFICATE: still}
