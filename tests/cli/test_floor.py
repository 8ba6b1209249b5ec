"""The floor under TLS as whoever starts the daemon meets it: in processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge_node.cli.exits import SETTINGS
from edge_node.wire.trust_floor import VARIABLE

from ..settings.written import SMALL, write

_WEAK = """
openssl_conf = all
[all]
ssl_conf = tls
[tls]
system_default = weak
[weak]
Groups = X25519:ffdhe2048
SignatureAlgorithms = ECDSA+SHA256:RSA+SHA256:RSA+SHA1
"""
#: The daemon, past its entry point: what a damaged installation would come to.
_PAST_THE_ENTRY = "import sys, pathlib; from edge_node import node; sys.exit(node.run([pathlib.Path(sys.argv[1])]))"
#: The command, where the shipped file cannot be named.
_WITHOUT_FILE = """
import os, sys
from edge_node.cli import floor
floor.take_up = lambda profile, environment: environment.update(OPENSSL_CONF="/nowhere.cnf")
from edge_node.cli.main import main
main()
"""
PROFILES = pytest.mark.parametrize("profile", ["lsp-compat", "ncsc-2025"])


def ended(*command: str, named: Path | None = None) -> "subprocess.CompletedProcess[str]":
    told = {name: value for name, value in os.environ.items() if name != VARIABLE}
    told |= {VARIABLE: str(named)} if named else {}
    return subprocess.run(
        [sys.executable, *command], env=told, capture_output=True, text=True, timeout=60, check=False
    )


def settings(folder: Path, profile: str) -> str:
    assert "switchboard:\n" in SMALL
    return str(write(folder, SMALL.replace("switchboard:\n", f"switchboard:\n  tls_profile: {profile}\n")))


@pytest.fixture
def weak(tmp_path: Path) -> Path:
    path = tmp_path / "weak.cnf"
    path.write_text(_WEAK, encoding="utf-8")
    return path


class TestStart:
    @PROFILES
    def test_without_the_floor_is_refused(self, tmp_path: Path, profile: str) -> None:
        """OpenSSL says nothing and would take SHA-1: better no node than one that promises what it does not keep."""
        found = ended("-c", _PAST_THE_ENTRY, settings(tmp_path, profile))
        assert (found.returncode, found.stderr.splitlines()[0][:13]) == (SETTINGS, "EN-TLS-FLOOR:")
        assert "signature algorithms are" in found.stderr

    @PROFILES
    def test_is_on_the_floor_whatever_the_environment_names(self, tmp_path: Path, weak: Path, profile: str) -> None:
        """It is refused for the files this site has not, and not for its TLS."""
        found = ended("-m", "edge_node.cli.main", "run", "--config", settings(tmp_path, profile), named=weak)
        assert found.returncode == SETTINGS
        assert "EN-TLS-FLOOR" not in found.stderr
        assert "cannot be read" in found.stderr or "No such file" in found.stderr


class TestCheck:
    @PROFILES
    def test_finds_the_floor_whatever_the_environment_names(self, tmp_path: Path, weak: Path, profile: str) -> None:
        """It looks at the same thing as a start."""
        found = ended("-m", "edge_node.cli.main", "check", "--config", settings(tmp_path, profile), named=weak)
        assert found.returncode == SETTINGS
        assert "EN-TLS-FLOOR" not in found.stdout

    def test_finds_that_it_is_not_there(self, tmp_path: Path) -> None:
        """Before the restart that would be refused, and at the line of the settings that asks for it."""
        found = ended("-c", _WITHOUT_FILE, "check", "--config", settings(tmp_path, "ncsc-2025"))
        assert "switchboard.tls_profile: EN-TLS-FLOOR: ncsc-2025: " in found.stdout


class TestCommands:
    def test_load_no_openssl_before_the_floor_is_taken_up(self) -> None:
        """An OpenSSL that is loaded has read its file, and does not look again."""
        loaded = "import sys, edge_node.cli.main, edge_node.settings.load; print('OpenSSL' in sys.modules, end=' ')"
        found = ended("-c", f"{loaded}; print('cryptography.hazmat.bindings._rust' in sys.modules)")
        assert found.stdout == "False False\n"
