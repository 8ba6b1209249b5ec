"""The pooled keep-alive client of the message path: one pool for each destination.

Knows: how many connections may be open, who waits for one, when a request certainly did not leave.
Must not know: what a message means, when to try again, how a TLS context is made.
"""

import re
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from twisted.internet.defer import Deferred, TimeoutError
from twisted.internet.error import ConnectError, ConnectingCancelledError, ConnectionRefusedError
from twisted.internet.interfaces import IDelayedCall, IReactorTime, IStreamClientEndpoint
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure

from edge_node.errors import NotReached, NotSent
from edge_node.wire.broken_way import in_words
from edge_node.wire.http1 import Headers, Judge, Limits, UnfitHeader, header_lines
from edge_node.wire.http1_client_answer import ClientAnswer
from edge_node.wire.http1_exchange import ClientConnection, Sending
from edge_node.wire.http1_round import Round

__all__ = ["ClientAnswer", "Destination", "HttpClient"]

_METHOD: Final = re.compile(r"[A-Z]+")
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
_TARGET: Final = re.compile(r"(?:http:/)?/[!-\"$-~]*")  # the whole address where a proxy is asked (RFC 9112, 3.2.2)

_LIMITS: Final = Limits(idle_s=25.0)  # shorter than any server's, so that we are the one who closes


