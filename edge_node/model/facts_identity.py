"""What is seen of the certificates and keys of this site, of what it trusts, and of revocation.

Knows: the fields that the checks of topic B ask about.
Must not know: how a certificate is read, where a key lies on the disk.
"""

from dataclasses import dataclass
from datetime import datetime

from edge_node.model.peer import PeerCertificate
from edge_node.model.revocation import RevocationFact


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCertificate:
    """The certificate that one organisation shows, and what the settings want it to say."""

    identity: str
    fqdn: str
    ura: str
    certificate: PeerCertificate
    authorities: tuple[tuple[str, datetime], ...]  # CAs above it, with their ends
    broken_link: str = ""  # which certificate of the chain was not issued by the next
    is_rooted: bool = True  # the chain ends under an anchor that is known here
    generation: str = ""
    key_place: str = "path"  # path, sealed, credential
    has_passphrase: bool = False
    key_id: str = ""  # digest of the public key
    revocation: str = "unknown"  # good, revoked, unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """The certificates of all organisations of the site."""

    at: datetime
    own: tuple[OwnCertificate, ...]
    others: tuple[tuple[str, str], ...] = ()  # use of another certificate of ours, and the digest of its key


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentFacts:
    """What says of which environment this site is."""

    environment: str
    foreign: tuple[tuple[str, str], ...]  # where, and which CA there is of the other environment
    zim: str  # the application id of the switchboard in the settings
    processing_codes: frozenset[str]
    generations: frozenset[str]  # of the anchors of the switchboard side


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationSeen:
    """Lists and sources of revocation at a moment."""

    at: datetime
    known: RevocationFact


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFile:
    """One file with a private key, as it lies on the disk."""

    name: str  # as the settings call it
    mode: int
    owner: int
    is_in_backup: bool = False  # the same key lies in the folder of the backups


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFileFacts:
    """The files with keys."""

    files: tuple[KeyFile, ...]
    has_backup_folder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFacts:
    """The settings in force, and those on the disk, by their hash."""

    in_force: str
    on_disk: str  # empty: they cannot be used
    complaints: tuple[str, ...] = ()  # on those on the disk
