"""A whole node over real TLS while the machine fails it."""

import json
import os
import resource
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from edge_node.sandbox.stage import Stage
from tests.faults.machine import fill, tmpfs, until


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with tmpfs(tmp_path / "state", 200), Stage(folder=tmp_path) as stage:
        stage.start()
        yield stage


def readiness(stage: Stage) -> dict[str, Any]:
    """What the management listener says of the node."""
    request = urllib.request.Request(f"http://{stage.node.ready['management']}/readyz")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        found = json.load(error)
    return found


def codes(stage: Stage) -> set[str]:
    return {reason.get("code", "") for reason in readiness(stage)["reasons"]}


def used_s(pid: int) -> float:
    """Seconds of the processor that a process used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class TestANode:
    def test_says_that_the_disk_is_full_and_is_well_again_by_itself(self, stage: Stage) -> None:
        """Staff read it where they look, and need not restart anything."""
        state = stage.folder / "state"
        other = fill(state)
        until(lambda: "EN-STORE-FULL" in codes(stage))
        other.unlink()
        until(lambda: "EN-STORE-FULL" not in codes(stage), limit_s=40)
        assert stage.node.is_running

    def test_without_descriptors_does_not_spin_and_serves_again(self, stage: Stage) -> None:
        """A caller gone wild takes all connections: the node waits for descriptors, not in a loop."""
        pid = stage.node.process.pid
        open_now = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (open_now + 2, before[1]))
        host, port = stage.node.ready["local"].rsplit(":", 1)
        with ExitStack() as callers:
            for _ in range(60):
                callers.enter_context(socket.create_connection((host, int(port)), timeout=5))
            begun_s = used_s(pid)
            time.sleep(2)
            spent_s = used_s(pid) - begun_s
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        assert spent_s < 1
        assert until(lambda: readiness(stage)["ready"])
