"""A far end that keeps what it was sent, byte for byte, and a near end that sends.

Knows: enough of HTTP/1.1 over a plain or a TLS socket, by the standard library alone.
Must not know: what the bytes mean, the node's own HTTP or TLS.
"""

import queue
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from threading import Thread
from typing import Final

_WAIT_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One request as it came over the socket."""

    head: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the node answered."""

    status: int
    headers: dict[str, str]
    body: bytes


class FarEnd:
    """Listens on loopback; over TLS with a context. Answers each request with what was given last."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._heard: queue.Queue[Heard] = queue.Queue()
        self._answer = b""
        self._media_type = "text/xml"
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._connections: list[socket.socket] = []
        self._threads = [Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def will_answer(self, body: bytes, media_type: str = "text/xml") -> None:
        """Answer with this from now on; what was heard before is of another exchange."""
        self._answer, self._media_type = body, media_type
        while not self._heard.empty():
            self._heard.get_nowait()

    def heard(self) -> Heard:
        """The next request, waited for."""
        return self._heard.get(timeout=_WAIT_S)

    @property
    def heard_nothing(self) -> bool:
        """Whether no request came that was not asked for."""
        return self._heard.empty()

    def close(self) -> None:
        """End every connection."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(_WAIT_S)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self._connections.append(connection)
            thread = Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        with suppress(OSError), self._secured(plain) as connection:
            while (request := _request(connection)) is not None:
                self._heard.put(request)
                said = f"Content-Type: {self._media_type}\r\nContent-Length: {len(self._answer)}"
                connection.sendall(f"HTTP/1.1 200 OK\r\n{said}\r\n\r\n".encode() + self._answer)

    def _secured(self, plain: socket.socket) -> socket.socket:
        if self._tls is None:
            return plain
        secured = self._tls.wrap_socket(plain, server_side=True)
        self._connections.append(secured)
        return secured


def _request(connection: socket.socket) -> Heard | None:
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            return None
        received += piece
    raw_head, _, body = received.partition(b"\r\n\r\n")
    head = raw_head.decode("ascii").lower()
    size = int(head.partition("content-length:")[2].split()[0]) if "content-length:" in head else 0
    while len(body) < size:
        body += connection.recv(65536)
    return Heard(head=head, body=body)


@dataclass(frozen=True, slots=True, kw_only=True)
class NearEnd:
    """Where one side of the node is reached, and how this side proves itself."""

    address: tuple[str, int]
    tls: ssl.SSLContext | None = None
    name: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    base: str = ""

    def post(self, path: str, soap_action: str, body: bytes, media_type: str = "text/xml; charset=utf-8") -> Reply:
        """Send one request over a connection of its own and return the whole answer."""
        return self.ask("POST", path, {"Content-Type": media_type, "SOAPAction": f'"{soap_action}"'}, body)

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> Reply:
        """The same with any method and headers."""
        connection = HTTPConnection(*self.address, timeout=_WAIT_S)
        connection.sock = self._socket()
        try:
            connection.request(method, f"/{self.base}{path}", body=body, headers={**dict(self.headers), **headers})
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(status=answer.status, headers=told, body=answer.read())
        finally:
            connection.close()

    def _socket(self) -> socket.socket:
        plain = socket.create_connection(self.address, timeout=_WAIT_S)
        return plain if self.tls is None else self.tls.wrap_socket(plain, server_hostname=self.name)
