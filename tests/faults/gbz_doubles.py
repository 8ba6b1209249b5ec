"""Those around a node whose faults are made from outside: a name server, a monitor and a mail server, in threads."""

import http.server
import json
import socket
import socketserver
import threading
from email import message_from_bytes
from email.policy import default
from types import TracebackType
from typing import Any, Self

from twisted.names import dns

_dns: Any = dns  # which has no types
_NO_SUCH_NAME = 3


class NameServer:
    """Answers for IPv4 until the block ends. What it does not know is no name at all."""

    def __init__(self, address: str, known: dict[str, str], port: int = 53) -> None:
        self.known = known
        self.is_silent = False
        self._at = (address, port)

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(self._at)
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                asked, who = self._socket.recvfrom(512)
            except OSError:
                return
            if not self.is_silent:
                self._socket.sendto(self._answer(asked), who)

    def _answer(self, asked: bytes) -> bytes:
        message = _dns.Message()
        message.fromStr(asked)
        (query,) = message.queries
        address = self.known.get(str(query.name).lower())
        message.answer = 1
        message.rCode = _NO_SUCH_NAME if address is None else 0
        if address is not None and query.type == _dns.A:
            message.answers = [_dns.RRHeader(str(query.name), _dns.A, ttl=1, payload=_dns.Record_A(address, 1))]
        found: bytes = message.toStr()
        return found


class Monitor:
    """Takes what a node tells by webhook."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        told = self.told

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


class _PostOffice(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class MailHouse:
    """Takes mail over plain SMTP, as a mail server on the same machine does."""

    def __init__(self) -> None:
        self.lines: list[str] = []  # the first line of each mail
        self.port = 0
        self._server: _PostOffice | None = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def open(self) -> None:
        """Listen, at the same port each time."""
        house = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                house.talk(self.rfile, self.wfile)

        self._server = _PostOffice(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def talk(self, said: Any, answers: Any) -> None:
        """Talk with one client until it says goodbye."""
        answers.write(b"220 post.example.org ESMTP\r\n")
        while line := said.readline():
            word = line[:4].upper()
            if word == b"DATA":
                answers.write(b"354 go on\r\n")
                self._take(said)
            answers.write(b"221 bye\r\n" if word == b"QUIT" else b"250 yes\r\n")
            if word == b"QUIT":
                return

    def _take(self, said: Any) -> None:
        lines = []
        while (line := said.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        mail = message_from_bytes(b"".join(lines), policy=default)
        self.lines += mail.get_content().splitlines()
