"""What the service manager is told: ready, reloading, stopping, alive.

Knows: the words of sd_notify and how often the watchdog wants one.
Must not know: when the node is ready or well.
"""

from collections.abc import Mapping
from typing import Protocol

from sdnotify import SystemdNotifier

#: systemd advises half the time-out, so that one late beat does not kill a healthy node.
_BEATS_PER_TIMEOUT = 2


class Notifier(Protocol):
    """Takes one state line; `sdnotify.SystemdNotifier` fits."""

    def notify(self, state: str) -> None:
        """Send it."""
        ...


class Silence:
    """Nobody listens: the daemon was not started by a service manager."""

    def notify(self, state: str) -> None:
        """Say nothing."""


def notifier(environment: Mapping[str, str]) -> Notifier:
    """The way to the service manager, or silence where there is none."""
    # SystemdNotifier without an address makes a socket and forgets it open.
    if not environment.get("NOTIFY_SOCKET"):
        return Silence()
    way: Notifier = SystemdNotifier()
    return way


class ServiceManager:
    """Tells the service manager how the daemon is."""

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier

    def ready(self, status: str) -> None:
        """It serves; after a reload too."""
        self._notifier.notify(f"READY=1\nSTATUS={_one_line(status)}")

    def reloading(self, monotonic_s: float) -> None:
        """It reads its settings again; systemd from 253 on wants to know since when."""
        self._notifier.notify(f"RELOADING=1\nMONOTONIC_USEC={int(monotonic_s * 1_000_000)}")

    def stopping(self) -> None:
        """It drains."""
        self._notifier.notify("STOPPING=1\nSTATUS=draining")

    def alive(self) -> None:
        """It still turns."""
        self._notifier.notify("WATCHDOG=1")

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._notifier.notify(f"STATUS={_one_line(text)}")


def watchdog_interval_s(environment: Mapping[str, str], pid: int) -> float | None:
    """Seconds between two signs of life; None when nobody waits for them."""
    # WATCHDOG_PID names another process when systemd's variables were inherited by a child.
    if environment.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    asked = environment.get("WATCHDOG_USEC", "")
    if not asked.isdecimal() or int(asked) == 0:
        return None
    return int(asked) / 1_000_000 / _BEATS_PER_TIMEOUT


def _one_line(text: str) -> str:
    """A line break would start another variable; sdnotify drops silently what is not Latin-1."""
    return " ".join(text.split()).encode("ascii", "replace").decode("ascii")
