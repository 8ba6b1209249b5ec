"""Ports that rest while the process has no file descriptor left.

Knows: how often a port looks whether there is one again.
Must not know: who calls, what is served.
"""

import os
from typing import Any

from twisted.internet import tcp, unix
from twisted.internet.interfaces import IListeningPort

#: How long a port that could accept nobody leaves its callers waiting before it looks again.
REST_S = 0.2


class _Resting:
    """A port of Twisted that does not go round and round over callers it has no descriptor for.

    Twisted keeps one descriptor back to turn such callers away with. Another thread can take it in between;
    then the caller stays in the kernel's list, and the reactor is woken for it without end.
    """

    _rest: Any = None

    def doRead(self: Any) -> None:
        """Accept who waits; rest when nobody could be."""
        before = self.sessionno
        super().doRead()  # type: ignore[misc]  # the port this is mixed into has it
        if self.sessionno == before and self.connected and not _a_descriptor_is_free(self.fileno()):
            self.stopReading()
            self._rest = self.reactor.callLater(REST_S, self._look_again)

    def connectionLost(self: Any, reason: Any) -> None:
        """End with the port."""
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        super().connectionLost(reason)  # type: ignore[misc]  # the port this is mixed into has it

    def _look_again(self: Any) -> None:
        self._rest = None
        if not self.disconnecting:
            self.startReading()


class _TcpPort(_Resting, tcp.Port):
    """A resting port of TCP."""


class _UnixPort(_Resting, unix.Port):
    """A resting port of a socket in the file system."""


class RestingPorts:
    """What a reactor listens with, but that its ports rest."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor

    def listenTCP(self, port: int, factory: Any, backlog: int = 50, interface: str = "") -> IListeningPort:
        """Listen there. Raises `CannotListenError`."""
        opened: IListeningPort = _TcpPort(port, factory, backlog, interface, self._reactor)
        opened.startListening()
        return opened

    def listenUNIX(self, address: str, factory: Any, backlog: int = 50, mode: int = 0o666) -> IListeningPort:
        """Listen there, with that mode of the file. Raises `CannotListenError`."""
        opened: IListeningPort = _UnixPort(os.fsencode(address), factory, backlog, mode, self._reactor)
        opened.startListening()
        return opened


def _a_descriptor_is_free(descriptor: int) -> bool:
    try:
        os.close(os.dup(descriptor))
    except OSError:
        return False
    return True
