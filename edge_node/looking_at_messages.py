"""What there is to see of what was found on messages and in handshakes, and of outages.

Knows: who counts each.
Must not know: when any of it is good.
"""

from datetime import timedelta
from typing import Any

from edge_node.looking_at_plans import windows_of
from edge_node.looking_at_supplied import ELSEWHERE
from edge_node.looking_ground import Ground, at_hand
from edge_node.model.check import Kind
from edge_node.model.facts_time import OutageFacts
from edge_node.policy import check_catalogue, check_time, check_tls
from edge_node.policy.check_engine import Rule
from edge_node.probing import Look


def looks(ground: Ground) -> tuple[Look[Any], ...]:
    """Return them."""

    async def outages() -> OutageFacts:
        at, limits = ground.machine.clock.moment(), ground.settings.checks.limits
        longest = max(limits.outages_minor_days, limits.outages_major_days)
        book = ground.store.checks
        found = await book.outages(at - timedelta(days=longest))
        windows = windows_of(ground.settings)
        return OutageFacts(at=at, outages=found, watched_from=await book.watched_from(), maintenance=windows)

    return (
        Look(
            name="messages",
            see=at_hand(lambda: ground.carrying.tally.facts),
            rules={
                "answer-latency": check_time.latency,
                "answer-timeout-rate": check_time.unanswered,
                **by_codes(),
            },
        ),
        Look(
            name="tls",
            see=at_hand(lambda: ground.in_force.negotiating.fact),
            rules={
                "tls-version": check_tls.version,
                "tls-cipher": check_tls.cipher,
                "tls-group": check_tls.group,
                "tls-peer-sigalg": check_tls.peer_key,
            },
        ),
        Look(
            name="outages",
            see=outages,
            rules={
                "availability-minor": check_time.minor_outages,
                "availability-major": check_time.major_outages,
            },
        ),
    )


def by_codes() -> dict[str, Rule[Any]]:
    """The checks that are judged by the codes of findings on messages alone: each row that names codes."""
    rows = check_catalogue.load().values()
    judged = (row for row in rows if row.codes and row.kind is Kind.OF_MESSAGE and row.name not in ELSEWHERE)
    return {row.name: check_time.of_messages(row) for row in judged}
