"""Everything that can be found wrong before the daemon starts, gathered.

Knows: who looks at what: settings, files, certificates, the table of interactions.
Must not know: what makes any of them wrong.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge_node.errors import SettingsInvalid
from edge_node.formats import interactions
from edge_node.probes.disk import free_bytes
from edge_node.settings.check import Broken, Machine, check
from edge_node.settings.load import load_with_places
from edge_node.settings.schema import Settings
from edge_node.settings.site import unknown_interactions
from edge_node.wire.trust_identity import IdentityFiles, load_anchors, load_identity
from edge_node.wire.trust_judge import Purpose

PathOf = Callable[[str], Path | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a check found."""

    complaints: tuple[str, ...]
    not_seen: tuple[str, ...] = ()
    settings_hash: str | None = None

    def document(self) -> dict[str, Any]:
        """It as JSON."""
        return {
            "ok": not self.complaints,
            "complaints": list(self.complaints),
            "not_seen": list(self.not_seen),
            "settings_hash": self.settings_hash,
        }

    def lines(self) -> Iterator[str]:
        """It for people."""
        yield from self.complaints
        yield from (f"not checked: {each}" for each in self.not_seen)
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
    machine = Machine(credentials=directory, uid=os.getuid(), free_bytes=free_bytes)
    seen = check(loaded, machine, _beyond_files)
    return Found(complaints=seen.complaints, not_seen=seen.not_seen, settings_hash=loaded.settings.hash)


def _beyond_files(settings: Settings, path_of: PathOf) -> Iterator[Broken]:
    yield from unknown_interactions(settings, interactions.load())
    yield from certificates(settings, path_of, datetime.now(UTC))


def certificates(settings: Settings, path_of: PathOf, now: datetime) -> Iterator[Broken]:
    """Read every certificate, key and anchor as the listeners will."""
    for i, identity in enumerate(settings.identities):
        pair = path_of(identity.certificate), path_of(identity.key)
        named = IdentityFiles(
            name=identity.name, certificate=Path(), key=Path(), fqdn=identity.fqdn, ura=identity.ura
        )
        yield from _pair(("identities", i), pair, named, now)
        for j, application in enumerate(identity.applications):
            steps = ("identities", i, "applications", j, "soap_anchors")
            yield from _anchors(steps, application.soap_anchors, path_of)
    for i, peer in enumerate(settings.switchboard.peers):
        yield from _anchors(("switchboard", "peers", i, "anchors"), peer.anchors, path_of)
    yield from _listeners(settings, path_of, now)


def _listeners(settings: Settings, path_of: PathOf, now: datetime) -> Iterator[Broken]:
    for i, listener in enumerate(settings.local.listeners):
        if listener.tls is None:
            continue
        steps = ("local", "listeners", i, "tls")
        pair = path_of(listener.tls.certificate), path_of(listener.tls.key)
        named = IdentityFiles(
            name=f"local {i}", certificate=Path(), key=Path(), fqdn=None, ura=None, purposes=(Purpose.SERVER,)
        )
        yield from _pair(steps, pair, named, now)
        yield from _anchors((*steps, "client_anchors"), listener.tls.client_anchors, path_of)


def _pair(
    steps: tuple[str | int, ...], pair: tuple[Path | None, Path | None], named: IdentityFiles, now: datetime
) -> Iterator[Broken]:
    certificate, key = pair
    if certificate is None or key is None:
        return  # said already, or only the service can see it
    files = replace(named, certificate=certificate, key=key)
    try:
        load_identity(files, now=now)
    except SettingsInvalid as error:
        for complaint in error.complaints:
            where = "key" if complaint.startswith(f"{key}:") else "certificate"
            yield (*steps, where), complaint


def _anchors(steps: tuple[str | int, ...], reference: str | None, path_of: PathOf) -> Iterator[Broken]:
    path = path_of(reference) if reference is not None else None
    if path is None:
        return
    try:
        load_anchors(path)
    except SettingsInvalid as error:
        yield from ((steps, complaint) for complaint in error.complaints)
