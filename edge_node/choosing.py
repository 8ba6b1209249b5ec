"""What the settings choose, as each part of the daemon is told it.

Knows: which setting goes to which part, and which of them only a restart takes up.
Must not know: the parts themselves, when they are built.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from edge_node.errors import EdgeNodeError, SettingsInvalid
from edge_node.flow.breaker import BreakerPolicy
from edge_node.flow.destinations import DestinationPolicy
from edge_node.flow.retry import RetryPolicy
from edge_node.formats import error_codes, interactions
from edge_node.line import Choices
from edge_node.model.interaction import Catalogue
from edge_node.policy import check_catalogue
from edge_node.policy.acknowledgement import CodeClass
from edge_node.settings.checks import idle_actions, unknown_checks
from edge_node.settings.load import Loaded, load_with_places
from edge_node.settings.schema import Settings, StoreSettings
from edge_node.settings.site import catalogue, site, unknown_interactions
from edge_node.settings.tree import Steps
from edge_node.settings.values import CREDENTIAL, file_path
from edge_node.store.recovery import RecoveryPublic
from edge_node.store.surroundings import LogPlan, Retention, SealingKeys

#: Of the settings of the store, those that a reload takes up.
_STORE_AT_ONCE: Final = (
    "backup",
    "recovery_keys",
    "retry",
    "destination_breaker",
    "out_concurrency",
    "in_concurrency",
    "bulk_per_s",
    "lifetimes_s",
    "disk_reserve_bytes",
)


def read_settings(paths: Sequence[Path]) -> Loaded:
    """Return the settings, held against the tables of interactions and checks too. Raises `SettingsInvalid`."""
    loaded = load_with_places(paths)
    if complaints := unknown_names(loaded.settings):
        raise SettingsInvalid(loaded.told(complaints))
    return loaded


def unknown_names(settings: Settings) -> tuple[tuple[Steps, str], ...]:
    """Return complaints on names of interactions and checks that are in no table, and on actions that do nothing."""
    chosen, known = settings.checks.actions, check_catalogue.load()
    checks = (*unknown_checks(chosen, known), *idle_actions(chosen, known))
    return (*unknown_interactions(settings, interactions.load()), *checks)


def choices(settings: Settings, table: Catalogue) -> Choices:
    """Return what the settings choose for the line."""
    breaker, keeping = settings.switchboard.link_breaker, settings.store
    return Choices(
        site=site(settings),
        catalogue=catalogue(settings, table),
        breaker=BreakerPolicy(
            failures=breaker.failures, probe_s=breaker.probe_s, probe_connect_s=breaker.urgent_connect_s
        ),
        retry=RetryPolicy(
            first_s=keeping.retry.first_pause_s,
            cap_s=keeping.retry.longest_pause_s,
            spread_s=keeping.retry.spread_s,
        ),
        destination=DestinationPolicy(
            failures=keeping.destination_breaker.failures,
            probe_s=keeping.destination_breaker.probe_s,
            longest_probe_s=keeping.destination_breaker.longest_probe_s,
        ),
        out_concurrency=keeping.out_concurrency,
        in_concurrency=keeping.in_concurrency,
        max_at_once_bytes=settings.local.max_inflight_bytes,
    )


def retention(settings: Settings) -> Retention:
    """Return how long the store keeps what has ended."""
    keeping = settings.store
    return Retention(
        delivered_body_s=keeping.body_retention_s,
        dead_letter_s=keeping.dead_retention_s,
        memory_s=keeping.memory_retention_s,
        row_s=keeping.metadata_retention_s,
        day_key_s=keeping.day_key_retention_s,
        copy_s=keeping.copy_retention_s,
    )


def log_plan(settings: Settings) -> LogPlan:
    """Return how the access log is kept."""
    chosen = settings.journal
    return LogPlan(
        node=settings.node.id,
        segment_records=chosen.segment_records,
        segment_s=chosen.segment_days * 86_400.0,
        head_records=chosen.head_records,
        retention_s=chosen.retention_years * 366 * 86_400.0,
    )


def sealing_keys(settings: Settings, recovery: tuple[RecoveryPublic, ...], credentials: Path | None) -> SealingKeys:
    """Return where the key of the store is, and which others open what it seals. Raises `EN-SEALING-KEY`."""
    chosen = settings.store.sealing_key
    try:
        path = None if chosen is None else file_path(chosen, credentials)
    except FileNotFoundError as error:
        raise EdgeNodeError(str(error), code="EN-SEALING-KEY") from error
    is_credential = chosen is not None and chosen.startswith(CREDENTIAL)
    return SealingKeys(path=path, is_credential=is_credential, recovery=recovery)


def telling_retry(settings: Settings) -> RetryPolicy:
    """Return how long a way of telling rests after it failed."""
    retry = settings.alerts.retry
    return RetryPolicy(first_s=retry.first_pause_s, cap_s=retry.longest_pause_s)


def code_class(row: error_codes.ErrorCode) -> CodeClass:
    """Return what an error code means for a kept message."""
    return CodeClass.TOKEN if row.about_token else CodeClass(row.klass)


def lent_keys(settings: Settings) -> list[str]:
    """The keys that systemd lends: a reload reads the ones of the start again."""
    named = [(f"identities.{one.name}.key", one.key) for one in settings.identities]
    listeners = enumerate(settings.local.listeners)
    named += [(f"local.listeners.{i}.tls.key", it.tls.key) for i, it in listeners if it.tls is not None]
    return [name for name, reference in named if reference.startswith(CREDENTIAL)]


def _as_now(old: Settings, new: Settings) -> StoreSettings:
    """The new settings of the store, but for those that are taken up at once."""
    return new.store.model_copy(update={name: getattr(old.store, name) for name in _STORE_AT_ONCE})


def needs_restart(old: Settings, new: Settings) -> list[str]:
    """Which differences from the settings of the start only a restart takes up."""
    parts = {
        "node": (old.node, new.node),
        "local.listeners": (old.local.listeners, new.local.listeners),
        "local.limits": (old.local.limits, new.local.limits),
        "local.max_body_bytes": (old.local.max_body_bytes, new.local.max_body_bytes),
        "local.max_inflight_bytes": (old.local.max_inflight_bytes, new.local.max_inflight_bytes),
        "switchboard.listen": (old.switchboard.listen, new.switchboard.listen),
        "switchboard.tls_profile": (old.switchboard.tls_profile, new.switchboard.tls_profile),
        "store": (old.store, _as_now(old, new)),
        "management": (old.management, new.management),
    }
    return [name for name, (before, after) in parts.items() if before != after]
