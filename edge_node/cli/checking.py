"""Everything that can be found wrong before the daemon starts, gathered.

Knows: who looks at what: settings, files, certificates, the table of interactions.
Must not know: what makes any of them wrong.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge_node.certificates import Beyond, PathOf, read_certificates
from edge_node.choosing import unknown_names
from edge_node.cli.checking_lists import lists_that_never_come, no_lists, wrong_lists
from edge_node.cli.checking_names import hints_on_names
from edge_node.cli.show import duration, of_interaction
from edge_node.errors import EdgeNodeError, SettingsInvalid, StoreUnavailable
from edge_node.formats import interactions
from edge_node.probes.disk import free_bytes
from edge_node.sealed_keys import opener
from edge_node.settings.check import Broken, Machine, check
from edge_node.settings.load import load_with_places
from edge_node.settings.schema import Settings
from edge_node.settings.site import deviations, retired_interactions
from edge_node.settings.token_rules import hints_on_signing
from edge_node.settings.values import file_path
from edge_node.status.document import of_deviations
from edge_node.status.snapshot import BACKUP_OLD_TIMES
from edge_node.store.master import FILE as MASTER


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a check found."""

    complaints: tuple[str, ...]
    not_seen: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()  # not wrong, yet perhaps not what was meant
    settings_hash: str | None = None
    interactions: tuple[dict[str, Any], ...] = ()  # otherwise at this site than in the table

    def document(self) -> dict[str, Any]:
        """It as JSON."""
        return {
            "ok": not self.complaints,
            "complaints": list(self.complaints),
            "not_seen": list(self.not_seen),
            "hints": list(self.hints),
            "interactions": list(self.interactions),
            "settings_hash": self.settings_hash,
        }

    def lines(self) -> Iterator[str]:
        """It for people."""
        yield from self.complaints
        yield from (f"not checked: {each}" for each in self.not_seen)
        yield from (f"hint: {each}" for each in self.hints)
        yield from map(of_interaction, self.interactions)
        if not self.complaints:
            yield f"The settings are good (hash {(self.settings_hash or '')[:12]})."


def look(config: Sequence[Path]) -> Found:
    """Look at everything; a fault in the settings themselves leaves the rest unseen."""
    try:
        loaded = load_with_places(config)
    except SettingsInvalid as error:
        return Found(complaints=error.complaints)
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    directory = Path(credentials) if credentials else None
    machine = Machine(
        credentials=directory, uid=os.getuid(), free_bytes=free_bytes, opens_sealed=lambda it: _opens(it, directory)
    )
    beyond = _Beyond(directory)
    seen = check(loaded, machine, beyond)
    return Found(
        complaints=seen.complaints,
        not_seen=seen.not_seen,
        hints=loaded.told([*_hints(loaded.settings), *beyond.hints]),
        settings_hash=loaded.settings.hash,
        interactions=tuple(of_deviations(deviations(loaded.settings, interactions.load()))),
    )


def _hints(settings: Settings) -> Iterator[Broken]:
    yield from retired_interactions(settings, interactions.load())
    yield from _backups(settings)
    yield from hints_on_signing(settings)
    if settings.tokens.anchors is None:
        yield ("tokens",), "has no anchors: signatures of tokens are not judged at this test site"


def _backups(settings: Settings) -> Iterator[Broken]:
    """What would be missed on the day the machine is gone."""
    chosen = settings.store
    if not chosen.recovery_keys:
        yield ("store",), "has no recovery_keys: when this machine is gone, so is all it kept; no backup can be made"
    elif chosen.backup.folder is None:
        yield ("store",), "has no backup.folder: no backups are made by themselves"
    else:
        yield from _last_backup(settings)


def _last_backup(settings: Settings) -> Iterator[Broken]:
    from edge_node.store import remembered
    from edge_node.store.database import open_readonly

    if not settings.store_path.exists() or not os.access(settings.store_path, os.R_OK):
        return
    with suppress(EdgeNodeError, sqlite3.Error), open_readonly(settings.store_path) as connection:
        known = remembered.safety(connection)
        if known.failure:
            yield ("store", "backup"), f"the last backup failed: {known.failure}"
        age_s = None if known.good_at is None else (datetime.now(UTC) - known.good_at).total_seconds()
        if age_s is None or age_s > BACKUP_OLD_TIMES * settings.store.backup.every_s:
            when = "there is none yet" if age_s is None else f"the last one is {duration(age_s)} old"
            yield ("store", "backup"), f"no good backup of late: {when}"
        if known.drilled_at is None:
            yield ("store", "backup"), "no restore was ever proven: edge-node restore --drill"


class _Beyond:
    """What is in the files and what follows from it; what is not wrong is left in `hints`."""

    def __init__(self, credentials: Path | None) -> None:
        self._credentials = credentials
        self.hints: list[Broken] = []

    def __call__(self, settings: Settings, path_of: PathOf) -> Iterator[Broken]:
        """Give all that is wrong."""
        yield from _floor(settings)
        yield from unknown_names(settings)
        opens = _opens(settings, self._credentials)
        beyond = Beyond(open_sealed=opener(settings, self._credentials) if opens else None)
        at = datetime.now(UTC)
        read = read_certificates(settings, path_of, at, beyond)
        yield from (*read.wrong, *read.out_of_date.values())
        yield from wrong_lists(settings, read, at)
        yield from _store(settings, path_of)
        # What is wrong with one that another serves for stops no start.
        self.hints += [(("identities",), fault) for fault in read.faults]
        self.hints += [*lists_that_never_come(settings, read, at), *hints_on_names(settings, read)]
        self.hints += no_lists(settings, read, at)


def _opens(settings: Settings, credentials: Path | None) -> bool:
    """Tell whether the key of the store can be read from here, and so the keys sealed with it."""
    chosen = settings.store.sealing_key
    try:
        path = settings.store_path.with_name(MASTER) if chosen is None else file_path(chosen, credentials)
    except OSError:
        return False
    return path.is_file() and os.access(path, os.R_OK)


def _floor(settings: Settings) -> Iterator[Broken]:
    from edge_node.wire.trust_floor import Profile
    from edge_node.wire.trust_proof import prove

    try:
        prove(Profile(settings.switchboard.tls_profile))
    except EdgeNodeError as error:
        yield ("switchboard", "tls_profile"), f"{error.code}: {error.detail}"


def _store(settings: Settings, path_of: PathOf) -> Iterator[Broken]:
    """What a start would be refused for: the store is gone, or its keys are not its own."""
    from edge_node.store import presence

    try:
        presence.check(settings.store_path)
        with suppress(OSError, sqlite3.Error):
            yield from _keys_of_the_store(settings, path_of)
    except EdgeNodeError as error:
        if error.code != StoreUnavailable.code:  # else this user, or this machine, cannot look at it
            yield ("store",), f"{error.code}: {error.detail}"


def _keys_of_the_store(settings: Settings, path_of: PathOf) -> Iterator[Broken]:
    from edge_node.store import fitting, keys, master
    from edge_node.store.database import open_readonly

    store, chosen = settings.store_path, settings.store.sealing_key
    sealing = store.with_name(master.FILE) if chosen is None else path_of(chosen)
    if sealing is None or not store.exists() or not os.access(store, os.R_OK):
        return
    with open_readonly(store) as connection:
        for looked in fitting.check(connection, sealing, store.with_name(keys.FILE)):
            yield from ((("store",), case) for case in looked.cases if looked.broken)
