"""Every certificate, key and anchor that the settings name, read once, with each fault at the key that names it.

Knows: which setting names which file, and as what that file is read.
Must not know: what makes a certificate good, or what it is used for.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from edge_node.errors import Refused, SettingsInvalid
from edge_node.model.hierarchies import PRODUCTION_REALM, Realm
from edge_node.named_files import Named, anchors_of, files_of, files_of_installed, files_of_listener, files_that_sign
from edge_node.realms import foreign_anchors, realm_of
from edge_node.settings.identities import IdentitySettings
from edge_node.settings.schema import Settings
from edge_node.settings.tree import Steps
from edge_node.settings.values import CREDENTIAL, SEALED, not_found
from edge_node.wire.token_signing import unfit_to_sign
from edge_node.wire.trust_certificate import read_certificate
from edge_node.wire.trust_choice import Choice, Pair, Source, choose
from edge_node.wire.trust_folder import IdentityFolder
from edge_node.wire.trust_identity import (
    IdentityFiles,
    OwnIdentity,
    check_certificate,
    load_anchors,
    load_identity,
    out_of_date,
    read_alone,
)
from edge_node.wire.trust_installed import FILE as INDEX
from edge_node.wire.trust_installed import Installed, Standing, folder_of, read_index
from edge_node.wire.trust_judge import Chain
from edge_node.wire.trust_keys import KeySources, OpenSealed, SoundKeys, no_sealed_keys

#: Where a reference points; None where its reader has been told already. Raises `OSError` where nothing is there.
PathOf = Callable[[str], Path | None]

_AT_RESTART: Final = "; a systemd credential changes only at a restart"
_SOURCES: Final = {
    Standing.CURRENT: Source.INSTALLED,
    Standing.PREVIOUS: Source.PREVIOUS,
    Standing.WAITING: Source.NEXT,  # what is wrong with it is told before its day
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """What the choice of a certificate takes beside the files that the settings name."""

    open_sealed: OpenSealed | None = None  # None: sealed keys cannot be seen from here
    refused: frozenset[str] = frozenset()  # fingerprints that the switchboard refuses now
    sound: SoundKeys = field(default_factory=SoundKeys)  # keys that need no further test


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """What was installed for one organisation, as its folder says now."""

    identity: str
    pairs: tuple[Pair, ...]
    faults: tuple[str, ...]
    files: frozenset[Path]


@dataclass(slots=True, kw_only=True)
class Certificates:
    """What could be read, by the steps to the key it is for, and what is `wrong` with the rest."""

    path_of: PathOf
    now: datetime
    beyond: Beyond = field(default_factory=Beyond)
    realm: Realm = PRODUCTION_REALM
    own: dict[Steps, OwnIdentity] = field(default_factory=dict)  # of an identity, or of a listener's `tls`
    pairs: dict[str, tuple[Pair, ...]] = field(default_factory=dict)  # every one, by the name of the identity
    choices: dict[str, Choice] = field(default_factory=dict)  # by the name of the identity
    named: dict[Steps, str] = field(default_factory=dict)  # where each certificate of `own` lies
    keyless: dict[Steps, Chain] = field(default_factory=dict)  # good, with a key that cannot be seen from here
    anchors: dict[Steps, tuple[x509.Certificate, ...]] = field(default_factory=dict)
    cards: list[x509.Certificate] = field(default_factory=list)  # that tokens only name
    wrong: list[tuple[Steps, str]] = field(default_factory=list)
    out_of_date: dict[str, tuple[Steps, str]] = field(default_factory=dict)  # good but for the dates; by fingerprint
    faults: list[str] = field(default_factory=list)  # of what was installed: no reason not to start
    files: set[Path] = field(default_factory=set)  # everything that was looked at

    def take_own(self, steps: Steps, written: Named, named: IdentityFiles) -> OwnIdentity | None:
        """Read a certificate and its key as the settings name them."""
        certificate = self._path((*steps, "certificate"), written.certificate)
        sees_key = self._sees_key(steps, written)
        if certificate is None:
            return None
        files = replace(named, certificate=certificate, key=written.key, passphrase=written.key_passphrase)
        if not sees_key:  # a certificate can be wrong though its key cannot be seen from here
            complaints = check_certificate(files)
            self.wrong += [((*steps, "certificate"), complaint) for complaint in complaints]
            if not complaints:
                self.keyless[steps] = read_alone(certificate)
                self.named[steps] = f"{certificate}"
            return None
        try:
            own = self.own[steps] = load_identity(files, self._sources)
        except SettingsInvalid as error:
            # Both may be named as one file, which then says nothing of which is wrong.
            of_it = check_certificate(files) if str(certificate) == written.key else ()
            for complaint in error.complaints:
                is_of_key = complaint.startswith(f"{written.key}:") and complaint not in of_it
                where = "key" if is_of_key else "certificate"
                self.wrong.append(((*steps, where), complaint + _lent(written.key, complaint)))
            return None
        self.named[steps] = f"{certificate}"
        return own

    def take_identity(self, i: int, identity: IdentitySettings, state_dir: Path) -> None:
        """Read every pair of one organisation, and choose the one it shows."""
        named, steps = files_of(identity, self.realm), ("identities", i)
        before = len(self.wrong)
        own = self.take_own(steps, Named.of(identity), named)
        pairs = [Pair(source=Source.SETTINGS, certificate=identity.certificate, key=identity.key, own=own)]
        pairs += self._installed(folder_of(state_dir, identity.name), named)
        self.pairs[identity.name] = tuple(pairs)
        self.show(i, identity.name)
        if own is None and steps in self.own:
            # Another one serves in its place: what is wrong here is told, and stops nobody.
            self.faults += [f"{'.'.join(map(str, where))}: {wrong}" for where, wrong in self.wrong[before:]]
            del self.wrong[before:]

    def show(self, i: int, name: str) -> None:
        """Choose the pair that an organisation shows, among those that were read."""
        choice = self.choices[name] = choose(name, self.pairs[name], self.now, self.beyond.refused)
        if choice.in_use is not None and choice.in_use.own is not None:
            self.own["identities", i] = choice.in_use.own
            self.keyless.pop(("identities", i), None)
            self.named["identities", i] = choice.in_use.certificate

    def note_dates(self) -> None:
        """Find out which of those in use have ended, or have not begun."""
        self.out_of_date = {}
        keyless = {steps: read_certificate(chain[0]) for steps, chain in self.keyless.items()}
        for steps, certificate in ({steps: own.certificate for steps, own in self.own.items()} | keyless).items():
            if (reason := out_of_date(certificate, self.now)) is not None:
                said = f"{self.named[steps]}: {reason}"
                self.out_of_date[certificate.fingerprint] = (*steps, "certificate"), said

    def take_signing(self, i: int, identity: IdentitySettings) -> None:
        """Read what signs transaction tokens in the name of one organisation, where anything does."""
        written, steps = identity.token_signing, ("identities", i, "token_signing")
        if written is None:
            return
        own = self.take_own(steps, Named.of(written), files_that_sign(identity, self.realm))
        if own is not None:
            self.wrong += [((*steps, where), reason) for where, reason in unfit_to_sign(own)]

    def installed_now(self, identity: IdentitySettings, state_dir: Path) -> Fresh:
        """Read what is installed for one organisation by now, and no other file; changes nothing here."""
        apart = replace(self, faults=[], files=set())
        pairs = tuple(apart._installed(folder_of(state_dir, identity.name), files_of(identity, self.realm)))
        return Fresh(identity=identity.name, pairs=pairs, faults=tuple(apart.faults), files=frozenset(apart.files))

    def chosen_again(self, now: datetime, refused: frozenset[str], fresh: Iterable[Fresh] = ()) -> "Certificates":
        """Choose anew among what was read before, with `fresh` for what was installed then. Reads no file."""
        again = replace(
            self,
            now=now,
            beyond=replace(self.beyond, refused=refused),
            own=dict(self.own),
            pairs=dict(self.pairs),
            choices={},
            named=dict(self.named),
        )
        for one in fresh:
            if one.identity in again.pairs:
                written = (pair for pair in again.pairs[one.identity] if pair.source is Source.SETTINGS)
                again.pairs[one.identity] = (*written, *one.pairs)
                again.faults = list(dict.fromkeys((*again.faults, *one.faults)))
                again.files = again.files | one.files
        for i, name in enumerate(again.pairs):
            again.show(i, name)
        again.note_dates()
        return again

    def _installed(self, folder: Path, named: IdentityFiles) -> Iterator[Pair]:
        self.files.add(folder / INDEX)
        sees_keys = self.beyond.open_sealed is not None
        key = str(named.key)
        kept = frozenset({key.rpartition(".")[2]} if key.startswith(SEALED) else ())
        try:
            index = read_index(folder)
            if IdentityFolder(folder, kept).is_lost():
                raise Refused(f"{folder / INDEX}: is gone, and certificates are there", code="EN-CERTIFICATE-INDEX")
        except Refused as refused:
            if sees_keys or not isinstance(refused.__cause__, PermissionError):
                self.faults.append(f"{refused.detail}; after a start or a reload that of the settings is shown")
            return
        if sees_keys:
            yield from (self._pair(one, folder, named) for one in index)

    def _pair(self, one: Installed, folder: Path, named: IdentityFiles) -> Pair:
        own, complaint = None, ""
        self.files.add(folder / one.certificate)
        try:
            own = load_identity(files_of_installed(one, folder, named), self._sources)
        except SettingsInvalid as error:
            complaint = "; ".join(error.complaints)
            self.faults.append(complaint)
        return Pair(
            source=_SOURCES[one.standing],
            certificate=str(folder / one.certificate),
            key=one.key,
            own=own,
            complaint=complaint,
            installed_at=one.at,
        )

    def _sees_key(self, steps: Steps, written: Named) -> bool:
        seen = True
        if written.key_passphrase is not None:
            seen = self._path((*steps, "key_passphrase"), written.key_passphrase) is not None
        if written.key.startswith(SEALED):
            return seen and self.beyond.open_sealed is not None
        return self._path((*steps, "key"), written.key) is not None and seen

    @property
    def _sources(self) -> KeySources:
        open_sealed = self.beyond.open_sealed or no_sealed_keys
        return KeySources(path_of=self._there, open_sealed=open_sealed, sound=self.beyond.sound)

    @property
    def keys(self) -> KeySources:
        """Where keys are read from, those of certificates to come too."""
        return replace(self, files=set())._sources

    def _there(self, reference: str) -> Path:
        path = self.path_of(reference)
        if path is None:
            raise FileNotFoundError(f"{reference} cannot be seen from here")
        self.files.add(path)
        return path

    def take_anchors(self, steps: Steps, reference: str) -> None:
        """Read trust anchors."""
        path = self._path(steps, reference)
        if path is None:
            return
        try:
            self.anchors[steps] = load_anchors(path)
        except SettingsInvalid as error:
            self.wrong += [(steps, complaint) for complaint in error.complaints]

    def take_cards(self, steps: Steps, reference: str) -> None:
        """Read cards that tokens only name."""
        path = self._path(steps, reference)
        if path is None:
            return
        try:
            self.cards += x509.load_pem_x509_certificates(path.read_bytes())
        except OSError as error:
            self.wrong.append((steps, f"{path}: {error.strerror}"))
        except ValueError:
            self.wrong.append((steps, f"{path}: holds no certificates in PEM"))

    def _path(self, steps: Steps, reference: str) -> Path | None:
        try:
            path = self.path_of(reference)
        except OSError as error:
            self.wrong.append((steps, not_found(error)))
            path = None
        if path is not None or reference.startswith("/"):
            self.files.add(path or Path(reference))
        return path


def read_certificates(
    settings: Settings,
    path_of: PathOf,
    now: datetime,
    beyond: Beyond = Beyond(),
) -> Certificates:
    """Read everything, whatever is wrong with some of it."""
    certificates = Certificates(path_of=path_of, now=now, beyond=beyond, realm=realm_of(settings))
    for i, identity in enumerate(settings.identities):
        certificates.take_identity(i, identity, settings.node.state_dir)
        certificates.take_signing(i, identity)
    for i, listener in enumerate(settings.local.listeners):
        if listener.tls is not None:
            certificates.take_own(("local", "listeners", i, "tls"), Named.of(listener.tls), files_of_listener(i))
    for steps, reference in anchors_of(settings):
        certificates.take_anchors(steps, reference)
    for i, reference in enumerate(settings.tokens.cards):
        certificates.take_cards(("tokens", "cards", i), reference)
    certificates.wrong += foreign_anchors(settings, certificates.anchors)
    certificates.note_dates()
    return certificates


def _lent(key: str, complaint: str) -> str:
    return _AT_RESTART if key.startswith(CREDENTIAL) and "is not the key of" in complaint else ""
