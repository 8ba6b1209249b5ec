"""What on this machine does not fit the settings: files, permissions, folders, users. Changes nothing.

Knows: which settings name a file or a folder, and who may read and write it.
Must not know: what makes a certificate good (that judgement is handed in), or how the daemon runs.
"""

import grp
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from edge_node.settings.credentials import gather
from edge_node.settings.identities import IdentitySettings, TokenSigningSettings
from edge_node.settings.load import Loaded
from edge_node.settings.local import ListenerTls
from edge_node.settings.schema import Settings
from edge_node.settings.telling import files_to_tell, gather_telling
from edge_node.settings.tree import Steps
from edge_node.settings.values import CREDENTIAL, SEALED, file_path, not_found

Broken = tuple[Steps, str]
#: Judges certificates and keys: gets the settings and where a reference points (None: nothing there to read, which
#: has been told), yields what is wrong.
Certificates = Callable[[Settings, Callable[[str], Path | None]], Iterable[Broken]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check saw. `not_seen` could not be looked at from here, which is neither good nor wrong."""

    complaints: tuple[str, ...]
    not_seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a check needs to know of where it runs."""

    credentials: Path | None  # $CREDENTIALS_DIRECTORY
    uid: int
    free_bytes: Callable[[Path], int | None] = lambda _: None  # of the disk a folder is on
    opens_sealed: Callable[[Settings], bool] = lambda _: False  # whether the key of the store can be read from here


@dataclass(frozen=True, slots=True)
class _File:
    steps: Steps
    reference: str
    is_secret: bool


def check(loaded: Loaded, machine: Machine, certificates: Certificates) -> Checked:
    """Look at everything the settings name on this machine."""
    settings = loaded.settings
    unseen = [file for file in _files(settings) if not _is_seen(file.reference, machine)]
    skipped = {file.steps for file in unseen}
    wrong = [*_file_complaints(settings, machine, skipped), *_folders(settings, machine), *_group(settings)]
    wrong += _disk(settings, machine)
    told = {steps for steps, _ in wrong}.union(file.steps for file in unseen if not _is_sealed(file))
    # Hashes made here are thrown away, so their salt may be zeros.
    content = [*gather(settings, machine.credentials, bytes)[1]]
    content += gather_telling(settings, machine.credentials)[1]
    content += certificates(settings, lambda reference: _there(reference, machine))
    # What is wrong inside a file that cannot be used anyway follows from that.
    wrong += [item for item in content if item[0] not in told]
    notes = (
        loaded.at(file.steps, "cannot be seen from here: only the service gets its credentials and sealed keys")
        for file in unseen
        if not (_is_sealed(file) and machine.opens_sealed(settings))  # then it was judged
    )
    # Root may read what the service may not, so as root these questions have no answer.
    as_root = ("root may read and write everything; run this as the user of the service to see what that one may",)
    return Checked(
        complaints=loaded.told(wrong),
        not_seen=(*notes, *(loaded.at(("node",), note) for note in as_root if machine.uid == 0)),
    )


def _is_seen(reference: str, machine: Machine) -> bool:
    return not reference.startswith(SEALED if machine.credentials is not None else (SEALED, CREDENTIAL))


def _is_sealed(file: _File) -> bool:
    return file.reference.startswith(SEALED)


def _there(reference: str, machine: Machine) -> Path | None:
    if not _is_seen(reference, machine):
        return None
    path = file_path(reference, machine.credentials)
    return path if path.is_file() and os.access(path, os.R_OK) else None


def _files(settings: Settings) -> Iterator[_File]:
    yield from _certificate_files(settings)
    if settings.store.sealing_key is not None:
        yield _File(("store", "sealing_key"), settings.store.sealing_key, True)
    for i, public in enumerate(settings.store.recovery_keys):
        yield _File(("store", "recovery_keys", i), str(public), False)
    for i, system in enumerate(settings.local.systems):
        steps: Steps = ("local", "systems", i)
        for key in ("bearer_token_files", "address_key_files"):
            for j, reference in enumerate(getattr(system, key)):
                yield _File((*steps, key, j), reference, True)
        if system.basic is not None:
            yield _File((*steps, "basic", "password_file"), system.basic.password_file, True)


def _card_files(settings: Settings) -> Iterator[_File]:
    if settings.tokens.anchors is not None:
        yield _File(("tokens", "anchors"), settings.tokens.anchors, False)
    for i, reference in enumerate(settings.tokens.cards):
        yield _File(("tokens", "cards", i), reference, False)


def _certificate_files(settings: Settings) -> Iterator[_File]:
    for i, identity in enumerate(settings.identities):
        yield from _of_identity(("identities", i), identity)
        for j, application in enumerate(identity.applications):
            for anchors in ("soap_anchors", "fhir_anchors"):
                reference = getattr(application, anchors)
                if reference is not None:
                    yield _File(("identities", i, "applications", j, anchors), reference, False)
    for named in files_to_tell(settings):
        yield _File(named.steps, named.reference, named.is_secret)
    for i, listener in enumerate(settings.local.listeners):
        if listener.tls is not None:
            steps: Steps = ("local", "listeners", i, "tls")
            yield from _own(steps, listener.tls)
            if listener.tls.client_anchors is not None:
                yield _File((*steps, "client_anchors"), listener.tls.client_anchors, False)
    for i, peer in enumerate(settings.switchboard.peers):
        yield _File(("switchboard", "peers", i, "anchors"), peer.anchors, False)
    yield from _card_files(settings)


def _of_identity(steps: Steps, identity: IdentitySettings) -> Iterator[_File]:
    yield from _own(steps, identity)
    if identity.token_signing is not None:
        yield from _own((*steps, "token_signing"), identity.token_signing)


def _own(steps: Steps, section: IdentitySettings | ListenerTls | TokenSigningSettings) -> Iterator[_File]:
    yield _File((*steps, "certificate"), section.certificate, False)
    yield _File((*steps, "key"), section.key, True)
    if section.key_passphrase is not None:
        yield _File((*steps, "key_passphrase"), section.key_passphrase, True)


def _file_complaints(settings: Settings, machine: Machine, skipped: set[Steps]) -> Iterator[Broken]:
    owners = {0, machine.uid} | _owner(settings.node.state_dir)
    for file in _files(settings):
        reason = None if file.steps in skipped else _file_reason(file, machine, owners)
        if reason is not None:
            yield file.steps, reason


def _owner(folder: Path) -> set[int]:
    """The service's user, when the folder is there: it may own its files, also when somebody else checks."""
    return {folder.stat().st_uid} if folder.exists() else set()


def _file_reason(file: _File, machine: Machine, owners: set[int]) -> str | None:
    try:
        path = file_path(file.reference, machine.credentials)
        seen = path.stat()
    except OSError as error:
        return not_found(error)
    if not stat.S_ISREG(seen.st_mode):
        return "is no file"
    if not os.access(path, os.R_OK):
        return "its file cannot be read by this user"
    if seen.st_uid not in owners:
        return "its file belongs to another user than root or the service's own"
    forbidden = 0o027 if file.is_secret else 0o022
    # systemd gives a credential to the service alone, through an ACL that shows as group bits.
    if file.reference.startswith(CREDENTIAL):
        forbidden = 0o007
    if seen.st_mode & forbidden:
        allowed = "0640 or 0600" if file.is_secret else "0644 or less"
        if file.steps[-1] in ("key", "key_passphrase"):
            allowed = "0400 (a file of root may have 0440)"
        return f"its file has mode {stat.S_IMODE(seen.st_mode):04o}; it must be {allowed}"
    return None


def _folders(settings: Settings, machine: Machine) -> Iterator[Broken]:
    state_dir = settings.node.state_dir
    yield from _writable(("node", "state_dir"), state_dir)
    if state_dir.is_dir() and state_dir.stat().st_mode & 0o007:
        yield ("node", "state_dir"), "is open to every user; give it mode 0750 or 0700"
    if settings.store_path.parent != state_dir:
        yield from _writable(("store", "path"), settings.store_path.parent)
    for i, listener in enumerate(settings.local.listeners):
        if listener.unix_path is not None and listener.unix_path.parent.exists():
            yield from _writable(("local", "listeners", i, "unix_path"), listener.unix_path.parent)
    if settings.store.backup.folder is not None:
        yield from _backup_folder(settings.store.backup.folder)
    # The folder of the control socket is made by systemd at start, so it may be absent now.
    if settings.management.control_socket.parent.exists():
        yield from _writable(("management", "control_socket"), settings.management.control_socket.parent)


def _backup_folder(folder: Path) -> Iterator[Broken]:
    # It is never made: where a disk was not mounted, backups would fill the one below it.
    if not folder.is_dir():
        yield ("store", "backup", "folder"), "is no folder; make it, or mount its disk"
    else:
        yield from _writable(("store", "backup", "folder"), folder)


def _writable(steps: Steps, folder: Path) -> Iterator[Broken]:
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir():
        yield steps, f"{there} is no folder"
    elif not os.access(there, os.W_OK | os.X_OK):
        what = "cannot be written" if there == folder else f"is not there, and {there} cannot be written"
        yield steps, f"its folder {what} by this user"


def _disk(settings: Settings, machine: Machine) -> Iterator[Broken]:
    there, reserve = settings.store_path.parent, settings.store.disk_reserve_bytes
    while not there.exists() and there != there.parent:
        there = there.parent
    free = machine.free_bytes(there)
    if free is not None and free < reserve:
        yield (
            ("store", "disk_reserve_bytes"),
            f"is {reserve}, and the disk has only {free} bytes free; pushes would be refused",
        )


def _group(settings: Settings) -> Iterator[Broken]:
    group = settings.management.control_group
    if group is None:
        return
    try:
        grp.getgrnam(group)
    except KeyError:
        yield ("management", "control_group"), "this machine has no such group"
