"""People are told that the disk is full by a node that can write nothing on it."""

import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from edge_node.model.alert import Memory
from edge_node.sandbox.stage import Stage
from edge_node.store.alert_memory import AlertMemory
from tests.faults.machine import fill, tmpfs, until


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with tmpfs(tmp_path / "state", 200), Stage(folder=tmp_path) as stage:
        stage.start()
        yield stage


@pytest.fixture
def syslog(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.settimeout(60)
        listening.bind(str(tmp_path / "log"))
        yield listening


def told(syslog: socket.socket, *states: str) -> None:
    """Wait until the log of the machine was told of one of these."""
    found = re.compile(f"state=({'|'.join(states)}) ")
    until(lambda: found.search(syslog.recv(65_536).decode()))


class TestAFullDisk:
    def test_is_told_and_told_to_be_over(self, stage: Stage, syslog: socket.socket) -> None:
        """It is the very thing that somebody must know of."""
        path = stage.folder / "site.yaml"
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
        quick = {"settle_s": 0.5, "steady_s": 1.0, "quiet_hours": None}
        settings["alerts"] = {**quick, "syslog": {"socket": str(stage.folder / "log")}}
        path.write_text(yaml.safe_dump(settings), encoding="utf-8")
        stage.node.process.send_signal(signal.SIGHUP)
        until(lambda: "settings.reloaded" in stage.node.log.read_text(encoding="utf-8"))
        other = fill(stage.folder / "state")
        told(syslog, "disk-full", "node-down")  # the latter where what is set apart was not there yet
        other.unlink()
        told(syslog, "over")

    def test_takes_nothing_from_what_is_remembered(self, tmp_path: Path) -> None:
        """Or a restart would tell all of it again."""
        with tmpfs(tmp_path / "disk", 1) as disk:
            memory = AlertMemory(disk / "alerts.memory")
            memory.put(Memory(last_seq=1))
            fill(disk)
            memory.put(Memory(last_seq=2))
            memory.put(Memory(last_seq=3))
            assert AlertMemory(disk / "alerts.memory").take().last_seq == 3
