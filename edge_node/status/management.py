"""The management listener: alive, ready, figures. It only reads.

Knows: the addresses, what each shows, and how a browser is kept from misusing them.
Must not know: how the node is found to be well, or which port it listens on.
"""

# mypy: disallow-untyped-calls=False

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure
from twisted.web.http import Request as HttpRequest
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from edge_node.status.document import of_readiness
from edge_node.status.metrics import CONTENT_TYPE, Metrics
from edge_node.status.snapshot import Snapshot

Look = Callable[[], Awaitable[Snapshot]]
Page = Callable[[], Awaitable[tuple[int, str, bytes]]]

JSON: Final = "application/json"
_IDLE_S: Final = 15
_HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)

_log = structlog.get_logger(__name__)


def management_site(look: Look, metrics: Metrics, reactor: IReactorTime) -> Site:
    """The whole listener, to be put on a loopback port."""

    async def alive() -> tuple[int, str, bytes]:
        return 200, JSON, b'{"alive":true}\n'

    async def ready() -> tuple[int, str, bytes]:
        now = await look()
        return (200 if now.is_ready else 503), JSON, _json(of_readiness(now))

    async def figures() -> tuple[int, str, bytes]:
        metrics.show(await look())
        text = metrics.text()
        metrics.fetched_at_s = reactor.seconds()
        return 200, CONTENT_TYPE, text

    root = _Nothing()
    for name, page in ((b"healthz", alive), (b"readyz", ready), (b"metrics", figures)):
        root.putChild(name, _Reading(page))
    return _QuietSite(root, requestFactory=_BodilessRequest, timeout=_IDLE_S, reactor=reactor)


class _Reading(Resource):
    """One address that is read with GET or HEAD."""

    isLeaf = True

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page

    def render(self, request: Request) -> int:
        _dress(request)
        if request.postpath not in ([], [b""]):
            return _finish(request, 404, JSON, b'{"code":"EN-NOT-FOUND"}\n')
        if request.method not in {b"GET", b"HEAD"}:
            request.setHeader(b"allow", b"GET, HEAD")
            return _finish(request, 405, JSON, b'{"code":"EN-METHOD"}\n')
        answering = Deferred.fromCoroutine(self._answer(request))
        # The reader went away: what was asked for it need not be finished.
        request.notifyFinish().addErrback(lambda _gone: answering.cancel())
        answering.addErrback(_failed, request)
        return NOT_DONE_YET

    async def _answer(self, request: Request) -> None:
        _finish(request, *await self._page())


class _Nothing(Resource):
    """Every other address."""

    def getChild(self, path: bytes, request: Request) -> Resource:  # noqa: N802  Twisted's name
        return self

    def render(self, request: Request) -> int:
        _dress(request)
        return _finish(request, 404, JSON, b'{"code":"EN-NOT-FOUND"}\n')


class _BodilessRequest(Request):
    """A request that may not bring a body: nothing here takes one, and Twisted would store it first."""

    def gotLength(self, length: int | None) -> None:  # noqa: N802  Twisted's name
        if length != 0:
            self.channel.forceAbortClient()
        super().gotLength(0)


class _QuietSite(Site):
    """A site without access log: probes come every few seconds."""

    displayTracebacks = False  # noqa: N815  Twisted's name

    def log(self, request: HttpRequest) -> None:
        """Write nothing."""


def _finish(request: Request, status: int, content_type: str, body: bytes) -> int:
    request.setResponseCode(status)
    request.setHeader(b"content-type", content_type.encode("ascii"))
    request.setHeader(b"content-length", str(len(body)).encode("ascii"))
    request.write(b"" if request.method == b"HEAD" else body)
    request.finish()
    return NOT_DONE_YET


def _failed(failure: Failure, request: Request) -> None:
    """Looking failed: alive, but nobody can say how."""
    if request.finished or request._disconnected:
        return
    _log.error("management.failed", exc_info=failure.value)
    _finish(request, 500, JSON, b'{"code":"EN-INTERNAL"}\n')


def _dress(request: Request) -> None:
    request.responseHeaders.removeHeader(b"server")
    for name, value in _HEADERS:
        request.setHeader(name, value)


def _json(document: Any) -> bytes:
    return json.dumps(document).encode("utf-8") + b"\n"
