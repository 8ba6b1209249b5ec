"""The certificates that the settings name, read for a start, a reload and a check alike."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_node.certificates import Beyond, Certificates, read_certificates
from edge_node.sandbox.pki import PRACTICE, PRACTICE_UZI, Pki, make_pki
from edge_node.settings.identities import TokenSigningSettings
from edge_node.settings.load import load
from edge_node.settings.schema import Settings
from edge_node.settings.values import existing_path
from edge_node.wire.trust_choice import Source
from edge_node.wire.trust_installed import Installed, Standing, folder_of, write_index
from edge_node.wire.trust_keys import no_sealed_keys
from tests.settings.written import SMALL, write

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"), now=NOW, bad=False)


def site(folder: Path, certificate: Path, anchors: Path) -> Settings:
    text = SMALL.replace("certs/practice.pem", str(certificate)).replace("certs/anchors.pem", str(anchors))
    return load([write(folder, text)])


class TestReadCertificates:
    def test_reads_the_rest_when_one_is_wrong(self, tmp_path: Path, pki: Pki) -> None:
        """An operator who puts one right must not meet the next at the next try."""
        settings = site(tmp_path, tmp_path / "gone.pem", pki.files("practice").key)
        found = read_certificates(settings, lambda it: existing_path(it, pki.out / "practice"), NOW)
        assert [steps for steps, _ in found.wrong] == [
            ("identities", 0, "certificate"),
            ("identities", 0, "key"),
            ("switchboard", "peers", 0, "anchors"),
        ]

    def test_keeps_anchors_by_the_key_that_names_them(self, tmp_path: Path, pki: Pki) -> None:
        """What one peer is trusted for must not be taken for another."""
        found = read_certificates(site(tmp_path, tmp_path, pki.anchors), lambda it: Path(it), NOW)
        assert list(found.anchors) == [("switchboard", "peers", 0, "anchors")]

    def test_says_nothing_of_what_its_reader_was_told(self, tmp_path: Path) -> None:
        """One cause, one line."""
        found = read_certificates(site(tmp_path, tmp_path, tmp_path), lambda _: None, NOW)
        assert (found.wrong, found.own, found.anchors) == ([], {}, {})

    def test_tells_one_that_has_ended_apart(self, tmp_path: Path, pki: Pki) -> None:
        """It is no reason not to start, since other organisations may be behind the same node."""
        files = pki.files("practice")
        settings = site(tmp_path, files.chain, pki.anchors)
        identity = settings.identities[0].model_copy(
            update={"key": str(files.key), "fqdn": PRACTICE[1], "ura": PRACTICE_UZI.ura}
        )
        settings = settings.model_copy(update={"identities": (identity,)})
        found = read_certificates(settings, lambda it: Path(it), NOW + timedelta(days=1200))
        assert (found.wrong, list(found.own)) == ([], [("identities", 0)])
        assert [steps for steps, _ in found.out_of_date.values()] == [("identities", 0, "certificate")]


class TestWhatSignsTokens:
    def read(self, folder: Path, pki: Pki, name: str) -> Certificates:
        files, own = pki.files(name), pki.files("practice")
        identity = (
            site(folder, own.chain, pki.anchors)
            .identities[0]
            .model_copy(
                update={
                    "key": str(own.key),
                    "fqdn": PRACTICE[1],
                    "ura": PRACTICE_UZI.ura,
                    "token_signing": TokenSigningSettings(certificate=str(files.chain), key=str(files.key)),
                }
            )
        )
        settings = site(folder, own.chain, pki.anchors).model_copy(update={"identities": (identity,)})
        return read_certificates(settings, lambda it: Path(it), NOW)

    def test_is_a_certificate_of_its_own(self, tmp_path: Path, pki: Pki) -> None:
        """It is for no end of a TLS connection, and need not be."""
        found = self.read(tmp_path, pki, "signing/practice")
        assert (found.wrong, list(found.own)) == ([], [("identities", 0), ("identities", 0, "token_signing")])

    @pytest.mark.parametrize(
        ("name", "where", "complaint"),
        [
            ("institution", "certificate", "is of URA 90000015, not of 90000101"),
            ("signing/pharmacy", "certificate", "is of URA 90000202"),
        ],
    )
    def test_is_refused_when_it_cannot(self, tmp_path: Path, pki: Pki, name: str, where: str, complaint: str) -> None:
        """The switchboard takes RSA with SHA-256 only, in the name of this organisation only (reference 6.4)."""
        found = self.read(tmp_path, pki, name)
        told = [text for steps, text in found.wrong if steps == ("identities", 0, "token_signing", where)]
        assert any(complaint in text for text in told), found.wrong


class TestAKeyThatIsNoRsaKey:
    def test_signs_nothing(self, tmp_path: Path) -> None:
        """The switchboard takes RSA with SHA-256 only (domain reference 6.4): told at the start, not by a doctor."""
        made = make_pki(tmp_path / "pki", now=NOW)
        found = TestWhatSignsTokens().read(tmp_path, made, "bad/signing-ec")
        assert [steps for steps, _ in found.wrong] == [("identities", 0, "token_signing", "key")]


def leave_index(folder: Path, content: bytes | None) -> None:
    (folder / "index.json").unlink()
    if content is not None:
        (folder / "index.json").write_bytes(content)


class Installing:
    """One organisation with what was installed beside what the settings name."""

    @pytest.fixture
    def installed(self, tmp_path: Path, pki: Pki) -> Settings:
        files = pki.files("practice")
        settings = site(tmp_path, files.chain, pki.anchors)
        identity = settings.identities[0].model_copy(
            update={"key": str(files.key), "fqdn": PRACTICE[1], "ura": PRACTICE_UZI.ura}
        )
        return settings.model_copy(update={"identities": (identity,)})

    def put(self, settings: Settings, made: Pki) -> Path:
        folder = folder_of(settings.node.state_dir, "practice")
        pair = Installed(
            certificate="new.pem",
            key="sealed:practice.1",
            fingerprint="ab" * 32,
            standing=Standing.CURRENT,
            at=NOW + timedelta(days=1),
        )
        write_index(folder, (pair,))
        (folder / "new.pem").write_bytes(made.files("practice").chain.read_bytes())
        return folder

    def read(self, settings: Settings, key: Path) -> Certificates:
        beyond = Beyond(open_sealed=lambda name: {"practice.1": key.read_bytes()}[name])
        return read_certificates(settings, lambda it: Path(it), NOW, beyond)


class TestSeveralPairs(Installing):
    def test_shows_the_installed_one(self, installed: Settings, tmp_path: Path) -> None:
        """Its key comes out of its seal, and stands on no disk."""
        made = make_pki(tmp_path / "new", now=NOW, bad=False)
        self.put(installed, made)
        found = self.read(installed, made.files("practice").key)
        choice = found.choices["practice"]
        assert choice.in_use is not None
        assert (choice.in_use.source, found.wrong, found.faults) == (Source.INSTALLED, [], [])
        assert found.own["identities", 0] is choice.in_use.own

    @pytest.mark.parametrize("broken", ["index.json", "new.pem"])
    def test_shows_the_settings_one_where_the_installed_is_broken(
        self, installed: Settings, tmp_path: Path, broken: str
    ) -> None:
        """No reason not to start: it is told, and care goes on."""
        made = make_pki(tmp_path / "new", now=NOW, bad=False)
        (self.put(installed, made) / broken).write_bytes(b"{")
        found = self.read(installed, made.files("practice").key)
        choice = found.choices["practice"]
        assert choice.in_use is not None
        assert (choice.in_use.source, found.wrong, len(found.faults)) == (Source.SETTINGS, [], 1)

    @pytest.mark.parametrize("content", [b"{", None], ids=["broken", "lost"])
    @pytest.mark.parametrize("sees_keys", [True, False])
    def test_tells_of_an_index_that_is_no_more(
        self, installed: Settings, tmp_path: Path, content: bytes | None, sees_keys: bool
    ) -> None:
        """A check says it too, of which the keys cannot be seen: a restart would show the old certificate."""
        folder = self.put(installed, make_pki(tmp_path / "new", now=NOW, bad=False))
        (folder / "new.pem").rename(folder / "1.pem")
        (folder / "1.key.sealed").write_bytes(b"sealed")
        leave_index(folder, content)
        beyond = Beyond(open_sealed=no_sealed_keys if sees_keys else None)
        found = read_certificates(installed, lambda it: Path(it), NOW, beyond)
        assert [one for one in found.faults if "index.json" in one and "that of the settings is shown" in one]

    def test_misses_no_index_where_the_settings_name_what_is_there(self, installed: Settings) -> None:
        """As after an installation is told: then nothing is lost with it."""
        folder = folder_of(installed.node.state_dir, "practice")
        folder.mkdir(parents=True)
        (folder / "1.key.sealed").write_bytes(b"sealed")
        (folder / "1.pem").write_bytes(b"")
        identity = installed.identities[0].model_copy(update={"key": "sealed:practice.1"})
        settings = installed.model_copy(update={"identities": (identity,)})
        assert [one for one in self.read(settings, folder / "1.pem").faults if "index.json" in one] == []

    @pytest.mark.parametrize("content", [b"", b"-----BEGIN CERT"])
    def test_shows_the_installed_one_where_the_settings_one_is_broken(
        self, installed: Settings, tmp_path: Path, content: bytes
    ) -> None:
        """Who installs is told that the old file may go: the restart after that must not fail for it."""
        made = make_pki(tmp_path / "new", now=NOW, bad=False)
        self.put(installed, made)
        found = self.read(self.moved(installed, tmp_path / "old.pem", content), made.files("practice").key)
        assert (found.choices["practice"].in_use, found.wrong) == (found.choices["practice"].first, [])
        assert [text.split(":")[0] for text in found.faults] == ["identities.0.certificate"]
        assert found.own["identities", 0].chain[0].issuer == found.own["identities", 0].chain[1].subject

    def test_tells_what_is_broken_where_nothing_else_is_there(self, installed: Settings, tmp_path: Path) -> None:
        """Then nothing can be shown, and a start that hides it helps nobody."""
        found = self.read(self.moved(installed, tmp_path / "old.pem", b""), tmp_path)
        assert ([steps for steps, _ in found.wrong], found.faults) == ([("identities", 0, "certificate")], [])

    def test_blames_the_certificate_where_it_is_the_file_of_the_key(
        self, installed: Settings, tmp_path: Path
    ) -> None:
        """One file at both keys: the line that is wrong is that of the certificate."""
        key = Path(installed.identities[0].key)
        identity = installed.identities[0].model_copy(update={"certificate": str(key)})
        found = self.read(installed.model_copy(update={"identities": (identity,)}), tmp_path)
        assert [steps for steps, _ in found.wrong] == [("identities", 0, "certificate")]

    def moved(self, settings: Settings, certificate: Path, content: bytes) -> Settings:
        certificate.write_bytes(content)
        identity = settings.identities[0].model_copy(update={"certificate": str(certificate)})
        return settings.model_copy(update={"identities": (identity,)})

    def test_knows_every_file_it_looked_at(self, installed: Settings, tmp_path: Path) -> None:
        """These are watched."""
        made = make_pki(tmp_path / "new", now=NOW, bad=False)
        folder = self.put(installed, made)
        found = self.read(installed, made.files("practice").key)
        own = installed.identities[0]
        assert {folder / "index.json", folder / "new.pem", Path(own.certificate), Path(own.key)} <= found.files


class TestChosenAgain(Installing):
    """Another choice between two reloads: for a day that came, a refusal, an installation."""

    @pytest.fixture
    def new(self, tmp_path: Path) -> Pki:
        return make_pki(tmp_path / "new", now=NOW, bad=False)

    def test_shows_another_where_the_first_is_refused(self, installed: Settings, new: Pki) -> None:
        """The way back needs no file: it works while somebody copies them."""
        self.put(installed, new)
        found = self.read(installed, new.files("practice").key)
        before = found.own["identities", 0].certificate.fingerprint
        again = found.chosen_again(NOW, frozenset({before}))
        assert again.own["identities", 0].certificate.fingerprint not in {"", before}
        assert found.own["identities", 0].certificate.fingerprint == before

    def test_takes_up_what_was_installed_since_and_no_other_file(self, installed: Settings, new: Pki) -> None:
        """The file in the settings is half copied at that moment: nobody asked to take it up."""
        found = self.read(installed, new.files("practice").key)
        self.put(installed, new)
        Path(installed.identities[0].certificate).rename(new.out / "away.pem")
        fresh = found.installed_now(installed.identities[0], installed.node.state_dir)
        Path(new.out / "away.pem").rename(installed.identities[0].certificate)
        again = found.chosen_again(NOW, frozenset(), (fresh,))
        places = [(pair.source, pair.own is not None) for pair, _ in again.choices["practice"].pairs]
        assert (places, again.wrong, again.faults) == ([(Source.INSTALLED, True), (Source.SETTINGS, True)], [], [])

    def test_knows_what_ended_since(self, installed: Settings, new: Pki) -> None:
        """An organisation whose certificate ended is told of, not served with it unseen."""
        found = self.read(installed, new.files("practice").key)
        later = found.chosen_again(NOW + timedelta(days=1200), frozenset())
        assert [steps for steps, _ in later.out_of_date.values()] == [("identities", 0, "certificate")]


class TestACredential:
    def test_that_does_not_match_says_that_a_restart_is_needed(self, tmp_path: Path, pki: Pki) -> None:
        """A reload reads the credential of the start again, and the operator wonders."""
        settings = site(tmp_path, pki.files("practice").chain, pki.anchors)
        other = pki.files("pharmacy").key
        found = read_certificates(settings, lambda it: other if it.startswith("credential:") else Path(it), NOW)
        told = [reason for _, reason in found.wrong if "is not the key of" in reason]
        assert [reason.endswith("a systemd credential changes only at a restart") for reason in told] == [True]
