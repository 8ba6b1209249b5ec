"""Every verb of the running daemon, in one register.

Knows: which part brings which verbs.
Must not know: what they do.
"""

from collections.abc import Callable
from dataclasses import dataclass

from edge_node.status import (
    anchor_verbs,
    backup_verbs,
    cert_verbs,
    certificate_verbs,
    crowd_verbs,
    emergency_verbs,
    gbz_verbs,
    inbox_verbs,
    key_verbs,
    log_verbs,
    node_verbs,
    queue_verbs,
    support_verbs,
    upkeep_verbs,
)
from edge_node.status.certificate_verbs import Inventory
from edge_node.status.gbz_verbs import CheckDesk
from edge_node.status.log_verbs import AccessLog
from edge_node.status.ports import AnchorCare, Backups, Look, Nudge, RecordChange, Reload, Renewing
from edge_node.status.support_verbs import Sources
from edge_node.status.upkeep_verbs import UpkeepDesk
from edge_node.status.verbs import Attendant, register
from edge_node.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the verbs are carried out on."""

    store: Store
    look: Look
    record: RecordChange
    reload: Reload
    nudge: Nudge
    backups: Backups
    renewing: Renewing
    inventory: Inventory
    anchors: AnchorCare
    checks: CheckDesk
    upkeep: UpkeepDesk
    log: AccessLog
    support: Sources
    now: Callable[[], float]
    new_correlation: Callable[[], str]


def attendant(parts: Parts) -> Attendant:
    """Return who carries them out."""
    known = register(
        node_verbs.verbs(parts.look, parts.reload),
        queue_verbs.verbs(parts.store, parts.nudge),
        crowd_verbs.verbs(parts.store.stock, parts.nudge),
        key_verbs.verbs(parts.store.keys),
        inbox_verbs.verbs(parts.store.inbox, parts.nudge.wake),
        cert_verbs.verbs(parts.renewing),
        certificate_verbs.verbs(parts.inventory),
        anchor_verbs.verbs(parts.anchors),
        gbz_verbs.verbs(parts.checks),
        upkeep_verbs.verbs(parts.upkeep),
        log_verbs.verbs(parts.log),
        emergency_verbs.verbs(parts.store.emergencies),
        backup_verbs.verbs(parts.backups, parts.store.safekeeping, parts.now, parts.nudge),
    )
    whole = register(known, support_verbs.verbs(parts.support, known))
    return Attendant(whole, parts.record, parts.new_correlation)
