"""Blows that count, and cuts that prove something."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edge_node.sandbox.crash_machine import Machine
from edge_node.sandbox.crash_plan import Blow
from edge_node.sandbox.crash_trace import Layer, TraceBroken
from edge_node.sandbox.stage import Program, Stage

BLOW = Blow(number=1, is_cut=False, point="inserted", nth=1)
#: What the process says that stands for the node: how it ends.
KILLED = f"import os; os.kill(os.getpid(), {int(signal.SIGKILL)})"
NOT_STARTED = "raise SystemExit(70)"


def reached(folder: Path, node: str) -> int:
    """Deal the blow to a node that does this."""
    stage = Stage(folder=folder)
    with subprocess.Popen([sys.executable, "-c", node]) as process:
        stage._programs["node"] = Program(name="node", process=process, out=folder / "out", log=folder / "log")
        machine = Machine(stage, Layer(library=folder, root=folder / "state", traces=folder / "traces"))
        machine.strike(BLOW, random.Random(1))
    return machine.reached["inserted"]


class TestABlowAtAFailPoint:
    @pytest.mark.parametrize(("node", "times"), [(KILLED, 1), (NOT_STARTED, 0)])
    def test_counts_when_the_node_killed_itself_there(self, tmp_path: Path, node: str, times: int) -> None:
        """A node that cannot start has ended too: counted, it would prove what was never tried."""
        assert reached(tmp_path, node) == times


def cut(folder: Path, *unnoted: str) -> Machine:
    """Cut the power of a machine in whose folder these files were made without a note."""
    root = folder / "state"
    root.mkdir()
    for name in unnoted:
        (root / name).write_bytes(b"")
    layer = Layer(library=folder, root=root, traces=folder / "traces")
    (folder / "traces").mkdir()
    machine = Machine(Stage(folder=folder), layer)
    machine.cut(random.Random(1))
    return machine


class TestCut:
    def test_may_come_between_a_deed_and_its_note(self, tmp_path: Path) -> None:
        """Once in a thousand kills a file was made and not yet noted: it is counted, and proves nothing wrong."""
        assert cut(tmp_path, "store.db.copy").unlike == 1

    def test_proves_nothing_where_more_is_not_noted(self, tmp_path: Path) -> None:
        """A layer that does not see what the node does would find every node sound."""
        with pytest.raises(TraceBroken, match="differ about one, two"):
            cut(tmp_path, "one", "two")
