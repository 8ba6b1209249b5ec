"""A demo that is left running, and ended: what it prints can be pasted, and nothing stays behind."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest


class Kept:
    """`edge-node demo --keep`, up to the point where it waits for Ctrl-C."""

    def __init__(self, temporary: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "edge_node.cli.main", "demo", "--keep", "--no-everything", "--pushes", "3"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"TMPDIR": str(temporary), "COLUMNS": "80"},
        )
        assert self.process.stdout is not None
        self.said: list[str] = []
        for line in self.process.stdout:
            self.said.append(line.rstrip("\n"))
            if "queue list" in line:
                return

    def run(self, part: str) -> str:
        """Paste the first line with that in it into a shell with nothing in its environment, elsewhere."""
        line = next(line for line in self.said if part in line)
        shell = {"PATH": "/usr/bin:/bin"}
        return subprocess.run(
            ["/bin/sh", "-c", line], cwd="/", env=shell, capture_output=True, text=True, check=True
        ).stdout

    def end(self, *signals: signal.Signals) -> int:
        for number in signals:
            self.process.send_signal(number)
        self.process.communicate(timeout=60)
        return self.process.returncode


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder with a short path: that of a Unix socket may not be long."""
    with tempfile.TemporaryDirectory(prefix="en-") as folder:
        yield Path(folder)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path)
    yield made
    made.process.kill()
    made.process.communicate()


def running_in(folder: Path) -> list[str]:
    """The programs with a file of that folder in their command."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # ended since
            found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return [command for command in found if str(folder) in command]


class TestKeptDemo:
    @pytest.mark.skipif(
        shutil.which("curl") is None, reason="the commands to paste are curl's, which a small Debian lacks"
    )
    def test_its_commands_can_be_pasted_and_ctrl_c_ends_it_all(self, kept: Kept, tmp_path: Path) -> None:
        """A developer's first try is a paste from here; a wrapped line or a foreign python would be the last."""
        assert len(running_in(tmp_path)) >= 4
        assert '"outcome": "CA"' in kept.run("/one -d")
        assert "switchboard" in kept.run("status --config")
        assert kept.end(signal.SIGINT) == 0
        assert (running_in(tmp_path), list(tmp_path.iterdir())) == ([], [])

    def test_an_impatient_second_ctrl_c_leaves_nothing_running(self, kept: Kept, tmp_path: Path) -> None:
        """A node nobody knows of would hold its ports, and go on delivering."""
        kept.end(signal.SIGINT, signal.SIGINT, signal.SIGINT)
        assert running_in(tmp_path) == []

    def test_killed_it_takes_its_parties_along(self, kept: Kept, tmp_path: Path) -> None:
        """Who kills a terminal does not come back to look for what it started."""
        kept.end(signal.SIGKILL)
        until = time.monotonic() + 30
        while running_in(tmp_path) and time.monotonic() < until:
            time.sleep(0.1)
        assert running_in(tmp_path) == []
