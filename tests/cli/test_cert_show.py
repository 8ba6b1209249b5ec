"""`edge-node cert show`: everything about the certificates of a site, for people in Dutch or English, and as JSON."""

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from edge_node.cli.cert_show import show
from edge_node.sandbox.pki import PRACTICE, PRACTICE_UZI, Pki, make_pki
from edge_node.wire.trust_folder import IdentityFolder
from edge_node.wire.trust_installed import Installed, Standing, folder_of
from tests.settings.written import SMALL

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"), now=NOW, bad=False)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("ended"), now=NOW - timedelta(days=1200), bad=False)


def site(folder: Path, pki: Pki) -> Path:
    """Settings whose certificate is the practice's, for a node that does not run."""
    files = pki.files("practice")
    shutil.copy(files.key, folder / "practice.key")
    settings = yaml.safe_load(SMALL)
    settings["identities"][0] |= {
        "ura": PRACTICE_UZI.ura,
        "organisation": PRACTICE[0],
        "fqdn": PRACTICE[1],
        "certificate": str(files.chain),
        "key": str(folder / "practice.key"),
    }
    settings["switchboard"]["peers"][0]["anchors"] = str(pki.anchors)
    settings["node"]["state_dir"] = str(folder / "state")
    settings["management"] = {"control_socket": str(folder / "control.sock")}
    path = folder / "site.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(show, [str(word) for word in words], standalone_mode=False)


class TestOfASite:
    def test_says_what_is_in_use_and_how_long(self, tmp_path: Path, pki: Pki) -> None:
        """Dutch first: it is read in a practice."""
        shown = run("--config", site(tmp_path, pki)).output
        words = ("[in gebruik]", PRACTICE[1], PRACTICE_UZI.ura, "test G1", "nog 1095 dag(en)", "RSA 2048, bestand")
        assert [word for word in words if word not in shown] == []

    def test_speaks_english_when_asked(self, tmp_path: Path, pki: Pki) -> None:
        """For the help desk of a network."""
        assert "[in use]" in run("--config", site(tmp_path, pki), "--lang", "en").output

    def test_gives_json_with_the_same(self, tmp_path: Path, pki: Pki) -> None:
        """For monitoring; with where the key lies, and never the key."""
        result = run("--config", site(tmp_path, pki), "--json")
        (own,) = json.loads(result.stdout)["identities"][0]["certificates"]
        assert (own["place"], own["source"], own["key_place"]) == ("in use", "settings", "path")
        assert "PRIVATE KEY" not in result.output

    def test_names_the_anchors_with_what_they_are_for(self, tmp_path: Path, pki: Pki) -> None:
        """Who takes an anchor away must know what falls."""
        (anchor,) = json.loads(run("--config", site(tmp_path, pki), "--json").stdout)["anchors"]
        assert anchor["used_for"] == ["lsp"]

    @pytest.mark.parametrize(("which", "code"), [("pki", 0), ("ended", 1)])
    def test_exits_1_when_somebody_is_needed(
        self, tmp_path: Path, request: pytest.FixtureRequest, which: str, code: int
    ) -> None:
        """A cron line is enough to be warned."""
        assert run("--config", site(tmp_path, request.getfixturevalue(which))).return_value == code

    def test_names_what_cannot_be_read(self, tmp_path: Path, pki: Pki) -> None:
        """The rest is shown all the same."""
        path = site(tmp_path, pki)
        (tmp_path / "practice.key").chmod(0o644)
        result = run("--config", path)
        assert (result.return_value, "can be read or written by others" in result.output) == (1, True)


class TestOfOneThatWaits:
    @pytest.fixture
    def waiting(self, tmp_path: Path, pki: Pki) -> Path:
        """A site with a certificate that was installed for the first of December."""
        path = site(tmp_path, pki)
        folder = IdentityFolder(folder_of(Path(yaml.safe_load(path.read_text())["node"]["state_dir"]), "practice"))
        chain = pki.files("practice").chain
        leaf = x509.load_pem_x509_certificates(chain.read_bytes())[0]
        folder.wait(
            Installed(
                certificate=folder.put_chain(1, chain.read_bytes()),
                key=str(tmp_path / "practice.key"),
                fingerprint=leaf.fingerprint(SHA256()).hex(),
                standing=Standing.WAITING,
                at=NOW.replace(year=NOW.year + 1, month=12, day=1),
            )
        )
        return path

    @pytest.mark.parametrize(
        ("language", "told"), [("nl", ("[wacht]", "wordt getoond vanaf")), ("en", ("[waiting]", "shown from"))]
    )
    def test_tells_from_when_it_is_shown(self, waiting: Path, language: str, told: tuple[str, str]) -> None:
        """Weeks later nobody knows whether it was installed, and a second one would take its place."""
        shown = run("--config", waiting, "--lang", language).output
        assert told[0] in shown
        assert f"{told[1]}: {NOW.year + 1}-12-01" in shown

    def test_is_never_what_is_in_use(self, waiting: Path) -> None:
        """It is not proven yet."""
        (identity,) = json.loads(run("--config", waiting, "--json").stdout)["identities"]
        assert [(one["place"], one["source"]) for one in identity["certificates"]] == [
            ("in use", "settings"),
            ("waiting", "next"),
        ]


class TestOfAFile:
    def test_needs_no_site(self, pki: Pki) -> None:
        """What came by mail is looked at before anything is done with it."""
        result = run("--file", pki.files("switchboard").chain)
        assert (result.return_value, "switchboard" in result.output) == (0, True)

    def test_that_holds_none_exits_1(self, pki: Pki) -> None:
        """A key in the place of a certificate is told as such, without its content."""
        result = run("--file", pki.files("switchboard").key)
        assert (result.return_value, "EN-CERTIFICATE-FILE" in result.output) == (1, True)

    def test_that_never_ends_is_not_waited_for(self, tmp_path: Path) -> None:
        """A pipe that nobody writes to would hang the command for ever."""
        os.mkfifo(tmp_path / "pipe")
        assert "is no file" in str(run("--file", tmp_path / "pipe").exception)
