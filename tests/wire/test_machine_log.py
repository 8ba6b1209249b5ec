"""The log of the machine is told, and never waited for."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_node.errors import Unavailable
from edge_node.wire.machine_log import MachineLogDoor


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as listening:
        listening.bind(str(tmp_path / "log"))
        yield listening


class TestDoor:
    def test_hands_over_a_line(self, tmp_path: Path, daemon: socket.socket) -> None:
        """As it is, in one datagram."""
        MachineLogDoor(tmp_path / "log").send("één".encode())
        assert daemon.recv(100).decode() == "één"

    def test_says_that_nobody_listens(self, tmp_path: Path) -> None:
        """A daemon that restarts is told a moment later."""
        with pytest.raises(Unavailable) as raised:
            MachineLogDoor(tmp_path / "log").send(b"x")
        assert (raised.value.code, raised.value.detail) == ("EN-SYSLOG-FAILED", "FileNotFoundError")

    def test_does_not_wait_for_one_that_hangs(self, tmp_path: Path, daemon: socket.socket) -> None:
        """A syslog daemon that reads nothing must not stop the messages."""
        door = MachineLogDoor(tmp_path / "log")
        with pytest.raises(Unavailable, match="BlockingIOError"):
            _flood(door)


def _flood(door: MachineLogDoor) -> None:
    for _ in range(10_000):
        door.send(b"x" * 1000)
