"""`edge-node cert csr`, `cert install` and `cert test`."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from edge_node.model.finding import Finding
from edge_node.model.renewal import Installation, Outcome, Result
from edge_node.sandbox.pki import PRACTICE, PRACTICE_UZI, Pki, make_pki

from ..settings.written import SMALL
from ..status.renewing_double import AWAY, PEM, TAKEN
from .conftest import Run
from .doubles import Daemon


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"), now=datetime.now(UTC), bad=False)


@pytest.fixture
def socket(tmp_path: Path) -> list[str]:
    return ["--socket", str(tmp_path / "control.sock"), "--identity", "practice", "--lang", "en"]


@pytest.fixture
def certificate(pki: Pki) -> list[str]:
    return ["--certificate", str(pki.files("practice").chain), "--why", "it ends"]


@pytest.fixture
def brought(certificate: list[str], tmp_path: Path) -> list[str]:
    return [*certificate, *_key_file(tmp_path, b"secret"), *_passphrase_file(tmp_path, b"secret")]


def _key_file(folder: Path, passphrase: bytes | None) -> list[str]:
    path = folder / "brought.key"
    path.touch(0o600)
    how = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase)
    key = ec.generate_private_key(ec.SECP256R1())
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how))
    return ["--key", str(path)]


def _passphrase_file(folder: Path, passphrase: bytes | None) -> list[str]:
    if passphrase is None:
        return []
    path = folder / "brought.passphrase"
    path.touch(0o600)
    path.write_bytes(passphrase)
    return ["--key-passphrase", str(path)]


class TestCsr:
    def test_prints_the_request_alone(self, run: Run, daemon: Daemon, socket: list[str]) -> None:
        """It is pasted into a form, or sent to a file; what a person must do stands beside it."""
        result = run("cert", "csr", *socket, "--why", "it ends")
        assert (result.exit_code, result.stdout) == (0, PEM)
        assert "edge-node cert install" in result.stderr

    def test_says_where_one_that_signs_tokens_goes(self, run: Run, daemon: Daemon, socket: list[str]) -> None:
        """It must not take the place of the one of TLS: the settings name it, with its key."""
        result = run("cert", "csr", *socket, "--why", "it ends", "--for-tokens")
        assert (result.exit_code, result.stdout) == (0, PEM)
        assert "key: sealed:practice.1" in result.stderr
        assert "edge-node cert install" not in result.stderr

    def test_makes_no_key_that_signs_no_token(self, run: Run, daemon: Daemon, socket: list[str]) -> None:
        """Tokens are signed with RSA only; a certificate that cannot sign would come after a week."""
        result = run("cert", "csr", *socket, "--why", "it ends", "--for-tokens", "--curve", "P-256")
        assert (result.exit_code, daemon.certificates.asked) == (64, [])

    def test_writes_it_where_it_is_to_go(self, run: Run, daemon: Daemon, socket: list[str], tmp_path: Path) -> None:
        """And prints nothing then."""
        out = tmp_path / "practice.csr"
        result = run("cert", "csr", *socket, "--why", "it ends", "--out", str(out))
        assert (result.exit_code, result.stdout, out.read_text()) == (0, "", PEM)

    @pytest.mark.parametrize("name", ["nowhere/a.csr", "there.txt"])
    def test_makes_no_key_for_a_file_it_cannot_make(
        self, run: Run, daemon: Daemon, socket: list[str], tmp_path: Path, name: str
    ) -> None:
        """The key would be there and its request nowhere; and what lies there is somebody's."""
        (tmp_path / "there.txt").write_text("mine")
        result = run("cert", "csr", *socket, "--why", "it ends", "--out", str(tmp_path / name))
        assert (result.exit_code, daemon.certificates.asked) == (64, [])
        assert (tmp_path / "there.txt").read_text() == "mine"

    def test_leaves_no_empty_file(self, run: Run, daemon: Daemon, socket: list[str], tmp_path: Path) -> None:
        """It would be handed in, or stand in the way of the next try."""
        run("cert", "csr", *socket, "--why", "it ends")
        result = run("cert", "csr", *socket, "--why", "again", "--out", str(tmp_path / "a.csr"))
        assert (result.exit_code, (tmp_path / "a.csr").exists()) == (1, False)

    def test_tells_how_to_get_the_text_again(
        self, run: Run, daemon: Daemon, socket: list[str], tmp_path: Path
    ) -> None:
        """Else --replace is all a person finds, and that destroys the key."""
        run("cert", "csr", *socket, "--why", "it ends")
        assert "cert csr --list" in run("cert", "csr", *socket, "--why", "again").stderr
        run("cert", "csr", *socket, "--list", "--out", str(tmp_path / "a.csr"))
        assert (tmp_path / "a.csr").read_text() == PEM

    def test_that_waits_is_not_replaced_unasked(self, run: Run, daemon: Daemon, socket: list[str]) -> None:
        """A certificate that is on its way would be lost."""
        run("cert", "csr", *socket, "--why", "it ends")
        result = run("cert", "csr", *socket, "--why", "again")
        assert (result.exit_code, "EN-CERT-WAITING" in result.stderr) == (1, True)

    def test_lists_what_waits(self, run: Run, daemon: Daemon, socket: list[str]) -> None:
        """Before the register is asked a second time."""
        run("cert", "csr", *socket, "--why", "it ends")
        (one,) = json.loads(run("cert", "csr", *socket, "--list", "--json").stdout)
        assert (one["identity"], one["number"], one["pem"]) == ("practice", 1, PEM)

    @pytest.mark.parametrize("arguments", [["--why", "it ends"], ["--identity", "practice"]])
    def test_needs_to_know_for_whom_and_why(self, run: Run, daemon: Daemon, arguments: list[str]) -> None:
        """It is recorded with your name."""
        assert run("cert", "csr", *arguments).exit_code == 64
        assert daemon.certificates.asked == []


