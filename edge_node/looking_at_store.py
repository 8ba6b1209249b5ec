"""What there is to see of the store: the queue, the access log, room on the disk, backups.

Knows: which part of the node knows each.
Must not know: when any of it is good.
"""

from collections import deque
from dataclasses import replace
from typing import Any, Final

from edge_node.looking_ground import Ground, at_hand
from edge_node.model.facts_kept import RoomSeen
from edge_node.model.facts_operations import BackupFacts, StoreFacts
from edge_node.model.facts_time import QueueFacts, TimeoutFacts
from edge_node.policy import check_kept, check_operations, check_time
from edge_node.probes.disk import room
from edge_node.probing import Look

#: Room is remembered each half hour, for three days.
_SAMPLE_S: Final = 1800.0
_SAMPLES: Final = 144


def looks(ground: Ground) -> tuple[Look[Any], ...]:
    """Return them."""

    async def queue() -> QueueFacts:
        unrecorded = sum(len(it.unrecorded) for it in ground.carrying.line.deliverers.values())
        overview = await ground.store.overview()
        return QueueFacts(overview=overview, unrecorded=unrecorded, failure=ground.store.failure)

    async def backups() -> BackupFacts:
        return BackupFacts(at=ground.machine.clock.moment(), safety=await ground.safety())

    seen: deque[RoomSeen] = deque(maxlen=_SAMPLES)

    async def store() -> StoreFacts:
        now = await seen_store(ground)
        days = _foretold(seen, now, ground.machine.reactor.seconds())
        return replace(now, days_until_full=days)

    return (
        Look(
            name="queue",
            see=queue,
            rules={"queue-age": check_time.queue_age, "queue-integrity": check_time.queue_integrity},
        ),
        Look(
            name="store",
            see=store,
            rules={"accesslog-writable": check_operations.log_writable, "disk-space": check_operations.disk_space},
        ),
        Look(
            name="backups",
            see=backups,
            rules={"backup-age": check_operations.backup_age, "restore-test-age": check_operations.restore_test},
        ),
        Look(
            name="access log",
            see=at_hand(lambda: ground.log()),
            rules={"accesslog-chain": check_operations.log_chain},
        ),
        Look(name="time-outs", see=at_hand(lambda: _timeouts(ground)), rules={"timeout-config": check_time.timeouts}),
    )


async def seen_store(ground: Ground) -> StoreFacts:
    """Whether it records, and how much room it has."""
    folder, reserve = ground.in_force.started_with.store_path.parent, ground.store.reserve
    seen = await ground.peek(lambda: room(folder))
    free, total = (None, None) if seen is None else seen
    failure = ground.store.failure
    reserve_bytes = ground.settings.store.disk_reserve_bytes
    if failure == "EN-STORE-FULL" and free is not None and free >= reserve_bytes:
        failure = ""  # there is room again; the next message shows it
    return StoreFacts(
        failure=failure,
        is_reserve_open=reserve.is_open,
        is_reserve_used_up=reserve.is_used_up,
        free_bytes=free,
        total_bytes=total,
        reserve_bytes=reserve_bytes,
    )


def _foretold(seen: deque[RoomSeen], now: StoreFacts, seconds: float) -> float | None:
    """When it is full at the pace of the last days. A restart forgets the pace."""
    if now.free_bytes is None:
        return None
    if not seen or seconds - seen[-1].seconds >= _SAMPLE_S:
        seen.append(RoomSeen(seconds, now.free_bytes))
    return check_kept.days_until_full((*seen, RoomSeen(seconds, now.free_bytes)), now.reserve_bytes)


def _timeouts(ground: Ground) -> TimeoutFacts:
    waits = ground.settings.switchboard.waits
    return TimeoutFacts(query_out_s=waits.query_out_s, query_in_s=waits.query_in_s)
