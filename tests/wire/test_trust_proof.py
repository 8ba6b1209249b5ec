"""The floor under TLS: what a process really offers is looked at, in a second process each time."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from edge_node.wire.trust_context import TLS12_CIPHERS, TLS13_CIPHERS
from edge_node.wire.trust_floor import FLOORS, VARIABLE, Floor, Profile, take_up
from edge_node.wire.trust_hello import Hello, read_answer, read_hello, write_hello

#: Looks as the daemon does at its start, in a process that knows nothing of these tests.
_LOOK = """
import json, sys
from edge_node.wire.trust_floor import FLOORS, Profile
from edge_node.wire.trust_proof import differences
print(json.dumps(list(differences(FLOORS[Profile(sys.argv[1])]))))
"""
_WEAK = """
openssl_conf = all
[all]
ssl_conf = tls
[tls]
system_default = weak
[weak]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
Groups = X25519:ffdhe2048
SignatureAlgorithms = ecdsa_secp256r1_sha256:RSA+SHA1:ECDSA+SHA1
Options = UnsafeLegacyRenegotiation,-ExtendedMasterSecret
"""
PROFILES = pytest.mark.parametrize("profile", list(Profile))


def environment(**more: str) -> dict[str, str]:
    """The environment of a process that has taken up nothing yet."""
    return {name: value for name, value in os.environ.items() if name != VARIABLE} | more


def look(profile: Profile, named: Path | None) -> list[str]:
    """What differs in a process where OpenSSL is told to read this file."""
    told = environment() if named is None else environment(**{VARIABLE: str(named)})
    command = [sys.executable, "-c", _LOOK, profile]
    ended = subprocess.run(command, env=told, capture_output=True, text=True, timeout=60, check=True)
    found: list[str] = json.loads(ended.stdout)
    return found


def directives(floor: Floor) -> dict[str, str]:
    """The lines of a shipped file that say what TLS is to be."""
    lines = floor.path.read_text("utf-8").partition("[floor]\n")[2].splitlines()
    pairs = (line.split(" = ", 1) for line in lines if not line.startswith("#"))
    return dict(pairs)


class TestShippedFile:
    @PROFILES
    def test_is_taken_up_whole(self, profile: Profile) -> None:
        """Only when OpenSSL understood each line is the floor what the documents promise."""
        assert look(profile, FLOORS[profile].path) == []

    @PROFILES
    def test_says_what_the_contexts_say(self, profile: Profile) -> None:
        """A context made without it, in a tool of ours, has the same ciphers."""
        told = directives(FLOORS[profile])
        assert (told["CipherString"], told["Ciphersuites"]) == (TLS12_CIPHERS.decode(), TLS13_CIPHERS.decode())

    @PROFILES
    def test_names_the_groups_of_the_profile_and_no_other(self, profile: Profile) -> None:
        """A group in the file alone would be refused by the proof; this says where."""
        floor = FLOORS[profile]
        groups = directives(floor)["Groups"].replace("/", ":").split(":")
        assert tuple(group.lstrip("*") for group in groups) == floor.groups
        assert tuple(group[1:] for group in groups if group.startswith("*")) == floor.shares


class TestProof:
    def test_finds_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        """OpenSSL says nothing, and would offer SHA-1 and finite fields."""
        told = " ".join(look(Profile.LSP_COMPAT, tmp_path / "gone.cnf"))
        assert "groups are" in told
        assert "signature algorithms are" in told

    def test_finds_that_no_file_is_named(self) -> None:
        """Whoever starts the daemon past its entry point is told."""
        assert "the listener takes SHA-224 signatures" in look(Profile.NCSC_2025, None)

    def test_finds_a_file_that_is_no_configuration(self, tmp_path: Path) -> None:
        """A half-written file after a full disk is ignored by OpenSSL as well."""
        (tmp_path / "garbage.cnf").write_text("garbage = [[[\n\0", encoding="utf-8")
        assert look(Profile.LSP_COMPAT, tmp_path / "garbage.cnf") != []

    def test_finds_a_file_whose_end_is_missing(self, tmp_path: Path) -> None:
        """The first half may be good, and the groups in the other."""
        text = FLOORS[Profile.LSP_COMPAT].path.read_text("utf-8")
        (tmp_path / "half.cnf").write_text(text.partition("Groups")[0], encoding="utf-8")
        assert any(each.startswith("groups are") for each in look(Profile.LSP_COMPAT, tmp_path / "half.cnf"))

    def test_finds_a_weak_file(self, tmp_path: Path) -> None:
        """What a context cannot set for itself a file of somebody else would lower."""
        (tmp_path / "weak.cnf").write_text(_WEAK, encoding="utf-8")
        told = " ".join(look(Profile.LSP_COMPAT, tmp_path / "weak.cnf"))
        assert all(word in told for word in ("groups", "signature algorithms", "has no extended master secret"))

    def test_finds_the_file_of_another_profile(self) -> None:
        """A profile that is not the one in the settings is a promise not kept, in both directions."""
        assert look(Profile.NCSC_2025, FLOORS[Profile.LSP_COMPAT].path) == [
            "keys sent along are 001d instead of 11ec 001d"
        ]


class TestRenegotiation:
    def test_is_refused_by_either_end(self) -> None:
        """It was the way into many a connection. That two others agree to it shows that this test could fail."""
        command = [sys.executable, "-m", "tests.wire.renegotiating"]
        ended = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=True)
        assert json.loads(ended.stdout) == {
            "asked by who calls": False,
            "asked by who is called": False,
            "asked by who calls, between others": True,
            "asked by who is called, between others": True,
        }


class TestTakingUp:
    def test_pays_no_heed_to_what_was_named_before(self) -> None:
        """A file named in the environment of the service cannot lower the floor."""
        before = {VARIABLE: "/tmp/weak.cnf"}
        take_up(Profile.NCSC_2025, before)
        assert before == {VARIABLE: str(FLOORS[Profile.NCSC_2025].path)}


class TestHello:
    @pytest.mark.parametrize("nbytes", range(0, 60, 7))
    def test_that_ends_too_early_is_an_error(self, nbytes: int) -> None:
        """A proof on half a message would prove nothing."""
        whole = write_hello(Hello(versions=(0x0303,), suites=(0xC02B,), groups=(0x1D,), signatures=(0x0403,)))
        with pytest.raises(ValueError, match=r"ends too early|no ClientHello"):
            read_hello(whole[:nbytes])

    def test_is_read_as_it_was_written(self) -> None:
        """Reader and writer have one idea of the message."""
        written: dict[str, Any] = {"suites": (0x1301,), "groups": (0x1D, 0x17), "signatures": (0x0403, 0x0804)}
        hello = read_hello(write_hello(Hello(versions=(0x0303, 0x0304), **written)))
        assert {name: getattr(hello, name) for name in written} == written
        assert hello.versions == (0x0303, 0x0304)

    def test_refused_is_an_alert(self) -> None:
        """handshake_failure, as a server without a common cipher says it."""
        assert read_answer(bytes((21, 3, 3, 0, 2, 2, 40))).alert == 40
