"""`edge-node cert verify`."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge_node.cli import cert_verify
from edge_node.sandbox.pki import Pki, make_pki

from .conftest import Run

AT = "2026-11-22T09:00:00Z"
SWITCHBOARD = "switchboard.edge-node.test"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki") / "out", now=datetime.fromisoformat(AT))


def words(pki: Pki, file: Path | None = None, /, **others: str) -> list[str]:
    """Write the command; other options take the place of these."""
    options = {
        "anchors": str(pki.anchors),
        "chain": str(file or pki.files("switchboard").chain),
        "at": AT,
        "purpose": "server",
        **others,
    }
    return [
        "cert",
        "verify",
        "--lang",
        "en",
        *(word for name, value in options.items() for word in (f"--{name}", value)),
    ]


class TestVerify:
    def test_accepts_a_good_certificate(self, run: Run, pki: Pki) -> None:
        """What the switchboard's operator sends before a change can be tried before the change."""
        result = run(*words(pki, name=SWITCHBOARD, crl=str(pki.crls)))
        assert result.exit_code == 0
        assert result.stdout.startswith(f"accepted for server at {AT}; revocation looked at\n")

    def test_takes_a_folder_of_lists(self, run: Run, pki: Pki, tmp_path: Path) -> None:
        """As `revocation.crl_files` does, with the note that somebody left in it."""
        folder = tmp_path / "lists"
        shutil.copytree(pki.out / "crl", folder)
        (folder / "README.txt").write_text("each hour")
        result = run(*words(pki, name=SWITCHBOARD, crl=str(folder)))
        assert (result.exit_code, "revocation looked at" in result.stdout) == (0, True)

    def test_takes_no_folder_without_a_list(self, run: Run, pki: Pki, tmp_path: Path) -> None:
        """Nothing would be looked at, and it would be told as good."""
        assert run(*words(pki, crl=str(tmp_path))).exit_code == 64

    def test_says_that_revocation_was_not_looked_at(self, run: Run, pki: Pki) -> None:
        """Who reads "accepted" must not think that it was."""
        result = run(*words(pki))
        assert (result.exit_code, "was not looked at" in result.stderr) == (0, True)

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("bad/expired", "EN-TLS-EXPIRED"),
            ("bad/not-yet-valid", "EN-TLS-NOT-YET"),
            ("bad/other-ca", "EN-TLS-CHAIN"),
            ("bad/other-name", "EN-TLS-NAME"),
            ("bad/no-server-auth", "EN-TLS-PURPOSE"),
            ("bad/not-a-server", "EN-TLS-UZI-TYPE"),
            ("bad/revoked", "EN-TLS-REVOKED"),
        ],
    )
    def test_refuses_what_the_listener_refuses(self, run: Run, pki: Pki, name: str, code: str) -> None:
        """The code is the one of the log, so that a refusal seen there can be looked into here."""
        result = run(*words(pki, pki.files(name).chain, name=SWITCHBOARD, crl=str(pki.crls)), "--json")
        said = json.loads(result.stdout)
        assert (result.exit_code, said["accepted"], said["code"]) == (1, False, code)

    @pytest.mark.parametrize(("at", "code"), [("2028-11-11T23:59:59Z", 0), ("2028-11-13T00:00:00Z", 1)])
    def test_refuses_small_keys_from_the_day_the_listener_does(self, run: Run, pki: Pki, at: str, code: int) -> None:
        """A certificate that was looked at with this, and found good, must not be refused on its first day."""
        result = run(*words(pki, at=at), "--json")
        assert (result.exit_code, json.loads(result.stdout).get("code") == "EN-TLS-KEY-SIZE") == (code, bool(code))

    def test_names_the_certificate_that_is_wrong(self, run: Run, pki: Pki) -> None:
        """Of three certificates, which one must be renewed?"""
        result = run(*words(pki, pki.files("bad/expired").chain))
        assert result.stdout.startswith(f"refused: EN-TLS-EXPIRED: has ended: CN={SWITCHBOARD},")

    def test_demands_a_list_of_every_ca_once_there_is_one(self, run: Run, pki: Pki) -> None:
        """A list of one CA says nothing about the others."""
        result = run(*words(pki, crl=str(pki.out / "crl" / "private-root-ca-g1.crl")), "--json")
        assert (result.exit_code, json.loads(result.stdout)["code"]) == (1, "EN-TLS-UNCHECKED")

    @pytest.mark.parametrize("name", [SWITCHBOARD, SWITCHBOARD.upper(), f"{SWITCHBOARD}."])
    def test_compares_names_as_names(self, run: Run, pki: Pki, name: str) -> None:
        """Names of hosts have no capitals."""
        assert run(*words(pki, name=name)).exit_code == 0

    @pytest.mark.parametrize("name", ["edge-node.test", "*.edge-node.test", "127.0.0.1", "", "."])
    def test_takes_no_other_name(self, run: Run, pki: Pki, name: str) -> None:
        """Neither a part of a name nor a wildcard is the name."""
        assert run(*words(pki, name=name)).exit_code == 1

    def test_takes_an_address_that_is_there(self, run: Run, pki: Pki) -> None:
        """Local systems are often called by address."""
        chain = pki.files("local/his-server").chain
        assert run(*words(pki, chain, anchors=str(pki.local_anchors), name="127.0.0.1")).exit_code == 0

    @pytest.mark.parametrize(("at", "code"), [("2026-11-22T10:00:00+01:00", 0), ("2020-01-01T00:00:00Z", 1)])
    def test_judges_as_of_the_moment_asked(self, run: Run, pki: Pki, at: str, code: int) -> None:
        """A refusal of last night is looked into as of last night."""
        assert run(*words(pki, at=at)).exit_code == code

    def test_takes_the_cas_in_any_order(self, run: Run, pki: Pki, tmp_path: Path) -> None:
        """The first is the one judged; the others only lead to the anchor."""
        first, *others = x509.load_pem_x509_certificates(pki.files("switchboard").chain.read_bytes())
        path = tmp_path / "chain.pem"
        path.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in (first, *reversed(others))))
        assert run(*words(pki, path)).exit_code == 0

    def test_reads_der(self, run: Run, pki: Pki, tmp_path: Path) -> None:
        """CAs publish their certificates in DER."""
        ca = x509.load_pem_x509_certificates(pki.files("switchboard").chain.read_bytes())[-1]
        path = tmp_path / "ca.cer"
        path.write_bytes(ca.public_bytes(Encoding.DER))
        assert run(*words(pki, path, purpose="any")).exit_code == 0


