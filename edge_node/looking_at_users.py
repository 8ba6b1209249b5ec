"""What there is to see of removals from the index, of emergency accesses, and of tokens on the disk.

Knows: who knows each, which files are searched.
Must not know: when any of it is good.
"""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from edge_node.looking_ground import Ground
from edge_node.model.facts_users import EmergencyFacts, Removals, TokenScan
from edge_node.policy import check_users
from edge_node.probes.tokens import TokenSearch
from edge_node.probing import Look

#: Of the time a look may take, so much is for the search.
_SHARE: Final = 0.8
#: What names the addresses of FHIR requests is a signed token too, and no secret (wire/authorisation.py).
_STELSELTOKEN: Final = "stelseltoken.json"


def looks(ground: Ground) -> tuple[Look[Any], ...]:
    """Return them."""

    async def removals() -> Removals:
        return await ground.store.checks.removals(ground.settings.checks.window_s)

    async def emergencies() -> EmergencyFacts:
        return EmergencyFacts(at=ground.machine.clock.moment(), state=await ground.store.emergencies.state())

    search, ends = TokenSearch(passed_over={_STELSELTOKEN}), _Ends()

    async def tokens() -> TokenScan:
        folders = sorted({ground.in_force.started_with.store_path.parent, ground.settings.node.state_dir})
        timeout_s = ground.settings.checks.look_limit_s * _SHARE
        seen: TokenScan = await ground.peek(partial(search.look, folders, timeout_s))
        return ends.dated(seen, ground.machine.clock.moment())

    return (
        Look(name="removals", see=removals, rules={"withdrawal-latency": check_users.withdrawal_latency}),
        Look(name="emergency access", see=emergencies, rules={"break-glass-review": check_users.emergencies}),
        Look(name="tokens", see=tokens, rules={"token-at-rest": check_users.token_at_rest}, is_seldom=True),
    )


class _Ends:
    """Remembers when the last whole pass of the search ended."""

    def __init__(self) -> None:
        self._passes = 0
        self._at: datetime | None = None

    def dated(self, seen: TokenScan, at: datetime) -> TokenScan:
        if seen.whole_passes != self._passes:
            self._passes, self._at = seen.whole_passes, at
        return replace(seen, whole_at=self._at)
