"""Both arms of the benchmark of keeping run."""

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


class TestEnqueueArm:
    @pytest.mark.parametrize("arm", ["store", "plain"])
    def test_keeps_all_and_tells_how_long_it_took(self, arm: str, tmp_path: Path) -> None:
        """A benchmark that broke unnoticed is missed on the day it is needed. How long it took is not tested."""
        command = [sys.executable, "-m", "benchmarks.enqueue_arm", arm, str(tmp_path), "40", "8"]
        told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY)
        assert float(told.stdout) > 0
