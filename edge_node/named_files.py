"""Which files the settings name: certificates with their keys, and anchors; and what each certificate must say.

Knows: the keys of the settings that name them, where what was installed lies.
Must not know: whether they are there, what is in them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from edge_node.model.hierarchies import Realm
from edge_node.realms import realm_of
from edge_node.settings.identities import IdentitySettings, TokenSigningSettings
from edge_node.settings.local import ListenerTls
from edge_node.settings.schema import Settings
from edge_node.settings.telling import files_to_tell
from edge_node.settings.tree import Steps
from edge_node.wire.trust_identity import IdentityFiles
from edge_node.wire.trust_installed import Installed, folder_of
from edge_node.wire.trust_judge import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A certificate with its key, as the settings name them."""

    certificate: str
    key: str
    key_passphrase: str | None

    @classmethod
    def of(cls, section: IdentitySettings | ListenerTls | TokenSigningSettings) -> "Named":
        """Take them from where they are named."""
        return cls(certificate=section.certificate, key=section.key, key_passphrase=section.key_passphrase)


def files_of(identity: IdentitySettings, realm: Realm) -> IdentityFiles:
    """What the certificate of an organisation must say, wherever it lies."""
    return IdentityFiles(
        name=identity.name,
        certificate=Path(),
        key=identity.key,
        passphrase=identity.key_passphrase,
        fqdn=identity.fqdn,
        ura=identity.ura,
        realm=realm,
    )


def files_that_sign(identity: IdentitySettings, realm: Realm) -> IdentityFiles:
    """What the certificate must say that signs tokens in the name of an organisation, wherever it lies."""
    return IdentityFiles(
        name=identity.name,
        certificate=Path(),
        key=Path(),
        fqdn=None,  # it is shown to nobody in a handshake
        ura=identity.ura,
        purposes=(),
        realm=realm,
    )


def files_of_listener(i: int) -> IdentityFiles:
    """What the certificate of a local listener must say, wherever it lies."""
    return IdentityFiles(
        name=f"local {i}", certificate=Path(), key=Path(), fqdn=None, ura=None, purposes=(Purpose.SERVER,)
    )


def installed_files(one: Installed, identity: IdentitySettings, settings: Settings) -> IdentityFiles:
    """Where what was installed for an organisation lies, and what it must say."""
    folder = folder_of(settings.node.state_dir, identity.name)
    return files_of_installed(one, folder, files_of(identity, realm_of(settings)))


def files_of_installed(one: Installed, folder: Path, named: IdentityFiles) -> IdentityFiles:
    """The same, in its folder."""
    # The key of the settings has the passphrase that they name beside it; one that is sealed here has none.
    passphrase = named.passphrase if one.key == str(named.key) else None
    return replace(named, certificate=folder / one.certificate, key=one.key, passphrase=passphrase)


def anchors_of(settings: Settings) -> Iterator[tuple[Steps, str]]:
    """Every list of anchors, with the steps to the key that names it."""
    yield from _anchors_of_local_systems(settings)
    for named in files_to_tell(settings):
        if not named.is_secret:
            yield named.steps, named.reference
    for i, listener in enumerate(settings.local.listeners):
        if listener.tls is not None and listener.tls.client_anchors is not None:
            yield ("local", "listeners", i, "tls", "client_anchors"), listener.tls.client_anchors
    for i, peer in enumerate(settings.switchboard.peers):
        yield ("switchboard", "peers", i, "anchors"), peer.anchors
    if settings.tokens.anchors is not None:
        yield ("tokens", "anchors"), settings.tokens.anchors


def _anchors_of_local_systems(settings: Settings) -> Iterator[tuple[Steps, str]]:
    for i, identity in enumerate(settings.identities):
        for j, application in enumerate(identity.applications):
            for anchors in ("soap_anchors", "fhir_anchors"):
                reference = getattr(application, anchors)
                if reference is not None:
                    yield ("identities", i, "applications", j, anchors), reference
