"""What there is to see of what the store keeps: the access log, contents of messages, memories of message ids.

Knows: which settings say how long each is kept.
Must not know: when any of it is good, where it is kept.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from edge_node.looking_ground import Ground
from edge_node.model.facts_kept import BodiesKept, LogContent, LogSpan, MemoryKept
from edge_node.policy import check_kept
from edge_node.probing import Look
from edge_node.store import kept, log_sources
from edge_node.store.database import open_readonly

#: Of each kind, the newest so many: a look every half minute must cost next to nothing.
_LINES: Final = 1000
_MESSAGES: Final = 1000
#: A message that ends while it is looked at is not one that was forgotten.
_SLACK: Final = timedelta(hours=1)


def looks(ground: Ground) -> tuple[Look[Any], ...]:
    """Return them."""

    def at() -> datetime:
        return ground.machine.clock.moment()

    def store() -> Path:
        return ground.in_force.started_with.store_path

    async def content() -> LogContent:
        path = store()
        return await ground.peek(lambda: _read(path, lambda it: kept.content(it, _LINES)))

    async def span() -> LogSpan:
        path, years, now = store(), ground.settings.journal.retention_years, at()
        return await ground.peek(lambda: seen_span(path, years, now))

    async def bodies() -> BodiesKept:
        path, now, slack_s = store(), at(), ground.settings.checks.limits.removal_slack_s
        before = now - timedelta(seconds=slack_s)
        overdue, oldest = await ground.peek(lambda: _read(path, lambda it: kept.overdue(it, before)))
        return BodiesKept(overdue=overdue, oldest=oldest, at=now, is_waiting=ground.carrying.clock_watch.is_quiet)

    async def memory() -> MemoryKept:
        path, memory_s = store(), ground.settings.store.memory_retention_s
        after = at() - timedelta(seconds=memory_s) + _SLACK
        ended, gone = await ground.peek(lambda: _read(path, lambda it: kept.forgotten(it, after, _MESSAGES)))
        return MemoryKept(memory_s=memory_s, ended=ended, forgotten=gone)

    return (
        Look(name="log content", see=content, rules={"accesslog-complete": check_kept.log_content}),
        Look(name="log span", see=span, rules={"accesslog-retention": check_kept.log_retention}),
        Look(name="bodies", see=bodies, rules={"payload-retention": check_kept.bodies}),
        Look(name="memories", see=memory, rules={"message-id-retention": check_kept.message_memory}),
    )


def seen_span(store: Path, years: int, at: datetime) -> LogSpan:
    """From when on the log is there, in the store and in its files."""
    folder = log_sources.folder_of(store)
    (first, began_at), missing = _read(store, lambda it: (kept.began(it), kept.missing_files(it, folder)))
    return LogSpan(at=at, years=years, first=first, began_at=began_at, missing=missing)


def _read(store: Path, look: Callable[[Any], Any]) -> Any:
    with open_readonly(store) as connection:
        return look(connection)
