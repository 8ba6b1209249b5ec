"""Everything an operator may choose: the whole of the settings.

Knows: the top-level keys and those sections that are a few lines long.
Must not know: YAML, files, layers, or what the node does with a choice.
"""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Le, MinLen

from edge_node.settings.alerts import AlertSettings
from edge_node.settings.backup import BackupSettings
from edge_node.settings.checks import CheckSettings
from edge_node.settings.identities import IdentitySettings
from edge_node.settings.journal import JournalSettings
from edge_node.settings.local import LocalSettings
from edge_node.settings.network import NetworkSettings
from edge_node.settings.revocation import RevocationSettings
from edge_node.settings.switchboard import SwitchboardSettings
from edge_node.settings.tokens import TokenSettings
from edge_node.settings.values import (
    AbsolutePath,
    Bytes,
    Count,
    FileReference,
    InteractionIdText,
    IpAddress,
    ListenPort,
    Name,
    OidText,
    Seconds,
    Section,
    Text,
    setting,
)

DAY_S = 86400
LATER = "a later release"


class NodeSettings(Section):
    """The machine itself."""

    id: Name = setting("Name of this node in logs, metrics and reports.")
    environment: Literal["test", "production"] = setting("Test and production never mix.")
    message_id_root: OidText = setting("Own OID under which the node gives ids to its own messages.")
    state_dir: AbsolutePath = setting("Folder for all the node keeps.", Path("/var/lib/edge-node"))
    log_level: Literal["debug", "info", "warning", "error"] = setting("Least level that is logged.", "info")
    drain_s: Seconds = setting("Seconds to finish what is in hand when stopping.", 30.0)
    clock_step_s: Seconds = setting(
        "A jump of the clock by more seconds must be confirmed, by the kernel or by the time of the switchboard; "
        "until then nothing expires and no retention acts.",
        60.0,
    )
    clock_tolerance_s: Seconds = setting(
        "Seconds between the clock and the time of the switchboard, beyond which nothing expires or is removed.",
        60.0,
    )


class RetrySettings(Section):
    """Pauses between two tries of a kept message: doubled each time, with full jitter."""

    first_pause_s: Seconds = setting("Longest first pause, in seconds.", 2.0)
    longest_pause_s: Seconds = setting("Longest pause of all, in seconds.", 300.0)
    spread_s: Seconds = setting(
        "Seconds within which this node begins again after a repair; each node draws a moment of its own.", 5.0
    )


class DestinationBreaker(Section):
    """When a receiver counts as down, so that of what waits for it only one message at a time is tried."""

    failures: Count = setting("Answers in a row that say that it cannot be reached (RTEDEST, SYNGBX).", 5)
    probe_s: Seconds = setting("Seconds until the first try; each next one comes later.", 30.0)
    longest_probe_s: Seconds = setting("Longest time between two tries, in seconds.", 300.0)


