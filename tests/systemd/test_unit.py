"""The systemd unit locks the daemon in and starts it again.

Knows: the files in `systemd/`, and systemd-analyze where the machine has it.
Must not know: the daemon's code.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "systemd"
UNIT = FOLDER / "edge-node.service"
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="this machine has no systemd-analyze")


def settings_of(unit: str) -> list[tuple[str, str]]:
    lines = [line for line in unit.splitlines() if "=" in line and not line.startswith("#")]
    return [tuple(line.split("=", 1)) for line in lines]  # type: ignore[misc]


SETTINGS = settings_of(UNIT.read_text())


def analyzed(*arguments: str) -> str:
    assert ANALYZE is not None
    done = subprocess.run([ANALYZE, *arguments, str(UNIT)], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


class TestExposure:
    @needs_systemd
    def test_is_at_most_two(self) -> None:
        """A hole in the daemon must not become a hole in the practice's server."""
        told = re.search(
            r"Overall exposure level for edge-node.service: ([0-9.]+)", analyzed("security", "--offline=true")
        )
        assert told is not None
        assert float(told[1]) <= 2.0

    @needs_systemd
    def test_unit_has_no_key_systemd_cannot_read(self) -> None:
        """A misspelt line is ignored by systemd, so nobody would notice that it protects nothing."""
        unknown = set(re.findall(r"Unknown key (?:name )?'(\w+)'", analyzed("verify")))
        assert unknown <= {"RestartSteps", "RestartMaxDelaySec"}  # systemd 252 does not know these yet


class TestUnit:
    @pytest.mark.parametrize(
        "setting",
        [
            ("Type", "notify"),
            ("NotifyAccess", "main"),
            ("ExecReload", "/bin/kill -HUP $MAINPID"),
            ("Restart", "always"),
            ("StartLimitIntervalSec", "0"),
            ("LimitCORE", "0"),
            ("MemorySwapMax", "0"),
            ("StateDirectory", "edge-node"),
            ("RuntimeDirectory", "edge-node"),
            ("ProtectSystem", "strict"),
            ("NoNewPrivileges", "yes"),
            ("User", "edge-node"),
        ],
    )
    def test_has(self, setting: tuple[str, str]) -> None:
        """Each of these keeps care going at night, or keeps an intruder in."""
        assert setting in SETTINGS

    def test_has_a_watchdog(self) -> None:
        """A daemon that hangs is started again without anybody being called."""
        assert 10 <= int(dict(SETTINGS)["WatchdogSec"]) <= 60

    def test_does_not_deny_memory_that_is_written_and_executed(self) -> None:
        """With it pyOpenSSL cannot verify a certificate, and the node would not start."""
        assert "MemoryDenyWriteExecute" not in dict(SETTINGS)

    def test_does_not_hide_user_numbers(self) -> None:
        """Local systems on a Unix socket are known by their user number."""
        assert "PrivateUsers" not in dict(SETTINGS)

    def test_leaves_wrong_settings_to_a_person(self) -> None:
        """Exit code 78 comes back at every start; a loop would only hide its message in the log."""
        assert "78" in dict(SETTINGS)["RestartPreventExitStatus"].split()

    def test_stops_later_than_the_drain_ends(self) -> None:
        """systemd must not kill what the node is still finishing: node.drain_s is 30 s."""
        assert int(dict(SETTINGS)["TimeoutStopSec"]) > 30


class TestFolders:
    def test_keys_are_for_root_alone(self) -> None:
        """The daemon gets copies as credentials; a process that runs as its user finds no file."""
        assert "d /etc/edge-node/credentials 0700 root root -" in (FOLDER / "edge-node.tmpfiles.conf").read_text()

    def test_settings_cannot_be_changed_by_the_daemon(self) -> None:
        """Who breaks into the daemon must not be able to open it further at the next start."""
        assert "d /etc/edge-node 0750 root edge-node -" in (FOLDER / "edge-node.tmpfiles.conf").read_text()

    def test_user_has_no_shell(self) -> None:
        """Nobody logs in as the daemon."""
        assert "/usr/sbin/nologin" in (FOLDER / "edge-node.sysusers.conf").read_text()


class TestCredentials:
    def test_hand_over_what_the_example_of_a_practice_names(self) -> None:
        """Who copies the example and the drop-in must have a node that starts."""
        named = set(
            re.findall(r"credential:([A-Za-z0-9._-]+)", (FOLDER.parent / "config/gp-practice.yaml").read_text())
        )
        drop_in = settings_of((FOLDER / "edge-node.service.d" / "credentials.conf").read_text())
        assert named == {value.split(":")[0] for key, value in drop_in if key == "LoadCredential"}
