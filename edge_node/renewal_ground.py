"""One organisation as a renewal of its certificate finds it: what it shows, what it has, whom it calls.

Knows: which settings say so, and what was read under them. Opens sealed keys, so a thread does it.
Must not know: what is done with it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from edge_node.building import CALLED, trusted_peers
from edge_node.certificates import Certificates
from edge_node.errors import EdgeNodeError, Refused
from edge_node.model.renewal import Offered
from edge_node.realms import realm_of
from edge_node.sealed_keys import file_of, name_of
from edge_node.settings.identities import IdentitySettings
from edge_node.settings.schema import Settings
from edge_node.settings.switchboard import PeerSettings
from edge_node.wire.trust import OwnIdentity, Surroundings, TrustedPeer
from edge_node.wire.trust_choice import Choice, Pair, Source
from edge_node.wire.trust_context import PrivateKey
from edge_node.wire.trust_fitting import Fitting, Wanted
from edge_node.wire.trust_folder import IdentityFolder
from edge_node.wire.trust_installed import Installed, Standing, folder_of
from edge_node.wire.trust_judge import Chain
from edge_node.wire.trust_keys import SEALED, KeySources, read_key
from edge_node.wire.trust_request import public_of

__all__ = ["Ground", "KeyFound", "find_identity", "folder_for", "survey"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFound:
    """The key of a certificate that is to be installed."""

    key: PrivateKey
    number: int  # of its files in the folder
    reference: str  # as an index or the settings name it
    is_new: bool = False  # brought along: it is to be sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One organisation, and what a renewal needs of its site."""

    settings: Settings
    identity: IdentitySettings
    folder: IdentityFolder
    choice: Choice | None  # what it shows now, among what it has
    peers: tuple[tuple[PeerSettings, TrustedPeer], ...]  # those that are called
    wanted: Wanted
    keys: KeySources

    @property
    def shown(self) -> Pair | None:
        """What it shows now."""
        return self.choice.in_use if self.choice else None

    def is_shown(self, chain: Chain) -> bool:
        """Whether it shows just that, and not because the switchboard refuses what it would rather show."""
        choice, shown = self.choice, self.shown
        if choice is None or shown is None or shown.own is None:
            return False
        return shown is choice.first and shown.own.chain == chain

    def sealed_at(self, number: int) -> Path:
        """Where the key of that number lies."""
        return file_of(self.settings.node.state_dir, name_of(self.identity.name, number))

    def key_for(self, leaf: x509.Certificate, offered: Offered) -> KeyFound:
        """Find the key that a certificate is for. Raises `EN-CERT-NO-KEY`."""
        public = public_of(leaf)
        if offered.key is not None:
            return self._brought(public, offered.key)
        for one in self.folder.requests():
            if one.request.public == public:
                return self._sealed(one.number)
        for pair, _ in self.choice.pairs if self.choice else ():
            if pair.own is not None and public_of(pair.own.key) == public:
                return KeyFound(key=pair.own.key, number=self.folder.next_number(), reference=pair.key)
        if (found := self._among_sealed(public)) is not None:
            return found
        raise Refused(f"{self.identity.name} has no key for this certificate", code="EN-CERT-NO-KEY")

    def own(self, fitting: Fitting, key: PrivateKey) -> OwnIdentity:
        """The certificate as it is shown once it is in use."""
        assert fitting.certificate is not None
        return OwnIdentity(
            name=self.identity.name,
            chain=fitting.chain,
            key=key,
            fqdn=self.identity.fqdn.lower(),
            ura=fitting.certificate.ura,
            certificate=fitting.certificate,
        )

    def before(self, fingerprint: str) -> Installed | None:
        """What there is to go back to once that certificate is in use: another one, else there would be nothing."""
        present = self.present()
        if present is None or present.fingerprint != fingerprint:
            return present
        installed = (one for one in self.folder.listed() if one.standing is not Standing.WAITING)
        return next((one for one in installed if one.fingerprint != fingerprint), None)

    def own_of(self, fingerprint: str) -> OwnIdentity | None:
        """What it has under that fingerprint."""
        pairs = self.choice.pairs if self.choice else ()
        return next((pair.own for pair, _ in pairs if pair.fingerprint == fingerprint), None)

    def present(self) -> Installed | None:
        """What is shown now, as the index names it; its chain is copied where the settings name it."""
        shown = self.shown
        if shown is None or shown.own is None:
            return None
        if shown.source is not Source.SETTINGS:
            found = next((one for one in self.folder.listed() if one.fingerprint == shown.fingerprint), None)
            if found is not None:
                return found
        is_copied = shown.source is not Source.SETTINGS  # and the index was lost since
        return Installed(
            certificate=Path(shown.certificate).name if is_copied else "",
            key=shown.key,
            fingerprint=shown.fingerprint,
            standing=Standing.PREVIOUS,
            at=shown.own.certificate.not_before,
        )

    def subject_field(self, oid: x509.ObjectIdentifier) -> str | None:
        """What the certificate that is shown now says there."""
        chain = self.shown.own.chain if self.shown and self.shown.own else ()
        found = chain[0].subject.get_attributes_for_oid(oid) if chain else []
        return str(found[0].value) if found else None

    def _sealed(self, number: int) -> KeyFound:
        name = name_of(self.identity.name, number)
        key = self._open(f"{SEALED}{name}")
        assert key is not None
        return KeyFound(key=key, number=number, reference=f"{SEALED}{name}")

    def _among_sealed(self, public: bytes) -> KeyFound | None:
        """Look at every key that lies here: the index, or a request, may be lost, and a key cannot be made again.

        Raises `EN-SEALED-KEY` where it may be one of those that do not open.
        """
        shut: EdgeNodeError | None = None
        for number in self.folder.sealed():
            reference = f"{SEALED}{name_of(self.identity.name, number)}"
            try:
                key = self._open(reference)
            except EdgeNodeError as error:
                shut = shut or error
                continue
            if key is not None and public_of(key) == public:
                return KeyFound(key=key, number=self.folder.next_number(), reference=reference)
        if shut is not None:
            raise shut
        return None

    def _open(self, reference: str) -> PrivateKey | None:
        pem = self.keys.open_sealed(reference.removeprefix(SEALED))
        self.keys.sound.vouch(pem)
        found = read_key(pem, None, self.keys.sound)
        return found if isinstance(found, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) else None

    def _brought(self, public: bytes, pem: bytes) -> KeyFound:
        try:
            key = read_key(pem, None, self.keys.sound)
        except Refused as refused:
            raise Refused(f"the key that was given {_said(refused)}", code=refused.code) from None
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) or public_of(key) != public:
            raise Refused("the key that was given is not that of the certificate", code="EN-CERT-NO-KEY")
        number = self.folder.next_number()
        return KeyFound(
            key=key, number=number, reference=f"{SEALED}{name_of(self.identity.name, number)}", is_new=True
        )