class TestBadInput:
    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "EN-TLS-UNREADABLE"),
            (b"nothing of the kind", "EN-TLS-UNREADABLE"),
            (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "EN-TLS-UNREADABLE"),
            (b"-----BEGIN CERTIFICATE-----\n", "EN-TLS-UNREADABLE"),
            (b"\x30\x82" * 600_000, "EN-TLS-TOO-LARGE"),
        ],
        ids=["empty", "text", "garbage in PEM", "half of one", "huge"],
    )
    def test_is_refused_with_its_file(self, run: Run, pki: Pki, tmp_path: Path, content: bytes, code: str) -> None:
        """A file that was cut off by a mail programme is not a bad certificate, and is said to be what it is."""
        path = tmp_path / "sent.pem"
        path.write_bytes(content)
        said = json.loads(run(*words(pki, path), "--json").stdout)
        assert (said["accepted"], said["code"], str(path) in said["reason"]) == (False, code, True)

    @pytest.mark.parametrize("option", ["anchors", "crl"])
    @pytest.mark.parametrize("content", [b"", b"nothing of the kind", b"\x30\x82" * 11_000_000])
    def test_of_who_asks_is_no_verdict(self, run: Run, pki: Pki, tmp_path: Path, option: str, content: bytes) -> None:
        """Anchors that cannot be read say nothing of the certificate of a peer, who would be called for nothing."""
        path = tmp_path / "ours.pem"
        path.write_bytes(content)
        result = run(*words(pki, **{option: str(path)}), "--json")
        assert (result.exit_code, result.stdout, "ours.pem" in result.stderr) == (64, "", True)

    def test_of_a_version_that_does_not_exist_is_refused(self, run: Run, pki: Pki, tmp_path: Path) -> None:
        """The library has an error of its own for it, which ended the command as a mistake of the program."""
        leaf = x509.load_pem_x509_certificates(pki.files("switchboard").chain.read_bytes())[0]
        version_3, version_19 = bytes.fromhex("a003020102"), bytes.fromhex("a003020112")
        path = tmp_path / "leaf.cer"
        path.write_bytes(leaf.public_bytes(Encoding.DER).replace(version_3, version_19, 1))
        result = run(*words(pki, path), "--json")
        assert (result.exit_code, json.loads(result.stdout)["code"]) == (1, "EN-TLS-UNREADABLE")

    def test_refuses_a_list_that_is_none(self, run: Run, pki: Pki) -> None:
        """Else the verdict would rest on less than was handed in."""
        result = run(*words(pki, crl=str(pki.anchors)), "--json")
        assert (result.exit_code, "EN-CRL-UNREADABLE" in result.stderr) == (64, True)

    @pytest.mark.parametrize(
        "others",
        [
            {"chain": "/nowhere/chain.pem"},
            {"chain": "/"},
            {"chain": "/dev/zero"},
            {"at": "yesterday"},
            {"at": "2026-11-22"},
            {"at": "2026-11-22T09:00:00"},
            {"at": "0001-01-01T00:00:00+14:00"},
            {"purpose": "both"},
        ],
        ids=lambda others: " ".join(f"{name} {value}" for name, value in others.items()),
    )
    def test_is_a_mistake_of_who_asks(self, run: Run, pki: Pki, others: dict[str, str]) -> None:
        """A script must be able to tell a bad certificate from a wrong file name."""
        assert run(*words(pki, **others)).exit_code == 64

    def test_waits_for_no_pipe(self, run: Run, pki: Pki, tmp_path: Path) -> None:
        """A pipe that nobody writes to would hang the command for ever."""
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        assert run(*words(pki, pipe)).exit_code == 64

    def test_ends_in_time_whatever_verifying_does(self, run: Run, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
        """A certificate made to hang a verifier hangs no script."""
        monkeypatch.setattr(cert_verify, "_LIMIT_S", 0.05)
        monkeypatch.setattr(cert_verify, "_judged", lambda **options: time.sleep(0.5))
        result = run(*words(pki), "--json")
        assert (result.exit_code, json.loads(result.stdout)["code"]) == (1, "EN-TLS-TOO-LARGE")

    def test_is_held_to_five_seconds(self, run: Run, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
        """Under the limit that it has when people use it; what is still busy is not waited for."""
        is_over = threading.Event()
        monkeypatch.setattr(cert_verify, "_judged", lambda **options: is_over.wait(60))
        began = time.monotonic()
        result = run(*words(pki), "--json")
        took_s = time.monotonic() - began
        is_over.set()
        assert (result.exit_code, json.loads(result.stdout)["code"]) == (1, "EN-TLS-TOO-LARGE")
        assert took_s < 5

    def test_lets_no_name_steer_a_terminal(self, run: Run, pki: Pki, tmp_path: Path) -> None:
        """What was sent is looked at by people, in a terminal that obeys escape sequences."""
        result = run(*words(pki, name="\x1b]0;owned\x07"))
        assert "\x1b" not in result.stdout


class TestAsAProgram:
    def test_takes_well_under_five_seconds(self, pki: Pki) -> None:
        """It is run by scripts, for each of many certificates."""
        began = time.monotonic()
        command = [sys.executable, "-m", "edge_node.cli.main", *words(pki, crl=str(pki.crls))]
        done = subprocess.run(command, capture_output=True, timeout=30, check=False)
        assert done.returncode == 0, done.stderr
        assert time.monotonic() - began < 5

    def test_needs_no_zone_of_the_machine(self, pki: Pki) -> None:
        """The moment is the one that was written, whatever the machine's clock shows."""
        moment = datetime.fromisoformat(AT).astimezone(UTC)
        command = [sys.executable, "-m", "edge_node.cli.main", *words(pki, at=moment.isoformat()), "--json"]
        done = subprocess.run(command, capture_output=True, check=True, env={**os.environ, "TZ": "Asia/Tokyo"})
        assert json.loads(done.stdout)["at"] == AT
