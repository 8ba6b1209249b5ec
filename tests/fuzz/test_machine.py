"""The machine itself: it finds each bug that was put in, within a number of runs."""

import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.targets import TARGETS
from tests.house.project import ROOT

pytest.importorskip("atheris", reason="atheris is in the environment of `./run fuzz` only")

CRASHED = 77


def run(name: str, folder: Path, *options: str) -> int:
    command = [sys.executable, "-m", "fuzz.machine", name, str(folder), "-seed=1", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=300, check=False).returncode


@pytest.mark.parametrize("name", TARGETS)
class TestMachine:
    def test_finds_the_bug_that_was_put_in(self, name: str, tmp_path: Path) -> None:
        """A harness that was joined to nothing runs as fast, and finds nothing for ever."""
        assert run(name, tmp_path, "--with-a-bug", "-runs=20000") == CRASHED
        assert list(tmp_path.glob("crash-*"))

    def test_ends_well_where_nothing_is(self, name: str, tmp_path: Path) -> None:
        """An end that looks like a crash would be looked into by somebody."""
        assert run(name, tmp_path, "-runs=300") == 0
