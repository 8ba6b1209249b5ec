"""The way to the log of the machine: datagrams to the local socket of syslog or of systemd's journal.

Knows: that the socket may be gone and come back, that nothing may wait for it.
Must not know: what a line says, when to try again.
"""

import socket
from pathlib import Path
from typing import Final

from edge_node.errors import Unavailable

_CODE: Final = "EN-SYSLOG-FAILED"


class MachineLogDoor:
    """Hands over one datagram at a time, over a connection of its own: it is seldom."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, datagram: bytes) -> None:
        """Return when the machine took it. Raises `Unavailable` (EN-SYSLOG-FAILED)."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as door:
            try:
                door.connect(str(self._path))
                door.send(datagram)
            except OSError as error:
                raise Unavailable(type(error).__name__, code=_CODE) from error