#: Says whether another attempt may go well, of the code of the refusal and the seconds left; it may wait so long.
Again = Callable[[str, float], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a pool goes to; `endpoint` holds the TLS, where there is any. `limits.idle_s` is that of the pool."""

    endpoint: IStreamClientEndpoint
    authority: str  # for Host
    limits: Limits = _LIMITS
    max_connections: int = 8
    connect_s: float = 5.0  # to the end of the TLS handshake
    wait_s: float = 10.0  # for a connection when all are in use
    judge: Judge | None = None
    again: Again | None = None
    to_the_end: bool = False  # an answer may end with its connection: only for what shows by itself that it is whole


class HttpClient:
    """Sends requests to one destination; never repeats one by itself."""

    def __init__(self, destination: Destination, clock: IReactorTime) -> None:
        self._to = destination
        self._clock = clock
        self._idle: list[ClientConnection] = []
        self._open: set[ClientConnection] = set()
        self._connecting = 0
        self._waiters: deque[Deferred[ClientConnection | None]] = deque()
        self._closing: Deferred[None] | None = None
        self._round = Round(clock, lambda: tuple(self._open))

    @property
    def connections(self) -> int:
        """How many are open or being opened."""
        return len(self._open) + self._connecting

    async def request(
        self,
        method: str,
        target: str,
        headers: Headers,
        body: bytes,
        *,
        timeout_s: float,
        connect_s: float | None = None,
    ) -> ClientAnswer:
        """Send, and return the answer when its head is there. The time-out covers its body too.

        `connect_s` may shorten the time to connect.

        Raises `NotSent` when no byte left, `OutcomeUnknown` from the first byte on.
        """
        sending = self._sending(method, target, headers, body)
        began_s = self._clock.seconds()
        connection = await self._checkout(timeout_s, min(self._to.connect_s, timeout_s, connect_s or timeout_s))
        left_s = max(0.0, timeout_s - (self._clock.seconds() - began_s))
        return await connection.send(sending, timeout_s=left_s)

    async def reach(self, *, connect_s: float) -> None:
        """See that a connection is there for a request to come, so that nothing it needs is spent in vain.

        Raises `NotSent` when there is none to be had.
        """
        connection = await self._checkout(connect_s, min(self._to.connect_s, connect_s))
        connection.rest()

    async def knock(self, *, connect_s: float) -> None:
        """See whether the other end is there. Raises `NotSent`.

        By a new connection, which asks nothing: an old one may seem alive long after its other end died.
        """
        if self._closing is not None:
            raise NotSent("the client is closing")
        connection = await self._connect(min(self._to.connect_s, connect_s))
        connection.close()

    async def hail(self, *, timeout_s: float) -> None:
        """See whether the other end answers anything at all. Raises `NotSent` or `OutcomeUnknown`.

        For one that takes connections and answers no request: what it says to a question about nothing is not read.
        """
        answer = await self.request("OPTIONS", "/", (), b"", timeout_s=timeout_s)
        answer.abort()

    def rejudge(self) -> None:
        """Judge the peer of every connection once more; who is refused now is broken off."""
        self._round.begin()

    def close(self, *, limit_s: float = 5.0) -> Deferred[None]:
        """Ask nothing more; fires when what is in hand is done. What is left at the limit is broken off.

        Who no longer waits for it has it broken off at once.
        """
        done: Deferred[None] = Deferred()
        if self._closing is not None and not self._closing.called:
            done.chainDeferred(self._closing)  # asked again, with less patience
        self._closing = done
        for waiter in tuple(self._waiters):
            waiter.errback(NotSent("the client is closing"))
        for connection in self._idle:
            connection.close()
        self._idle.clear()
        late = self._clock.callLater(limit_s, self._break_off)
        done.addBoth(self._closed, late)
        self._note_closed()
        return done

    def _sending(self, method: str, target: str, headers: Headers, body: bytes) -> Sending:
        if not _METHOD.fullmatch(method) or not _TARGET.fullmatch(target):
            raise UnfitHeader("method or target cannot be sent")
        length = f"content-length: {len(body)}\r\n" if body or method in _WITH_BODY else ""
        text = f"{method} {target} HTTP/1.1\r\nhost: {self._to.authority}\r\n{header_lines(headers)}{length}\r\n"
        return Sending(text.encode("latin-1"), body, is_head=method == "HEAD")

    # The pool

    async def _checkout(self, timeout_s: float, connect_s: float) -> ClientConnection:
        """Take a fit idle connection, open one, or wait for one: first come, first served."""
        if self._closing is not None:
            raise NotSent("the client is closing")
        connection = None if self._waiters else self._fit()
        if connection is None and (self._waiters or self.connections >= self._to.max_connections):
            connection = await self._turn(min(self._to.wait_s, timeout_s))
        return connection or await self._connect(connect_s)

    def _fit(self) -> ClientConnection | None:
        """The one used last is the likeliest to be alive; one that is not fit is closed, never used."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_fit:
                return connection
            connection.close()
            self._open.discard(connection)
        return None

    async def _turn(self, wait_s: float) -> ClientConnection | None:
        """Wait for a connection, or for None: room to open one."""
        waiter: Deferred[ClientConnection | None] = Deferred()
        self._waiters.append(waiter)
        waiter.addTimeout(wait_s, self._clock)
        try:
            return await waiter
        except TimeoutError as error:
            raise NotSent("all connections to it are in use", code="EN-BUSY") from error
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    async def _connect(self, connect_s: float) -> ClientConnection:
        self._connecting += 1
        try:
            connection = await self._opened_at_last(connect_s)
        except BaseException:
            self._connecting -= 1
            self._hand_on(None)
            self._note_closed()
            raise
        self._connecting -= 1
        self._open.add(connection)
        return connection

    async def _opened_at_last(self, connect_s: float) -> ClientConnection:
        """Connect, and once more while what stood against it is said to pass; all of it within that time."""
        end_s = self._clock.seconds() + connect_s
        while True:
            try:
                return await self._opened(max(0.0, end_s - self._clock.seconds()))
            except NotSent as refused:
                left_s = end_s - self._clock.seconds()
                if self._to.again is None or not await self._to.again(refused.code, left_s):
                    raise

    async def _opened(self, connect_s: float) -> ClientConnection:
        """Connect and shake hands. Not a byte of a request has left here, so every failure is `NotSent`."""
        began_s = self._clock.seconds()
        connection = await self._reached(connect_s)
        left_s = max(0.0, connect_s - (self._clock.seconds() - began_s))
        try:
            return await connection.ready.addTimeout(left_s, self._clock)
        except TimeoutError as error:
            raise NotSent(f"no connection within {connect_s:g} s") from error
        except (ConnectError, ConnectingCancelledError, OSError) as error:
            raise NotSent(in_words(error)) from error

    async def _reached(self, connect_s: float) -> ClientConnection:
        """Connect. Who refuses is there; every other failure is without a sign of life."""
        try:
            connecting = self._to.endpoint.connect(Factory.forProtocol(self._new))
            connection = await connecting.addTimeout(connect_s, self._clock)
        except TimeoutError as error:
            raise NotReached(f"no connection within {connect_s:g} s") from error
        except ConnectionRefusedError as error:
            raise NotSent(in_words(error)) from error
        except (ConnectError, ConnectingCancelledError, OSError) as error:
            raise NotReached(in_words(error)) from error
        assert isinstance(connection, ClientConnection)
        return connection

    def _new(self) -> ClientConnection:
        connection = ClientConnection(self._to.limits, self._clock, self._to.judge, to_the_end=self._to.to_the_end)
        connection.on_idle, connection.on_lost = self._idled, self._lost
        return connection

    def _idled(self, connection: ClientConnection) -> None:
        if self._closing is not None:
            connection.close()
        elif not self._hand_on(connection):
            self._idle.append(connection)

    def _lost(self, connection: ClientConnection) -> None:
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._hand_on(None)
        self._note_closed()

    def _hand_on(self, connection: ClientConnection | None) -> bool:
        """Give a connection, or room for one, to the one who waits longest."""
        if not self._waiters or (connection is None and self.connections >= self._to.max_connections):
            return False
        self._waiters.popleft().callback(connection)
        return True

    def _note_closed(self) -> None:
        if self._closing is not None and not self.connections and not self._closing.called:
            self._closing.callback(None)

    def _closed(self, result: object, late: IDelayedCall) -> object:
        if late.active():
            late.cancel()
        if isinstance(result, Failure):
            self._break_off()
        return result

    def _break_off(self) -> None:
        for connection in tuple(self._open):
            connection.abort(None)
