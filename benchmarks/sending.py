"""Sends pushes of 20 kB from many senders at once, each for a patient of its own, until all are answered.

Knows: how a push is made from the sample, how an answer tells that it was delivered and not only kept.
Must not know: what stands behind the address.

Usage: python -m benchmarks.sending, with an `Order` as JSON on standard input. It connects and warms up, prints
`warm`, waits for a line, and prints the seconds it took as one JSON line.
"""

import json
import secrets
import socket
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.exchange import Exchange, Template, make_id, read_exchange
from benchmarks.http import Stream, read_message
from benchmarks.keeping import bsns
from edge_node.sandbox.samples.people import patient

BODY_BYTES: Final = 20_000
WARM_UP: Final = 3
_TIMEOUT_S: Final = 60.0
_END: Final = "</ControlActProcess>"
_TEXT: Final = "Geen bijzonderheden. "


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be sent, where."""

    port: int
    exchange: str  # file
    authorization: str
    messages: int
    senders: int


class _Pushes:
    """One push after the other, as bytes on the wire."""

    def __init__(self, order: Order, exchange: Exchange) -> None:
        text = exchange.question
        room = BODY_BYTES - len(text.encode())
        filling = f"<text>{_TEXT * (room // len(_TEXT))}</text>"
        text = text.replace(_END, filling + _END)
        self._template = Template(text, exchange.question_id, patient(3).bsn)
        self._patients = [bsn.value.encode() for bsn in bsns(order.messages + order.senders * WARM_UP)]
        self._mine = secrets.token_hex(4).encode()
        self._head = (
            f"POST /{exchange.path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml; charset=utf-8\r\n"
            f'SOAPAction: "{exchange.soap_action}"\r\nAuthorization: {order.authorization}\r\n'
        ).encode()

    def request(self, number: int) -> bytes:
        """Return the request of that number."""
        body = self._template.filled(make_id(self._mine, number), self._patients[number])
        return self._head + b"Content-Length: %d\r\n\r\n" % len(body) + body


class _Sender:
    """One connection; each push waits for the answer to the one before."""

    def __init__(self, order: Order, requests: list[bytes]) -> None:
        self._connection = socket.create_connection(("127.0.0.1", order.port), timeout=_TIMEOUT_S)
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = Stream(self._connection)
        self._requests = requests
        self.failure: Exception | None = None
        for request in self._take(WARM_UP):
            self._send(request)

    def run(self) -> None:
        """Send all."""
        try:
            for request in self._take(len(self._requests)):
                self._send(request)
        except OSError as error:
            self.failure = error

    def _take(self, count: int) -> list[bytes]:
        taken, self._requests = self._requests[:count], self._requests[count:]
        return taken

    def _send(self, request: bytes) -> None:
        self._connection.sendall(request)
        answer = read_message(self._stream)
        if answer is None or b" 200 " not in answer.start or b'typeCode="CA"' not in answer.body:
            raise ConnectionError(f"not a receipt: {answer.start if answer else b''!r}")
        # "Kept" would be the node's own answer, before the other side has it.
        if b"edge-node-state: kept" in answer.head.lower():
            raise ConnectionError("kept, and not delivered")


def main() -> None:
    """Warm up, wait for the word, send, tell."""
    order = Order(**json.loads(sys.stdin.readline()))
    pushes = _Pushes(order, read_exchange(Path(order.exchange)))
    total = order.messages + order.senders * WARM_UP
    requests = [pushes.request(number) for number in range(total)]
    senders = [_Sender(order, requests[number :: order.senders]) for number in range(order.senders)]
    print("warm", flush=True)
    sys.stdin.readline()
    threads = [threading.Thread(target=sender.run) for sender in senders]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took_s = time.perf_counter() - begun
    failures = [repr(sender.failure) for sender in senders if sender.failure is not None]
    print(json.dumps({"seconds": took_s, "failures": failures}), flush=True)


if __name__ == "__main__":
    main()