def _said(refused: Refused) -> str:
    """Say what is wrong with a key that no settings name, so that nothing of it is in them."""
    if refused.code == "EN-KEY-PASSPHRASE":
        return "has a passphrase; give it without one (openssl pkey -in FILE -out OTHER): the node seals it itself"
    return refused.detail


def find_identity(settings: Settings, name: str) -> IdentitySettings:
    """Return the organisation of that name. Raises `Refused`."""
    found = next((one for one in settings.identities if one.name == name), None)
    if found is None:
        known = ", ".join(one.name for one in settings.identities)
        raise Refused(f"there is no identity {name}; the settings have {known}", code="EN-CERT-NONE")
    return found


def folder_for(settings: Settings, name: str) -> IdentityFolder:
    """Return the folder of an organisation; what the settings name in it, for whatever, is never removed."""
    identity = find_identity(settings, name)
    path = folder_of(settings.node.state_dir, identity.name)
    numbers = (_number_in(path, text) for text in _texts(settings.model_dump()))
    signing = identity.token_signing
    named = (identity.certificate, *(() if signing is None else (signing.certificate,)))
    certificates = (Path(one) for one in named if one.startswith("/"))
    return IdentityFolder(path, frozenset(one for one in numbers if one), tuple(certificates))


def _texts(written: object) -> Iterator[str]:
    """Every text of the settings: a key has more users than one, and of each the settings name it."""
    if isinstance(written, str | Path):
        yield str(written)
    within = written.values() if isinstance(written, dict) else written
    if isinstance(within, Iterable) and not isinstance(within, str):
        for one in within:
            yield from _texts(one)


def _number_in(folder: Path, text: str) -> str:
    """The number of the file in the folder to which a reference leads; empty: it leads elsewhere."""
    if text.startswith(f"{SEALED}{folder.name}."):
        return text.rpartition(".")[2]
    if text.startswith("/") and Path(text).name.endswith(".pem") and _is_same(Path(text).parent, folder):
        return Path(text).stem
    return ""


def _is_same(one: Path, other: Path) -> bool:
    return one == other or one.resolve() == other.resolve()


def survey(settings: Settings, name: str, held: Certificates, around: Surroundings) -> Ground:
    """Find all that a renewal needs to know; what is wrong with other files of the site is in nobody's way."""
    identity, now = find_identity(settings, name), around.now().astimezone(UTC)
    steps = [("switchboard", "peers", i, "anchors") for i in range(len(settings.switchboard.peers))]
    missing = [said for where, said in held.wrong if where in steps]
    if missing:
        raise EdgeNodeError("; ".join(missing), code="EN-SETTINGS")
    called = zip(settings.switchboard.peers, trusted_peers(settings, held), strict=True)
    choice = held.choices.get(name)
    shown = choice.in_use if choice else None
    anchors = tuple(dict.fromkeys(one for each in steps for one in held.anchors[each]))
    above = shown.own.chain[1:] if shown and shown.own else ()
    return Ground(
        settings=settings,
        identity=identity,
        folder=folder_for(settings, name),
        choice=choice,
        peers=tuple((written, peer) for written, peer in called if written.role in CALLED),
        wanted=Wanted(
            fqdn=identity.fqdn,
            ura=identity.ura,
            organisation=identity.organisation,
            known=(*above, *anchors),
            anchors=anchors,
            at=now,
            revocation=around.revocation,
            realm=realm_of(settings),
        ),
        keys=held.keys,
    )
