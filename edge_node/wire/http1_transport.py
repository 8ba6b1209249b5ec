"""What a connection needs of its transport: a deadline, a brake, and who is at the other end.

Knows: Twisted transports, plain, Unix and TLS.
Must not know: HTTP.
"""

import socket
import struct
from collections.abc import Callable
from typing import Any, Final

from OpenSSL.SSL import Connection
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime, ISystemHandle
from zope.interface import implementer

from edge_node.errors import Refused
from edge_node.wire.http1 import PIECE_BYTES, TransportPeer

_CREDENTIALS: Final = struct.Struct("3i")


class Deadline:
    """One moment by which something must have happened. Moving it later costs nothing: the timer looks again."""

    __slots__ = ("_at", "_call", "_clock", "_late")

    def __init__(self, clock: IReactorTime, late: Callable[[], None]) -> None:
        self._clock = clock
        self._late = late
        self._at: float | None = None
        self._call: IDelayedCall | None = None

    def set(self, after_s: float) -> None:
        """Be late after that many seconds from now."""
        self._at = self._clock.seconds() + after_s
        if self._call is not None and self._call.getTime() > self._at:
            self._call.cancel()
            self._call = None
        if self._call is None:
            self._call = self._clock.callLater(after_s, self._look)

    def clear(self) -> None:
        """Nothing is waited for; the timer runs out by itself."""
        self._at = None

    def stop(self) -> None:
        """End for good."""
        self._at = None
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _look(self) -> None:
        self._call = None
        if self._at is None:
            return
        left_s = self._at - self._clock.seconds()
        if left_s > 0:
            self._call = self._clock.callLater(left_s, self._look)
            return
        self._at = None
        self._late()


@implementer(IPushProducer)
class Outflow:
    """Writes to a transport no faster than the peer takes it."""

    def __init__(self, transport: Any, deadline: Deadline, stall_s: float) -> None:
        self._transport = transport
        self._deadline = deadline
        self._stall_s = stall_s
        self._paused = False
        self._room: Deferred[None] | None = None
        transport.registerProducer(self, True)

    async def write(self, data: bytes) -> None:
        """Write, then wait until there is room for more."""
        self._transport.write(data)
        if not self._paused:
            return
        self._room = Deferred()
        self._deadline.set(self._stall_s)
        try:
            await self._room
        finally:
            self._room = None
        self._deadline.clear()

    async def write_body(self, body: bytes) -> None:
        """Write a body already in memory, piece by piece."""
        view = memoryview(body)
        for start in range(0, len(body), PIECE_BYTES):
            await self.write(bytes(view[start : start + PIECE_BYTES]))

    def close(self) -> None:
        """Let go of the transport."""
        self._transport.unregisterProducer()

    def pauseProducing(self) -> None:
        self._paused = True

    def resumeProducing(self) -> None:
        self._paused = False
        if self._room is not None and not self._room.called:
            self._room.callback(None)

    def stopProducing(self) -> None:
        """The connection is gone; its protocol is told by itself."""


def tls_of(transport: Any) -> Connection | None:
    """Return the TLS connection of a transport, None for a plain one."""
    handle = transport.getHandle() if ISystemHandle.providedBy(transport) else None
    return handle if isinstance(handle, Connection) else None


def refusal_of(transport: Any) -> Refused | None:
    """Return why a TLS connection refused its peer, or was refused by it, where it knows."""
    found = getattr(tls_of(transport), "refusal", None)
    return found if isinstance(found, Refused) else None


def plain_peer(transport: Any) -> TransportPeer:
    """Tell who is at the other end of a plain or Unix socket."""
    sock = getattr(transport, "socket", None)
    if sock is not None and sock.family == socket.AF_UNIX:
        raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        return TransportPeer(address="unix", credentials=_CREDENTIALS.unpack(raw))
    return TransportPeer(address=_address(transport))


def tls_peer(transport: Any, connection: Connection, extra: object) -> TransportPeer:
    """Tell who is at the other end of a TLS connection whose handshake is done."""
    name = connection.get_servername()
    return TransportPeer(
        address=_address(transport),
        is_tls=True,
        certificate=connection.get_peer_certificate(),
        chain=tuple(connection.get_peer_cert_chain() or ()),
        server_name=name.decode("ascii", "replace") if name else None,
        extra=extra,
    )


def _address(transport: Any) -> str:
    peer = transport.getPeer()
    host, port = getattr(peer, "host", None), getattr(peer, "port", None)
    return f"{host}:{port}" if host is not None else "unknown"


def is_readable(transport: Any) -> bool:
    """Is something waiting on an idle connection: its end, or bytes nobody asked for?"""
    try:
        handle = transport.socket if hasattr(transport, "socket") else None
        if handle is None:
            return False
        return _peek(handle)
    except OSError:
        return True


def _peek(handle: socket.socket) -> bool:
    try:
        handle.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    return True
