"""What the service manager is told."""

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from edge_node.status.notify import ServiceManager, Silence, notifier, watchdog_interval_s


class Heard:
    """A service manager that remembers."""

    def __init__(self) -> None:
        self.states: list[str] = []

    def notify(self, state: str) -> None:
        self.states.append(state)


class TestServiceManager:
    def test_hears_the_life_of_the_daemon(self) -> None:
        """systemd starts what comes after the node only when it is ready."""
        heard = Heard()
        manager = ServiceManager(heard)
        manager.ready("serving")
        manager.reloading(1.5)
        manager.alive()
        manager.stopping()
        assert heard.states == [
            "READY=1\nSTATUS=serving",
            "RELOADING=1\nMONOTONIC_USEC=1500000",
            "WATCHDOG=1",
            "STOPPING=1\nSTATUS=draining",
        ]

    def test_a_status_cannot_smuggle_a_variable(self) -> None:
        """A line break in a text from elsewhere would be read as another word."""
        heard = Heard()
        ServiceManager(heard).status("down\nMAINPID=1 \u2014 caf\u00e9")
        assert heard.states == ["STATUS=down MAINPID=1 ? caf?"]

    def test_nobody_is_told_outside_systemd(self) -> None:
        """In a container or a terminal there is no socket to speak to."""
        assert isinstance(notifier({}), Silence)

    def test_is_spoken_to_over_its_socket(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """As systemd listens."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.bind(str(tmp_path / "notify"))
            monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))  # sdnotify reads it itself
            way: Any = notifier(os.environ)
            ServiceManager(way).ready("serving")
            way.socket.close()
            assert systemd.recv(100) == b"READY=1\nSTATUS=serving"


class TestWatchdog:
    @pytest.mark.parametrize(
        ("environment", "interval_s"),
        [
            ({"WATCHDOG_USEC": "30000000"}, 15.0),
            ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42"}, 15.0),
            ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, None),
            ({"WATCHDOG_USEC": "0"}, None),
            ({"WATCHDOG_USEC": "soon"}, None),
            ({}, None),
        ],
    )
    def test_beats_twice_a_timeout(self, environment: dict[str, str], interval_s: float | None) -> None:
        """One late beat must not kill a node that is well."""
        assert watchdog_interval_s(environment, pid=42) == interval_s
