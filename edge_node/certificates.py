"""Every certificate, key and anchor that the settings name, read once, with each fault at the key that names it.

Knows: which setting names which file, and as what that file is read.
Must not know: what makes a certificate good, or what it is used for.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from cryptography import x509

from edge_node.errors import SettingsInvalid
from edge_node.settings.schema import Settings
from edge_node.settings.telling import files_to_tell
from edge_node.settings.tree import Steps
from edge_node.settings.values import not_found
from edge_node.wire.trust_identity import (
    IdentityFiles,
    OwnIdentity,
    check_certificate,
    load_anchors,
    load_identity,
    out_of_date,
)
from edge_node.wire.trust_judge import Purpose

#: Where a reference points; None where its reader has been told already. Raises `OSError` where nothing is there.
PathOf = Callable[[str], Path | None]


@dataclass(slots=True, kw_only=True)
class Certificates:
    """What could be read, by the steps to the key it is for, and what is `wrong` with the rest."""

    path_of: PathOf
    now: datetime
    own: dict[Steps, OwnIdentity] = field(default_factory=dict)  # of an identity, or of a listener's `tls`
    anchors: dict[Steps, tuple[x509.Certificate, ...]] = field(default_factory=dict)
    wrong: list[tuple[Steps, str]] = field(default_factory=list)
    out_of_date: dict[str, tuple[Steps, str]] = field(default_factory=dict)  # good but for the dates; by fingerprint

    def take_own(self, steps: Steps, pair: tuple[str, str], named: IdentityFiles) -> None:
        """Read a certificate and its key."""
        certificate = self._path((*steps, "certificate"), pair[0])
        key = self._path((*steps, "key"), pair[1])
        if certificate is None:
            return
        if key is None:  # a certificate can be wrong though its key cannot be seen from here
            found = check_certificate(replace(named, certificate=certificate))
            self.wrong += [((*steps, "certificate"), complaint) for complaint in found]
            return
        try:
            own = self.own[steps] = load_identity(replace(named, certificate=certificate, key=key))
        except SettingsInvalid as error:
            for complaint in error.complaints:
                where = "key" if complaint.startswith(f"{key}:") else "certificate"
                self.wrong.append(((*steps, where), complaint))
            return
        if (reason := out_of_date(own.certificate, self.now)) is not None:
            self.out_of_date[own.certificate.fingerprint] = (*steps, "certificate"), f"{certificate}: {reason}"

    def take_anchors(self, steps: Steps, reference: str) -> None:
        """Read trust anchors."""
        path = self._path(steps, reference)
        if path is None:
            return
        try:
            self.anchors[steps] = load_anchors(path)
        except SettingsInvalid as error:
            self.wrong += [(steps, complaint) for complaint in error.complaints]

    def _path(self, steps: Steps, reference: str) -> Path | None:
        try:
            return self.path_of(reference)
        except OSError as error:
            self.wrong.append((steps, not_found(error)))
            return None


def read_certificates(settings: Settings, path_of: PathOf, now: datetime) -> Certificates:
    """Read everything, whatever is wrong with some of it."""
    certificates = Certificates(path_of=path_of, now=now)
    for i, identity in enumerate(settings.identities):
        named = IdentityFiles(
            name=identity.name, certificate=Path(), key=Path(), fqdn=identity.fqdn, ura=identity.ura
        )
        certificates.take_own(("identities", i), (identity.certificate, identity.key), named)
    for i, listener in enumerate(settings.local.listeners):
        if listener.tls is not None:
            named = IdentityFiles(
                name=f"local {i}", certificate=Path(), key=Path(), fqdn=None, ura=None, purposes=(Purpose.SERVER,)
            )
            pair = listener.tls.certificate, listener.tls.key
            certificates.take_own(("local", "listeners", i, "tls"), pair, named)
    for steps, reference in _anchors(settings):
        certificates.take_anchors(steps, reference)
    return certificates


def _anchors(settings: Settings) -> Iterator[tuple[Steps, str]]:
    for i, identity in enumerate(settings.identities):
        for j, application in enumerate(identity.applications):
            for anchors in ("soap_anchors", "fhir_anchors"):
                reference = getattr(application, anchors)
                if reference is not None:
                    yield ("identities", i, "applications", j, anchors), reference
    for named in files_to_tell(settings):
        if not named.is_secret:
            yield named.steps, named.reference
    for i, listener in enumerate(settings.local.listeners):
        if listener.tls is not None and listener.tls.client_anchors is not None:
            yield ("local", "listeners", i, "tls", "client_anchors"), listener.tls.client_anchors
    for i, peer in enumerate(settings.switchboard.peers):
        yield ("switchboard", "peers", i, "anchors"), peer.anchors
