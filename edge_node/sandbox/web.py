"""The sandbox's HTTP servers, over twisted.web: a message door, and a control door on loopback.

Knows: how a request becomes a call, and how a reply is given, late, broken or not at all.
Must not know: what a message means, what a command does.
"""

import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from edge_node.sandbox.exchange import Asked, Reply
from edge_node.sandbox.faults import Fault

SLOW_S = 5.0

Handler = Callable[[Asked, dict[str, str]], Coroutine[Deferred[Any], Any, Reply]]
Command = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


class MessageDoor(Resource):
    """Every path: posts of messages."""

    isLeaf = True

    def __init__(self, handler: Handler, clock: IReactorTime) -> None:
        Resource.__init__(self)  # type: ignore[no-untyped-call]  # Twisted leaves it untyped
        self._handler = handler
        self._clock = clock

    def render_POST(self, request: Any) -> int:
        """Handle a message, and answer when that is done."""
        gone: list[bool] = []
        request.notifyFinish().addErrback(lambda _: gone.append(True))
        done = ensureDeferred(self._serve(request, gone))
        done.addErrback(lambda failure: break_off(request, failure, gone))
        return NOT_DONE_YET

    async def _serve(self, request: Any, gone: list[bool]) -> None:
        headers = {name.decode("latin-1").lower(): values[-1].decode("latin-1") for name, values in _raw(request)}
        content = request.content
        assert content is not None
        asked = Asked(
            path=(request.path or b"").decode("latin-1").strip("/"),
            soap_action=headers.get("soapaction", "").strip('"'),
            body=content.read(),
        )
        reply = await self._handler(asked, headers)
        if reply.manner is Fault.SLOW:
            await deferLater(self._clock, SLOW_S)
        if not gone:
            _give(request, reply)


def _raw(request: Any) -> Any:
    return request.requestHeaders.getAllRawHeaders()


def _give(request: Any, reply: Reply) -> None:
    if reply.manner in {Fault.RESET_BEFORE, Fault.RESET_AFTER}:
        abort(request)
        return
    if reply.manner is Fault.NO_ANSWER:
        return
    request.setResponseCode(reply.status)
    request.setHeader(b"content-type", b"text/xml; charset=utf-8")
    request.setHeader(b"content-length", str(len(reply.body)).encode())
    if reply.manner is Fault.TRUNCATED:
        request.write(reply.body[: len(reply.body) // 2])
        request.loseConnection()
        return
    request.write(reply.body)
    request.finish()


def abort(request: Any) -> None:
    """Drop the connection without a word."""
    channel: Any = request.channel
    channel.transport.abortConnection()


def break_off(request: Any, failure: Failure, gone: list[bool]) -> None:
    """A mistake of the sandbox itself: tell it on the wire as plainly as can be."""
    failure.printTraceback()  # type: ignore[no-untyped-call]
    if not gone:
        request.setResponseCode(500)
        request.finish()


class ControlDoor(Resource):
    """Commands in JSON: `GET /state`, `POST /<command>` with an object as body."""

    isLeaf = True

    def __init__(self, commands: Mapping[str, Command]) -> None:
        Resource.__init__(self)  # type: ignore[no-untyped-call]  # Twisted leaves it untyped
        self._commands = commands

    def render_GET(self, request: Any) -> int:
        """Run a command without arguments."""
        return self._run(request, {})

    def render_POST(self, request: Any) -> int:
        """Run a command."""
        content = request.content
        assert content is not None
        try:
            arguments = json.loads(content.read() or b"{}")
        except ValueError:
            return self._tell(request, 400, {"error": "not JSON"})
        return self._run(request, arguments)

    def _run(self, request: Any, arguments: dict[str, Any]) -> int:
        command = self._commands.get((request.path or b"").decode("latin-1").strip("/"))
        if command is None:
            return self._tell(request, 404, {"error": "no such command", "commands": sorted(self._commands)})
        done = ensureDeferred(_call(command, arguments))
        done.addCallbacks(
            lambda told: self._tell(request, 200, told),
            lambda failure: self._tell(request, 400, {"error": failure.getErrorMessage()}),
        )
        return NOT_DONE_YET

    def _tell(self, request: Any, status: int, told: dict[str, Any]) -> int:
        request.setResponseCode(status)
        request.setHeader(b"content-type", b"application/json")
        request.write(json.dumps(told).encode() + b"\n")
        request.finish()
        return NOT_DONE_YET


async def _call(command: Command, arguments: dict[str, Any]) -> dict[str, Any]:
    return await command(arguments)


def site(resource: Resource) -> Site:
    """Return a quiet site over a resource."""
    made = Site(resource)  # type: ignore[no-untyped-call]
    made.noisy = False
    made.displayTracebacks = False
    return made