class StoreSettings(Section):
    """What is kept, for how long, and how it is sent."""

    path: AbsolutePath | None = setting("The database file; null: store.db in node.state_dir.", None)
    body_retention_s: Seconds = setting("Seconds a body stays after delivery.", float(DAY_S))
    metadata_retention_s: Seconds = setting(
        "Seconds for which can be seen what became of a message that has ended: who, when, outcome.", 90.0 * DAY_S
    )
    dead_retention_s: Seconds = setting("Seconds a dead letter stays.", 30.0 * DAY_S)
    memory_retention_s: Seconds = setting(
        "Seconds a message id is remembered after the end of its life, to recognise copies.", 30.0 * DAY_S
    )
    retry: RetrySettings = setting("Pauses between two tries.", RetrySettings())
    destination_breaker: DestinationBreaker = setting("When a receiver counts as down.", DestinationBreaker())
    lifetimes_s: dict[InteractionIdText, Seconds] = setting(
        "Seconds for which a kept push is tried, by interaction, where it differs from the table.", {}
    )
    out_concurrency: Count = setting("Kept messages on their way to the switchboard at once.", 8)
    in_concurrency: Count = setting("Kept messages on their way to local systems at once.", 4)
    bulk_per_s: Annotated[float, Ge(0.1), Le(1000)] = setting("Bulk messages a second at most.", 5.0)
    disk_reserve_bytes: Bytes = setting(
        "Free disk space below which pushes are refused, in bytes.", 512 * 1024 * 1024
    )
    sealing_key: FileReference | None = setting(
        "The key that opens what the store holds: 32 bytes; null: sealing.key beside the store, made at the first "
        "start.",
        None,
    )
    day_key_retention_s: Annotated[float, Ge(DAY_S), Le(366 * DAY_S)] = setting(
        "Seconds after which the key of a day is destroyed; what is still there is sealed under a new one first.",
        30.0 * DAY_S,
    )
    copy_retention_s: Seconds = setting(
        "Seconds a copy of the store from before an upgrade stays, once all in the store is sealed.", 7.0 * DAY_S
    )
    recovery_keys: tuple[AbsolutePath, ...] = setting(
        "Files with the public halves of recovery keys, made with edge-node recovery-key make: whoever has one of "
        "the other halves can open backups, also when this machine is gone.",
        (),
    )
    backup: BackupSettings = setting("Backups, sealed to the recovery keys.", BackupSettings())
    journal_reserve_records: Annotated[int, Ge(100), Le(1_000_000)] = setting(
        "Lines of the access log for which space is set apart, to be used when the disk is full.", 10_000
    )


class ConsentSettings(Section):
    """Where consent is held."""

    source: Literal["local_system"] = setting(
        "Who holds the patients' consent. This release knows local_system: the node blocks nothing.", "local_system"
    )


class ManagementSettings(Section):
    """Health, metrics and the control socket; nothing here is reachable from another machine."""

    host: IpAddress = setting("Address to listen on; loopback only.", "127.0.0.1")
    port: ListenPort = setting("TCP port; 0 lets the system choose one.", 9380)
    control_socket: AbsolutePath = setting("Unix socket of the commands.", Path("/run/edge-node/control.sock"))
    control_group: Text | None = setting("Group that may use that socket; null: the node's own.", None)


class FleetSettings(Section):
    """Steering by a network provider."""

    ring: Name | None = setting("Ring in which this node gets new releases.", None, since=LATER)


class Settings(Section):
    """The whole of the settings of one node."""

    version: Literal[1] = setting("Version of the form of these settings: 1.", origin="design of this product")
    node: NodeSettings = setting("The machine itself.")
    identities: Annotated[tuple[IdentitySettings, ...], MinLen(1)] = setting("The organisations of this site.")
    local: LocalSettings = setting("The local side.")
    switchboard: SwitchboardSettings = setting("The switchboard side.")
    network: NetworkSettings = setting("The network that the switchboard is reached over.", NetworkSettings())
    tokens: TokenSettings = setting("The tokens that people sign messages with.", TokenSettings())
    revocation: RevocationSettings = setting("Revocation of certificates.", RevocationSettings())
    store: StoreSettings = setting("What is kept and how it is sent.", StoreSettings())
    checks: CheckSettings = setting("The checks on messages and on the system.", CheckSettings())
    consent: ConsentSettings = setting("Where consent is held.", ConsentSettings())
    journal: JournalSettings = setting("The access log.", JournalSettings())
    alerts: AlertSettings = setting("Whom the node tells what needs a person.", AlertSettings())
    management: ManagementSettings = setting("Health, metrics and commands.", ManagementSettings())
    fleet: FleetSettings = setting("Steering by a network provider.", FleetSettings())

    @property
    def store_path(self) -> Path:
        """The database file."""
        return self.store.path or self.node.state_dir / "store.db"

    @property
    def hash(self) -> str:
        """SHA-256 over the effective choices, whatever the order, layers and comments they were written with."""
        effective = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(effective.encode()).hexdigest()