class TestInstall:
    def test_tells_what_the_settings_may_say(
        self, run: Run, daemon: Daemon, socket: list[str], certificate: list[str]
    ) -> None:
        """They still name the old one, and somebody will wonder next year."""
        result = run("cert", "install", *socket, *certificate)
        assert (result.exit_code, "key: sealed:practice.1" in result.stderr) == (0, True)
        assert len(daemon.certificates.offered[0].certificates) == 3

    def test_tells_every_complaint_with_its_code(
        self, run: Run, daemon: Daemon, socket: list[str], certificate: list[str]
    ) -> None:
        """One call to the register, not three."""
        wrong = (Finding("EN-TLS-NAME", "it is for a"), Finding("EN-TLS-URA", "it is of b"))
        daemon.certificates.installation = Installation(identity="practice", result=Result.UNFIT, wrong=wrong)
        result = run("cert", "install", *socket, *certificate)
        assert result.exit_code == 1
        assert result.stdout.splitlines()[:2] == ["EN-TLS-NAME: it is for a", "EN-TLS-URA: it is of b"]

    @pytest.mark.parametrize(
        ("outcome", "code"),
        [
            (Installation(identity="practice", result=Result.WAITING), 0),
            (Installation(identity="practice", result=Result.WAITING, tried=(AWAY,)), 75),
            (Installation(identity="practice", result=Result.WAITING, tried=(TAKEN,)), 0),
            (Installation(identity="practice", result=Result.REFUSED, tried=(AWAY,)), 1),
        ],
        ids=["its day has to come", "no answer", "taken, for later", "refused"],
    )
    def test_ends_as_scripts_need_it(
        self, run: Run, daemon: Daemon, socket: list[str], certificate: list[str], outcome: Installation, code: int
    ) -> None:
        """One that waits for its day is well; one that could not be tried asks for another look."""
        daemon.certificates.installation = outcome
        assert run("cert", "install", *socket, *certificate).exit_code == code

    def test_names_a_file_that_is_no_certificate(
        self, run: Run, daemon: Daemon, socket: list[str], tmp_path: Path
    ) -> None:
        """The request was taken for the certificate."""
        (tmp_path / "a.csr").write_text(PEM)
        result = run("cert", "install", *socket, "--certificate", str(tmp_path / "a.csr"), "--why", "it ends")
        assert (result.exit_code, "a.csr holds no certificate" in result.stderr) == (1, True)
        assert daemon.certificates.offered == []

    @pytest.mark.parametrize("option", ["--certificate", "--chain", "--key", "--key-passphrase"])
    @pytest.mark.parametrize("name", ["pipe", "huge"])
    def test_waits_for_no_file_without_end(
        self, run: Run, daemon: Daemon, socket: list[str], brought: list[str], tmp_path: Path, option: str, name: str
    ) -> None:
        """A pipe that nobody writes to would hang the command for ever, and a wrong file its daemon."""
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "huge").touch(0o600)
        (tmp_path / "huge").write_bytes(bytes(300_000))
        result = run("cert", "install", *socket, *brought, option, str(tmp_path / name))
        assert (result.exit_code in {1, 64}, daemon.certificates.offered) == (True, [])
        assert str(tmp_path / name) in " ".join(result.stderr.split())

    @pytest.mark.parametrize("passphrase", [None, b"secret"])
    def test_takes_a_key_that_was_made_elsewhere(
        self,
        run: Run,
        daemon: Daemon,
        socket: list[str],
        certificate: list[str],
        tmp_path: Path,
        passphrase: bytes | None,
    ) -> None:
        """A site that moves from another product brings its own, often with a passphrase."""
        key = [*_key_file(tmp_path, passphrase), *_passphrase_file(tmp_path, passphrase)]
        assert run("cert", "install", *socket, *certificate, *key).exit_code == 0
        (offered,) = daemon.certificates.offered
        assert (offered.key or b"").startswith(b"-----BEGIN PRIVATE KEY-----")

    def test_asks_for_the_passphrase_by_its_option(
        self, run: Run, daemon: Daemon, socket: list[str], certificate: list[str], tmp_path: Path
    ) -> None:
        """A setting of that purpose is of no use here."""
        result = run("cert", "install", *socket, *certificate, *_key_file(tmp_path, b"secret"))
        assert ("EN-KEY-PASSPHRASE" in result.stderr, "with --key-passphrase" in result.stderr) == (True, True)

    def test_refuses_a_key_that_others_can_read(
        self, run: Run, daemon: Daemon, socket: list[str], certificate: list[str], tmp_path: Path
    ) -> None:
        """A start refuses the same file: whoever read it can be this site."""
        key = _key_file(tmp_path, None)
        Path(key[1]).chmod(0o644)
        result = run("cert", "install", *socket, *certificate, *key)
        assert ("EN-KEY-EXPOSED" in result.stderr, daemon.certificates.offered) == (True, [])

    def test_goes_back(self, run: Run, daemon: Daemon, socket: list[str]) -> None:
        """Without any file: the one before is there."""
        result = run("cert", "install", *socket, "--back", "--why", "a mistake", "--json")
        assert (result.exit_code, json.loads(result.stdout)["result"]) == (0, "in use")


