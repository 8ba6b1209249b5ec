"""The far end of every arm: a small mutual TLS server that answers each question with its answer.

Knows: how a question's id is found, how the answer is filled in; TLS of the standard library.
Must not know: who is between it and the asker.

Usage: python -m benchmarks.far_end PKI EXCHANGE [PUSH]. Prints one JSON line when it serves, and one for each
connection: which TLS it speaks; with a file of a PUSH also one for each that comes.
"""

import json
import secrets
import socket
import ssl
import sys
import threading
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from benchmarks.exchange import ID, Template, make_id, read_exchange, takes_s
from benchmarks.http import Stream, read_message
from edge_node.sandbox.pki import Pki


def context(pki: Pki) -> ssl.SSLContext:
    """Return a context as the switchboard's: its own chain, and a certificate demanded of everybody."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_verify_locations(pki.anchors)
    files = pki.files("switchboard")
    made.load_cert_chain(files.chain, files.key)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What comes by itself beside the questions: its path, and the receipt it gets."""

    path: bytes
    answer: Template


class FarEnd:
    """Answers on every connection, each in a thread of its own."""

    def __init__(self, tls: ssl.SSLContext, answer: Template, push: Push | None = None) -> None:
        self._tls = tls
        self._answer = answer
        self._push = push
        self._mine = secrets.token_hex(4).encode()
        self._count = count()
        self._lock = threading.Lock()

    def serve(self, listener: socket.socket) -> None:
        """Take connections until the process ends."""
        while True:
            plain, _ = listener.accept()
            threading.Thread(target=self._talk, args=(plain,), daemon=True).start()

    def _talk(self, plain: socket.socket) -> None:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with self._tls.wrap_socket(plain, server_side=True) as connection:
                self._say(connection)
                stream = Stream(connection)
                while (asked := read_message(stream)) is not None:
                    connection.sendall(self._reply(asked.body, self._template(asked.start)))
        except OSError:
            return  # the other side went away

    def _template(self, start: bytes) -> Template:
        if self._push is None or self._push.path not in start:
            return self._answer
        self._tell(push=self._push.path.decode())
        return self._push.answer

    def _reply(self, question: bytes, answer: Template) -> bytes:
        found = ID.search(question)
        if found is None:
            return b"HTTP/1.1 500 No Id\r\nContent-Length: 0\r\n\r\n"
        body = answer.filled(found[0], make_id(self._mine, next(self._count)))
        time.sleep(takes_s(found[0]))
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    def _say(self, connection: ssl.SSLSocket) -> None:
        cipher = connection.cipher() or ("", "", 0)
        self._tell(tls=connection.version(), cipher=cipher[0])

    def _tell(self, **what: str | None) -> None:
        with self._lock:
            print(json.dumps(what), flush=True)


def main() -> None:
    """Serve."""
    pki, exchange = Pki(out=Path(sys.argv[1])), read_exchange(Path(sys.argv[2]))
    answer = Template(exchange.answer, exchange.question_id, exchange.answer_id)
    push = None
    if len(sys.argv) > 3:
        other = read_exchange(Path(sys.argv[3]))
        receipt = Template(other.answer, other.question_id, other.answer_id)
        push = Push(path=f"/{other.path} ".encode(), answer=receipt)
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        print(json.dumps({"event": "ready", "port": listener.getsockname()[1]}), flush=True)
        FarEnd(context(pki), answer, push).serve(listener)


if __name__ == "__main__":
    main()
