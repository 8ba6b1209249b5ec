"""One HTTP exchange of a sandbox party, over twisted.web: another implementation than the node's.

Knows: how to post a message and read all of its answer in time.
Must not know: what is posted, who is at the other end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from twisted.internet.defer import CancelledError, Deferred, TimeoutError, succeed
from twisted.internet.error import ConnectError, ConnectionClosed, ConnectionLost
from twisted.internet.interfaces import IConsumer, IReactorTime
from twisted.web._newclient import RequestNotSent
from twisted.web.client import PartialDownloadError, ResponseFailed, readBody
from twisted.web.http_headers import Headers
from twisted.web.iweb import IBodyProducer, IResponse
from zope.interface import implementer

_BROKEN: Final = (
    ConnectError, ConnectionClosed, ConnectionLost, ResponseFailed, RequestNotSent, PartialDownloadError,
    TimeoutError, CancelledError, OSError,
)  # fmt: skip


class Unreached(Exception):
    """No whole answer came. Whether the message was processed is not known."""


@implementer(IBodyProducer)
class _Body:
    """A body in memory."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.length = len(body)

    def startProducing(self, consumer: IConsumer) -> Deferred[None]:  # noqa: N802
        """Write it all."""
        consumer.write(self._body)
        return succeed(None)

    def pauseProducing(self) -> None:
        """It has been written."""

    def resumeProducing(self) -> None:
        """It has been written."""

    def stopProducing(self) -> None:
        """It has been written."""


class Requester(Protocol):
    """An `Agent`, or what behaves like one."""

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,  # noqa: N803  # Twisted's name
    ) -> Deferred[IResponse]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the other side answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. Its address may hold a patient number."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


async def post(
    agent: Requester, url: str, body: bytes, *, headers: Mapping[str, str], clock: IReactorTime, timeout_s: float
) -> Told:
    """Post and return the whole answer, or raise `Unreached`."""
    made = Call(method="POST", url=url, headers=headers, body=body)
    return await call(agent, made, clock=clock, timeout_s=timeout_s)


async def call(agent: Requester, made: Call, *, clock: IReactorTime, timeout_s: float) -> Told:
    """Ask and return the whole answer, or raise `Unreached`."""
    sent = Headers({name: [value] for name, value in made.headers.items()})
    body = _Body(made.body) if made.body or made.method in {"POST", "PUT"} else None
    try:
        asking = agent.request(made.method.encode(), made.url.encode(), sent, body)
        response = await asking.addTimeout(timeout_s, clock)
        answer = await readBody(response).addTimeout(timeout_s, clock)
    except _BROKEN as error:
        raise Unreached(type(error).__name__) from error
    return Told(status=response.code, headers=_headers(response.headers), body=answer)


def _headers(headers: Headers) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): values[-1].decode("latin-1") for name, values in headers.getAllRawHeaders()
    }