class TestLanguage:
    @pytest.mark.parametrize(("language", "words"), [("nl", "Dien hem in bij het register"), ("en", "Hand it in")])
    def test_is_as_chosen(self, run: Run, daemon: Daemon, socket: list[str], language: str, words: str) -> None:
        """A practice's IT person reads Dutch, as in `cert show`."""
        assert words in run("cert", "csr", *socket, "--lang", language, "--why", "it ends").stderr

    def test_is_that_of_what_went_wrong_too(self, run: Run, daemon: Daemon, socket: list[str]) -> None:
        """Why nothing was made is what must be understood first."""
        run("cert", "csr", *socket, "--why", "it ends")
        said = run("cert", "csr", *socket, "--lang", "nl", "--why", "again").stderr
        assert "EN-CERT-WAITING: Er wacht al een aanvraag" in said
        assert "Wat te doen: Installeer het certificaat" in said

    def test_may_be_chosen_once(
        self, run: Run, daemon: Daemon, socket: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whoever looks after hundreds of nodes says it in a profile."""
        monkeypatch.setenv("EDGE_NODE_LANG", "en")
        assert "Hand it in" in run("cert", "csr", *socket[:-2], "--why", "it ends").stderr


class TestWhatTakesLong:
    def test_is_told_at_once(self, run: Run, daemon: Daemon, socket: list[str]) -> None:
        """Silence looks like a fault, and somebody presses Ctrl-C halfway."""
        assert run("cert", "csr", *socket, "--why", "it ends").stderr.startswith("The key is being made")


class TestTest:
    @pytest.mark.parametrize(
        ("tried", "code"),
        [(TAKEN, 0), (AWAY, 75), (replace(AWAY, outcome=Outcome.REFUSED), 1)],
        ids=["taken", "no answer", "refused"],
    )
    def test_ends_as_scripts_need_it(
        self, run: Run, daemon: Daemon, socket: list[str], tried: object, code: int
    ) -> None:
        """A watch on the line can tell a refusal from a line that is down."""
        daemon.certificates.trial = tried  # type: ignore[assignment]
        assert run("cert", "test", *socket).exit_code == code

    def test_shows_each_stage(self, run: Run, daemon: Daemon, socket: list[str]) -> None:
        """Which one fails says which help desk to call."""
        result = run("cert", "test", *socket)
        assert result.stdout.splitlines()[1:] == [
            "lsp (zim): taken",
            "  name       good                   2 ms  lsp.example.test",
        ]


class TestWithoutTheDaemon:
    """A new site has no certificate, so its daemon cannot start: the commands do it themselves."""

    @pytest.fixture
    def site(self, tmp_path: Path, pki: Pki) -> list[str]:
        state = tmp_path / "state"
        state.mkdir(mode=0o700)
        written = yaml.safe_load(SMALL)
        written["node"]["state_dir"] = str(state)
        written["management"] = {"control_socket": str(tmp_path / "control.sock")}
        written["identities"][0] |= {
            "ura": PRACTICE_UZI.ura,
            "organisation": PRACTICE[0],
            "fqdn": PRACTICE[1],
            "certificate": str(state / "identities" / "practice" / "1.pem"),
            "key": "sealed:practice.1",
        }
        written["switchboard"]["peers"][0]["anchors"] = str(pki.anchors)
        (tmp_path / "site.yaml").write_text(yaml.safe_dump(written))
        return ["--config", str(tmp_path / "site.yaml")]

    def edge_node(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "edge_node.cli.main", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def test_the_first_certificate_of_a_site(self, site: list[str], pki: Pki, tmp_path: Path, run: Run) -> None:
        """From nothing to settings that a start takes, with the key sealed all the way."""
        who = ["--identity", "practice", "--why", "a new site"]
        made = self.edge_node("cert", "csr", *site, *who, "--curve", "P-256", "--json")
        (tmp_path / "a.csr").write_text(json.loads(made.stdout)["pem"])
        signed = ["--csr", str(tmp_path / "a.csr"), "--out", str(tmp_path / "a.pem")]
        assert run("sandbox", "sign-csr", "--pki", str(pki.out), *signed).exit_code == 0
        file = ["--certificate", str(tmp_path / "a.pem"), "--untested", "--json"]
        done = self.edge_node("cert", "install", *site, *who, *file)
        assert (done.returncode, json.loads(done.stdout)["now"]["key"]) == (0, "sealed:practice.1")
        assert (tmp_path / "state" / "identities" / "practice" / "1.pem").exists()
