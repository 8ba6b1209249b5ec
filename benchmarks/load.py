"""Asks the same question, each time under a new id, as fast as it is answered or at a fixed rate.

Knows: one address, plain or mutual TLS; how an answer is recognised as the right one.
Must not know: what stands behind the address.

Usage: python -m benchmarks.load, with an `Order` as JSON on standard input. It warms up, prints `warm`, waits for a
line, and prints what it saw as one JSON line: so that whoever measures a process measures nothing else.
"""

import json
import secrets
import socket
import ssl
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.exchange import Exchange, Template, make_id, read_exchange
from benchmarks.http import Stream, read_message
from edge_node.sandbox.pki import SWITCHBOARD, Pki

WARM_UP: Final = 30
_TIMEOUT_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be asked, where, how often."""

    port: int
    exchange: str  # file
    seconds: float
    connections: int = 1
    rate: float | None = None  # questions a second over all connections; None: as fast as they are answered
    far_end_ms: int = 0  # how long the far end is to think
    pki: str | None = None  # directory: mutual TLS; None: plain
    authorization: str = ""


class Asker:
    """One connection and the answers on it."""

    def __init__(self, order: Order, exchange: Exchange) -> None:
        self._question = Template(exchange.question, exchange.question_id)
        self._head = _head(order, exchange)
        self._mine = secrets.token_hex(4).encode()
        self._count = 0
        self._far_end_ms = order.far_end_ms
        self._connection = _connect(order)
        self._stream = Stream(self._connection)
        self.took_s: list[float] = []

    def ask(self) -> None:
        """Ask once; raises when the answer is not the answer to this question."""
        self._count += 1
        id_ = make_id(self._mine, self._count, self._far_end_ms)
        self._connection.sendall(self._head + self._question.filled(id_))
        answer = read_message(self._stream)
        if answer is None or b" 200 " not in answer.start or id_ not in answer.body:
            raise ConnectionError(f"not the answer: {answer.start if answer else b''!r}")

    def ask_for(self, seconds: float) -> None:
        """Ask as fast as answers come."""
        end = time.perf_counter() + seconds
        while (begun := time.perf_counter()) < end:
            self._timed(begun)

    def ask_at(self, rate: float, seconds: float, after_s: float) -> None:
        """Ask at a rate; a question that had to wait for the answer before it counts from when it was due."""
        start = time.perf_counter() + after_s
        for number in range(int(rate * seconds)):
            due = start + number / rate
            early = due - time.perf_counter()
            if early > 0:
                time.sleep(early)
            self._timed(time.perf_counter() if early > 0 else due)

    def _timed(self, begun: float) -> None:
        self.ask()
        self.took_s.append(time.perf_counter() - begun)


def run(order: Order, askers: list[Asker]) -> list[float]:
    """Let all ask at the same time; return how long each answer took."""
    failures: list[Exception] = []

    def work(number: int, asker: Asker) -> None:
        try:
            if order.rate is None:
                asker.ask_for(order.seconds)
            else:
                # One after the other, so that the whole is even.
                asker.ask_at(order.rate / order.connections, order.seconds, number / order.rate)
        except OSError as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=numbered) for numbered in enumerate(askers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return [took for asker in askers for took in asker.took_s]


def _head(order: Order, exchange: Exchange) -> bytes:
    length = len(exchange.question.encode())
    authorization = f"Authorization: {order.authorization}\r\n" if order.authorization else ""
    return (
        f"POST /{exchange.path} HTTP/1.1\r\nHost: {SWITCHBOARD[1]}\r\nContent-Type: text/xml; charset=utf-8\r\n"
        f'SOAPAction: "{exchange.soap_action}"\r\n{authorization}Content-Length: {length}\r\n\r\n'
    ).encode()


def _connect(order: Order) -> socket.socket:
    plain = socket.create_connection(("127.0.0.1", order.port), timeout=_TIMEOUT_S)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if order.pki is None:
        return plain
    pki = Pki(out=Path(order.pki))
    files = pki.files("practice")
    context = ssl.create_default_context(cafile=str(pki.anchors))
    context.load_cert_chain(files.chain, files.key)
    return context.wrap_socket(plain, server_hostname=SWITCHBOARD[1])


def main() -> None:
    """Warm up, wait for the word, ask, tell."""
    order = Order(**json.loads(sys.stdin.readline()))
    exchange = read_exchange(Path(order.exchange))
    askers = [Asker(order, exchange) for _ in range(order.connections)]
    for asker in askers:
        for _ in range(WARM_UP):
            asker.ask()
    print("warm", flush=True)
    sys.stdin.readline()
    begun = time.perf_counter()
    took_s = run(order, askers)
    print(json.dumps({"seconds": time.perf_counter() - begun, "took_s": took_s}), flush=True)


if __name__ == "__main__":
    main()
