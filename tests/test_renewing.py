"""A renewal that is broken off anywhere leaves the old certificate in use, or the new one."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from structlog.testing import capture_logs
from twisted.internet.task import Clock

from edge_node.certificates import Beyond, Certificates, Fresh, read_certificates
from edge_node.errors import EdgeNodeError, Refused, SettingsInvalid
from edge_node.machine import MachineChance
from edge_node.model.renewal import Asked, Installation, Offered, Outcome, Result, Tried
from edge_node.renewal_ground import Ground, folder_for
from edge_node.renewing import Parts, Renewing
from edge_node.sandbox.pki import PRACTICE, PRACTICE_UZI, Pki, make_pki
from edge_node.sandbox.pki_signing import sign_request
from edge_node.sealed_keys import opener
from edge_node.settings.identities import TokenSigningSettings
from edge_node.settings.load import load
from edge_node.settings.schema import Settings
from edge_node.store import master, sealed_files
from edge_node.store.sealing import Ring
from edge_node.wire.trust import OwnIdentity, Surroundings
from edge_node.wire.trust_fitting import pem_of
from edge_node.wire.trust_folder import IdentityFolder
from edge_node.wire.trust_installed import Installed, Standing
from edge_node.wire.trust_request import Subject, make_request
from tests.settings.written import SMALL, write
from tests.wire.revocations import NothingRevoked

NOW = datetime(2027, 3, 1, tzinfo=UTC)
LATER = datetime(2027, 3, 2, tzinfo=UTC)


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"), now=NOW, bad=False)


@pytest.fixture
def settings(tmp_path: Path, pki: Pki) -> Settings:
    files, written = pki.files("practice"), yaml.safe_load(SMALL)
    written["node"]["state_dir"] = str(tmp_path / "state")
    written["identities"][0] |= {
        "ura": PRACTICE_UZI.ura,
        "organisation": PRACTICE[0],
        "fqdn": PRACTICE[1],
        "certificate": str(files.chain),
        "key": str(files.key),
    }
    written["switchboard"]["peers"][0]["anchors"] = str(pki.anchors)
    (tmp_path / "state").mkdir()
    return load([write(tmp_path, yaml.safe_dump(written))])


class Site:
    """A site whose process can be killed at any of the steps it has done aside."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.left: int | None = None
        self.swaps = 0
        self.swap_fails = False
        self.taken: list[str] = []
        self.now_held: Certificates | None = None  # None: what a start would hold
        self.master = master.make(settings.store_path.with_name(master.FILE), MachineChance())

    def renewing(self) -> Renewing:
        return Renewing(
            Parts(
                settings=lambda: self.settings,
                seal=self._seal,
                aside=self._aside,
                surroundings=Surroundings(now=lambda: LATER, refused=lambda *_: None, revocation=NothingRevoked()),
                reactor=Clock(),
                held=self._held,
                swap=self._swap,
                taken=self.taken.append,
            )
        )

    def shown(self) -> int:
        """The serial of the certificate that a start would show."""
        held = self._held()
        assert (held.wrong, held.faults) == ([], [])
        return int(held.own["identities", 0].certificate.serial, 16)

    def _held(self) -> Certificates:
        return self.now_held or read_certificates(
            self.settings, Path, LATER, Beyond(open_sealed=opener(self.settings, None))
        )

    async def _aside(self, work: Callable[[], Any]) -> Any:
        self._step()
        done = work()
        self._step()
        return done

    async def _seal(self, path: Path, secret: bytes) -> None:
        self._step()
        sealed_files.seal(path, secret, Ring(master=self.master), MachineChance())
        self._step()

    def _swap(self, fresh: Fresh) -> None:
        self._step()
        if self.swap_fails:
            raise SettingsInvalid(("another file is broken",))
        self.swaps += 1

    def _step(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Killed


@pytest.fixture
def site(settings: Settings) -> Site:
    return Site(settings)


def now(work: Coroutine[Any, Any, Any]) -> Any:
    """Run what never waits."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waited")


def issued(pki: Pki, site: Site) -> tuple[bytes, ...]:
    """Ask for a certificate, and get it."""
    made = now(site.renewing().request(Asked(identity="practice", kind="P-256")))
    return given(pki, made.pem.encode())


def given(pki: Pki, request: bytes) -> tuple[bytes, ...]:
    """What the register gives for a request."""
    pem = sign_request(pki, request, NOW)
    return tuple(one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(pem))


def install(site: Site, certificates: tuple[bytes, ...]) -> Installation:
    offered = Offered(identity="practice", certificates=certificates, untested=True)
    done: Installation = now(site.renewing().install(offered))
    return done


def serial(certificates: tuple[bytes, ...]) -> int:
    return x509.load_der_x509_certificate(certificates[0]).serial_number


class TestKilled:
    @pytest.mark.parametrize("steps", range(19))
    def test_between_any_two_steps_of_an_installation(self, site: Site, pki: Pki, steps: int) -> None:
        """Power fails while somebody installs: the next start shows one of the two, and the rest can be done."""
        old, new = site.shown(), issued(pki, site)
        site.left = steps
        with pytest.raises(Killed):
            install(site, new)
        site.left = None
        assert site.shown() in {old, serial(new)}
        assert install(site, new).result is Result.IN_USE
        assert site.shown() == serial(new)

    @pytest.mark.parametrize("steps", range(18))
    def test_between_any_two_steps_of_a_request(self, site: Site, pki: Pki, steps: int) -> None:
        """No request is ever shown whose key is not safely there."""
        site.left = steps
        with pytest.raises(Killed):
            issued(pki, site)
        site.left = None
        waiting = now(site.renewing().requests("practice"))
        assert len(waiting) in {0, 1}
        again = Asked(identity="practice", kind="P-256", replace=bool(waiting))
        made = now(site.renewing().request(again))
        new = given(pki, made.pem.encode())
        assert install(site, new).result is Result.IN_USE


class TestRefused:
    def test_by_the_daemon_leaves_the_index_as_it_was(self, site: Site, pki: Pki) -> None:
        """What the daemon could not show must not come by surprise at the next start."""
        old, new = site.shown(), issued(pki, site)
        site.swap_fails = True
        with pytest.raises(SettingsInvalid):
            install(site, new)
        assert (site.shown(), site.swaps) == (old, 0)


class TestIndexLost:
    @pytest.mark.parametrize("content", [b"{", None], ids=["damaged", "gone"])
    def test_the_certificate_is_installed_again(self, site: Site, pki: Pki, content: bytes | None) -> None:
        """Its key lies here, and no register gives the same certificate for another."""
        install(site, new := issued(pki, site))
        folder_for(site.settings, "practice").restore(content)
        assert install(site, new).result is Result.IN_USE
        assert site.shown() == serial(new)

    def test_is_told_whoever_installs(self, site: Site, pki: Pki) -> None:
        """Keys stay until a person says that they may go."""
        folder_for(site.settings, "practice").restore(b"{")
        done = install(site, issued(pki, site))
        assert [one.code for one in done.notes] == ["EN-CERTIFICATE-INDEX"]
        assert "index.damaged" in done.notes[0].detail

    @pytest.mark.parametrize("content", [b"{", None], ids=["damaged", "gone"])
    def test_another_is_asked_for_and_no_key_destroyed(self, site: Site, pki: Pki, content: bytes | None) -> None:
        """Whoever thinks that all is lost asks anew; what was in use may still be wanted tomorrow."""
        install(site, new := issued(pki, site))
        folder_for(site.settings, "practice").restore(content)
        install(site, issued(pki, site))
        issued(pki, site)
        assert install(site, new).result is Result.IN_USE
        assert site.shown() == serial(new)

    def test_going_back_says_so(self, site: Site, pki: Pki) -> None:
        """Nobody can tell which was before."""
        install(site, issued(pki, site))
        folder_for(site.settings, "practice").restore(b"{")
        with pytest.raises(Refused, match="EN-CERTIFICATE-INDEX"):
            now(site.renewing().back("practice"))


class TestKey:
    def test_of_the_settings_is_found_where_none_was_ever_made_here(self, site: Site, pki: Pki) -> None:
        """The register mends a field for the same key: the first thing that most sites install."""
        key = Path(site.settings.identities[0].key).read_bytes()
        subject = Subject(organisation=PRACTICE[0], fqdn=PRACTICE[1], state="Utrecht", locality="Teststad")
        new = given(pki, make_request(key, subject))
        assert install(site, new).result is Result.IN_USE
        assert site.shown() == serial(new)

    def test_is_found_beside_one_that_does_not_open(self, site: Site, pki: Pki) -> None:
        """A file that a disk damaged stands in nobody's way."""
        install(site, new := issued(pki, site))
        (site.settings.node.state_dir / "identities" / "practice" / "9.key.sealed").write_bytes(b"{}")
        assert install(site, new).result is Result.IN_USE

    def test_may_be_one_that_does_not_open(self, site: Site, pki: Pki) -> None:
        """To say that there is no key would send a person to the register, where a key of the store is missing."""
        new = issued(pki, site)
        folder = site.settings.node.state_dir / "identities" / "practice"
        (folder / "1.csr.pem").unlink()
        (folder / "1.key.sealed").write_bytes(b"{}")
        with pytest.raises(EdgeNodeError, match="EN-SEALED-KEY"):
            install(site, new)


class Taking:
    """A switchboard that takes whatever it is shown."""

    async def of(self, ground: Ground, own: OwnIdentity, only: str | None = None) -> tuple[Tried, ...]:
        return (Tried(peer="switch", role="zim", outcome=Outcome.TAKEN, steps=()),)


def two(site: Site) -> None:
    """Have the site be of two organisations."""
    first = site.settings.identities[0]
    both = (first, first.model_copy(update={"name": "second"}))
    site.settings = site.settings.model_copy(update={"identities": both})


def tending(site: Site) -> Renewing:
    renewing = site.renewing()
    renewing._bench.trials = Taking()  # type: ignore[assignment]
    return renewing


def wait(site: Site, pki: Pki, identity: str) -> IdentityFolder:
    """Have a certificate of that organisation wait for a trial."""
    made = now(site.renewing().request(Asked(identity=identity, kind="P-256")))
    folder = folder_for(site.settings, identity)
    leaf, *above = (x509.load_der_x509_certificate(one) for one in given(pki, made.pem.encode()))
    folder.wait(
        Installed(
            certificate=folder.put_chain(made.number, pem_of((leaf, *above))),
            key=f"sealed:{identity}.{made.number}",
            fingerprint=leaf.fingerprint(SHA256()).hex(),
            standing=Standing.WAITING,
            at=NOW,
        )
    )
    return folder


class TestTend:
    def test_one_organisation_keeps_no_other_from_its_certificate(self, site: Site, pki: Pki) -> None:
        """The pharmacy next door must not run out because the key of the practice was damaged."""
        two(site)
        broken, good = wait(site, pki, "practice"), wait(site, pki, "second")
        (broken.path / "1.key.sealed").write_bytes(b"{}")
        now(tending(site).tend())
        assert good.standing(Standing.CURRENT) is not None
        assert broken.standing(Standing.CURRENT) is None

    def test_trouble_is_told_once_by_code(self, site: Site, pki: Pki) -> None:
        """A line every five minutes, for days, is a line that nobody reads."""
        (wait(site, pki, "practice").path / "1.key.sealed").write_bytes(b"{}")
        renewing = tending(site)
        with capture_logs() as logs:
            now(renewing.tend())
            now(renewing.tend())
        (told,) = logs
        assert (told["event"], told["identity"]) == ("certificate.not-tended", "practice")
        assert "1.key.sealed is damaged" in told["reason"]

    def test_trouble_with_what_waits_is_seen_on_disk(self, site: Site, pki: Pki) -> None:
        """Its day is weeks away: time enough to ask for another, for whoever knows."""
        (wait(site, pki, "practice").path / "1.key.sealed").write_bytes(b"{}")
        held = read_certificates(site.settings, Path, LATER, Beyond(open_sealed=opener(site.settings, None)))
        assert [fault for fault in held.faults if "1.key.sealed is damaged" in fault]

    def test_by_the_choice_is_not_told_to_be_in_use(self, site: Site, pki: Pki) -> None:
        """Whoever installs goes home when told that it is in use."""
        old, new = site.shown(), issued(pki, site)
        before = site._held()
        site.now_held = before
        with pytest.raises(SettingsInvalid, match="another certificate goes before it"):
            install(site, new)
        site.now_held = None
        assert site.shown() == old

    def test_before_counts_no_more(self, site: Site, pki: Pki) -> None:
        """The node would pass over it for a quarter of an hour though it was just taken."""
        done = install(site, issued(pki, site))
        assert done.now is not None
        assert site.taken == [done.now.fingerprint]


class TestBack:
    def test_to_one_that_was_revoked_is_told(self, site: Site, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is what the person wants, who may not know that nobody takes it any more."""
        install(site, issued(pki, site))
        revoked = Refused("as the list says", code="EN-TLS-REVOKED")
        monkeypatch.setattr(NothingRevoked, "look", _raising(revoked))
        done = now(site.renewing().back("practice"))
        assert (done.result, [one.code for one in done.notes]) == (Result.IN_USE, ["EN-TLS-REVOKED"])


def _raising(error: Exception) -> Callable[..., None]:
    def look(*_: object) -> None:
        raise error

    return look


class TestTheMoment:
    @pytest.mark.parametrize(
        ("at", "wrong"),
        [
            (LATER + timedelta(days=1), []),
            (LATER - timedelta(days=1), ["EN-CERT-UNFIT"]),
            (LATER + timedelta(days=365 * 50), ["EN-CERT-UNFIT"]),
        ],
        ids=["later", "past", "after its end"],
    )
    def test_is_one_at_which_it_can_be_shown(self, site: Site, pki: Pki, at: datetime, wrong: list[str]) -> None:
        """A year that was written wrong would leave it waiting until the one in use has ended."""
        offered = Offered(identity="practice", certificates=issued(pki, site), untested=True, at=at)
        done = now(site.renewing().install(offered))
        assert [one.code for one in done.wrong] == wrong
        assert done.result is (Result.UNFIT if wrong else Result.WAITING)

    def test_of_one_that_waited_already_is_told_of(self, site: Site, pki: Pki) -> None:
        """There is room for one: whoever counted on the first must know that it is gone."""
        waits = Offered(identity="practice", certificates=(), untested=True, at=LATER + timedelta(days=1))
        first = now(site.renewing().install(replace(waits, certificates=issued(pki, site))))
        second = now(site.renewing().install(replace(waits, certificates=issued(pki, site))))
        assert ([one.code for one in first.notes], [one.code for one in second.notes]) == ([], ["EN-CERT-WAITED"])


class Stopping(Taking):
    """The node stops while the switchboard is being asked."""

    def __init__(self, renewing: Renewing) -> None:
        self._renewing = renewing

    async def of(self, ground: Ground, own: OwnIdentity, only: str | None = None) -> tuple[Tried, ...]:
        self._renewing.end()
        return await super().of(ground, own, only)

    def end(self) -> None:
        """Nothing of it is under way."""


class TestTheStop:
    """A node that is closing makes no new pools, and writes no index that nobody asks for any more."""

    def test_during_a_trial_leaves_what_waits_waiting(self, site: Site, pki: Pki) -> None:
        """It is tried again after the start."""
        old, folder, renewing = site.shown(), wait(site, pki, "practice"), site.renewing()
        renewing._bench.trials = Stopping(renewing)  # type: ignore[assignment]
        with capture_logs() as logs:
            now(renewing.tend())
        assert (site.shown(), site.swaps, logs) == (old, 0, [])
        assert folder.standing(Standing.WAITING) is not None

    def test_during_an_installation_is_told_to_who_installs(self, site: Site, pki: Pki) -> None:
        """Nothing was changed, so it is to be done again."""
        new, renewing = issued(pki, site), site.renewing()
        renewing._bench.trials = Stopping(renewing)  # type: ignore[assignment]
        with pytest.raises(EdgeNodeError, match="EN-DRAINING"):
            now(renewing.install(Offered(identity="practice", certificates=new)))
        assert site.swaps == 0


class TestFiles:
    def test_of_older_certificates_go(self, site: Site, pki: Pki) -> None:
        """Three years are enough to keep a key; the one before the present stays."""
        made = [install(site, issued(pki, site)) for _ in range(3)]
        folder = site.settings.node.state_dir / "identities" / "practice"
        keys = sorted(path.name for path in folder.glob("*.sealed"))
        assert keys == sorted(f"{one.now.key.rpartition('.')[2]}.key.sealed" for one in made[1:] if one.now)

    def test_that_the_settings_name_stay(self, site: Site, pki: Pki) -> None:
        """The settings say what `cert install` told the first time; two renewals later they must still be good."""
        first = install(site, issued(pki, site)).now
        assert first is not None
        identity = site.settings.identities[0].model_copy(update={"certificate": first.certificate, "key": first.key})
        site.settings = site.settings.model_copy(update={"identities": (identity,)})
        install(site, issued(pki, site))
        install(site, issued(pki, site))
        install(site, newest := issued(pki, site))
        assert site.shown() == serial(newest)

    def test_that_sign_tokens_stay(self, site: Site, pki: Pki) -> None:
        """A key has more users than the handshake: without it nothing is signed, and it cannot be made again."""
        first = install(site, issued(pki, site)).now
        assert first is not None
        signing = TokenSigningSettings(certificate=first.certificate, key=first.key)
        identity = site.settings.identities[0].model_copy(update={"token_signing": signing})
        site.settings = site.settings.model_copy(update={"identities": (identity,)})
        for _ in range(3):
            install(site, issued(pki, site))
        assert Path(first.certificate).is_file()
        assert len(opener(site.settings, None)(first.key.removeprefix("sealed:"))) > 0

    def test_that_the_settings_name_outlive_their_request(self, site: Site, tmp_path: Path) -> None:
        """A certificate that signs tokens is named by hand: its request still stands when the next one is made."""
        made = now(site.renewing().request(Asked(identity="practice", kind="RSA-4096")))
        signing = TokenSigningSettings(certificate=str(tmp_path / "signing.pem"), key="sealed:practice.1")
        identity = site.settings.identities[0].model_copy(update={"token_signing": signing})
        site.settings = site.settings.model_copy(update={"identities": (identity,)})
        again = now(site.renewing().request(Asked(identity="practice", kind="P-256", replace=True)))
        assert (made.number, again.number) == (1, 2)
        assert [one.number for one in now(site.renewing().requests("practice"))] == [2]
        assert len(opener(site.settings, None)("practice.1")) > 0

    def test_of_which_the_settings_name_the_certificate_wait_for_nothing(
        self, site: Site, pki: Pki, tmp_path: Path
    ) -> None:
        """What signs tokens is named by hand; the next request is not for its key to make room."""
        made = now(site.renewing().request(Asked(identity="practice", kind="RSA-4096")))
        certificate = tmp_path / "signing.pem"
        certificate.write_bytes(sign_request(pki, made.pem.encode(), NOW))
        signing = TokenSigningSettings(certificate=str(certificate), key="sealed:practice.1")
        identity = site.settings.identities[0].model_copy(update={"token_signing": signing})
        site.settings = site.settings.model_copy(update={"identities": (identity,)})
        assert now(site.renewing().requests("practice")) == ()
        assert now(site.renewing().request(Asked(identity="practice", kind="P-256"))).number == 2
        assert site._held().own["identities", 0, "token_signing"].key.key_size == 4096

    def test_of_a_request_that_is_replaced_go(self, site: Site) -> None:
        """A key that nobody will ever use is a key that can only be stolen."""
        now(site.renewing().request(Asked(identity="practice", kind="P-256")))
        now(site.renewing().request(Asked(identity="practice", kind="P-256", replace=True)))
        folder = site.settings.node.state_dir / "identities" / "practice"
        assert len(list(folder.glob("*.sealed"))) == len(list(folder.glob("*.csr.pem"))) == 1

    def test_a_certificate_given_twice_keeps_its_key(self, site: Site, pki: Pki) -> None:
        """The register mends a field, for the same request: the key of the first is that of the second."""
        new = issued(pki, site)
        install(site, new)
        assert install(site, new).result is Result.IN_USE
        assert site.shown() == serial(new)
