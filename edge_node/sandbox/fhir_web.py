"""The sandbox's FHIR servers, over twisted.web: every method, every path.

Knows: how a request becomes a call, and how a reply is given, late, broken or not at all.
Must not know: what is asked.
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from edge_node.sandbox.faults import Fault
from edge_node.sandbox.fhir_exchange import FhirAsked, FhirReply
from edge_node.sandbox.web import SLOW_S, abort, break_off

FhirHandler = Callable[[FhirAsked], Coroutine[Deferred[Any], Any, FhirReply]]


class FhirDoor(Resource):
    """Every path."""

    isLeaf = True

    def __init__(self, handler: FhirHandler, clock: IReactorTime) -> None:
        Resource.__init__(self)  # type: ignore[no-untyped-call]  # Twisted leaves it untyped
        self._handler = handler
        self._clock = clock

    def render(self, request: Any) -> int:
        """Handle a request, and answer when that is done."""
        gone: list[bool] = []
        request.notifyFinish().addErrback(lambda _: gone.append(True))
        done = ensureDeferred(self._serve(request, gone))
        done.addErrback(lambda failure: break_off(request, failure, gone))
        return NOT_DONE_YET

    async def _serve(self, request: Any, gone: list[bool]) -> None:
        headers = {
            name.decode("latin-1").lower(): values[-1].decode("latin-1")
            for name, values in request.requestHeaders.getAllRawHeaders()
        }
        asked = FhirAsked(
            method=request.method.decode("ascii"),
            target=request.uri.decode("latin-1"),
            headers=headers,
            body=request.content.read(),
        )
        reply = await self._handler(asked)
        if reply.manner is Fault.SLOW:
            await deferLater(self._clock, SLOW_S)
        if not gone:
            _give(request, reply)


class Doors(Resource):
    """One port for several doors, told apart by the beginning of the path."""

    isLeaf = True

    def __init__(self, others: Mapping[str, Resource], usual: Resource) -> None:
        Resource.__init__(self)  # type: ignore[no-untyped-call]  # Twisted leaves it untyped
        self._others = others
        self._usual = usual

    def render(self, request: Any) -> Any:
        """Hand the request to its door."""
        path = request.path.decode("latin-1")
        door = next((one for start, one in self._others.items() if path.startswith(start)), self._usual)
        return door.render(request)  # type: ignore[no-untyped-call]  # Twisted leaves it untyped


def _give(request: Any, reply: FhirReply) -> None:
    if reply.manner in {Fault.RESET_BEFORE, Fault.RESET_AFTER}:
        abort(request)
        return
    if reply.manner is Fault.NO_ANSWER:
        return
    request.setResponseCode(reply.status)
    for name, value in reply.headers.items():
        request.setHeader(name.encode(), value.encode())
    if reply.status != 204:
        request.setHeader(b"content-length", str(len(reply.body)).encode())
    if reply.manner is Fault.TRUNCATED:
        request.write(reply.body[: len(reply.body) // 2])
        request.loseConnection()
        return
    if reply.body:
        request.write(reply.body)
    request.finish()
