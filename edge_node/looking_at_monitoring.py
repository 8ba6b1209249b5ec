"""What there is to see of monitoring: when it last had the figures, and what is in them.

Knows: who makes the figures.
Must not know: what may be in them, how long ago is too long.
"""

from typing import Any

from edge_node.looking_ground import Ground, at_hand
from edge_node.model.facts_telemetry import HeartbeatFacts, TelemetryFacts
from edge_node.policy import check_telemetry
from edge_node.probes import telemetry
from edge_node.probing import Look
from edge_node.status.metrics import Metrics


def looks(ground: Ground) -> tuple[Look[Any], ...]:
    """Return them."""
    begun: list[float] = []

    def heartbeat() -> HeartbeatFacts:
        now = ground.machine.reactor.seconds()
        begun[:] = begun or [now]
        return beat(ground.carrying.metrics, (begun[0], now), is_expected=ground.settings.checks.upkeep.is_monitored)

    return (
        Look(name="heartbeat", see=at_hand(heartbeat), rules={"heartbeat": check_telemetry.heartbeat}),
        Look(
            name="telemetry",
            see=at_hand(lambda: figures(ground.carrying.metrics)),
            rules={"telemetry-no-phi": check_telemetry.no_patient},
        ),
    )


def beat(metrics: Metrics, seconds: tuple[float, float], *, is_expected: bool) -> HeartbeatFacts:
    """When monitoring last had the figures; `seconds` are those of the first look and of this one."""
    first, now = seconds
    at_s = metrics.fetched_at_s
    return HeartbeatFacts(is_expected=is_expected, running_s=now - first, age_s=None if at_s is None else now - at_s)


def figures(metrics: Metrics) -> TelemetryFacts:
    """Search the figures as monitoring would get them."""
    return telemetry.look(metrics.text().decode("utf-8"))
