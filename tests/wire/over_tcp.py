"""A handshake over a real socket of this machine, between a node's TLS and somebody else's."""

import select
import socket
from dataclasses import dataclass, field
from typing import Any, Protocol

from OpenSSL import SSL

from edge_node.errors import Refused
from edge_node.wire.trust_handshake import handshake_of

#: A hang is a fault of its own; no handshake here takes a tenth of it.
GUARD_S = 5.0


class Judge(Protocol):
    """The judge behind a context of the node."""

    def judge(self, connection: SSL.Connection) -> Any: ...


@dataclass(slots=True)
class Talk:
    """What became of one connection."""

    refusal: Refused | None = None
    judged: Any = None  # who it is, when it was let in
    heard: bytes = b""  # by the application of the node
    told: bytes = b""  # by it, to the other end
    far_error: str = ""
    near: SSL.Connection | None = None
    far: SSL.Connection | None = None  # OpenSSL forgets a session with a connection that was not ended politely
    is_resumed: bool = False
    is_over: bool = field(default=False)


def talk(near: SSL.Connection, judge: Judge, far: SSL.Connection, *, near_calls: bool) -> Talk:
    """Shake hands over loopback, let the node judge, and let one word pass each way where it says yes."""
    ends = _connected()
    near_end, far_end = ends if near_calls else reversed(ends)
    (near.set_connect_state if near_calls else near.set_accept_state)()
    (far.set_accept_state if near_calls else far.set_connect_state)()
    said = _Far(far, far_end)
    kept = _Near(near, near_end, judge)
    try:
        _carry(kept, said)
    finally:
        near_end.close()
        far_end.close()
    kept.talk.far_error, kept.talk.told = said.error, said.heard
    kept.talk.near, kept.talk.far = near, far
    return kept.talk


class _Near:
    """The node's end: handshake, judge, and only then bytes of an application."""

    def __init__(self, connection: SSL.Connection, end: socket.socket, judge: Judge) -> None:
        self.connection, self.end, self._judge = connection, end, judge
        self.talk = Talk()
        self._is_judged = False

    def turn(self) -> None:
        """Go on as far as the bytes that came allow."""
        if self.talk.is_over:
            return
        try:
            self._on()
        except SSL.WantReadError:
            pass
        except Refused as refused:
            self.talk.refusal, self.talk.is_over = refused, True
        except SSL.Error:
            self.talk.refusal, self.talk.is_over = getattr(self.connection, "refusal", None), True

    def _on(self) -> None:
        if not self._is_judged:
            self.connection.do_handshake()
            self.talk.is_resumed = handshake_of(self.connection).chain is None
            self.talk.judged = self._judge.judge(self.connection)
            self._is_judged = True
            self.connection.send(b"answer")
        self.talk.heard += self.connection.recv(100)


class _Far:
    """The other end, written by somebody else: it says its word as soon as it can."""

    def __init__(self, connection: SSL.Connection, end: socket.socket) -> None:
        self.connection, self.end, self.heard, self.error, self._is_said = connection, end, b"", "", False

    def turn(self) -> None:
        """Go on as far as the bytes that came allow."""
        if self.error:
            return
        try:
            self.connection.do_handshake()
            if not self._is_said:
                self._is_said = bool(self.connection.send(b"question"))
            self.heard += self.connection.recv(100)
        except SSL.WantReadError:
            pass
        except SSL.Error as error:
            self.error = " ".join(str(reason) for *_, reason in error.args[0]) if error.args else "closed"


def _connected() -> tuple[socket.socket, socket.socket]:
    """Connect to ourselves: who calls, and who is called."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        calling = socket.create_connection(listening.getsockname(), GUARD_S)
        called, _ = listening.accept()
    for end in (calling, called):
        end.setblocking(False)
    return calling, called


def _carry(near: _Near, far: _Far) -> None:
    """Carry bytes between both TLS ends and their sockets until nothing moves any more."""
    quiet = 0
    while quiet < 2:
        near.turn()
        far.turn()
        sent = _send(near.connection, near.end) + _send(far.connection, far.end)
        # What was sent over loopback is there at once; waiting is only for a machine that is busy.
        readable, _, _ = select.select([near.end, far.end], [], [], GUARD_S if sent else 0)
        for one in readable:
            _receive(near if one is near.end else far)
        quiet = 0 if sent or readable else quiet + 1


def _send(connection: SSL.Connection, end: socket.socket) -> int:
    try:
        data = connection.bio_read(1 << 20)
    except SSL.Error:
        return 0
    end.settimeout(GUARD_S)
    end.sendall(data)
    end.setblocking(False)
    return len(data)


def _receive(side: _Near | _Far) -> None:
    try:
        data = side.end.recv(1 << 20)
    except OSError:
        return
    if data:
        side.connection.bio_write(data)
