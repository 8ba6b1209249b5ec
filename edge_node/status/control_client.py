"""Asks the running daemon through its control socket, waiting for the answer.

Knows: how a request is written and the lines of an answer are read, and how a daemon that is away looks.
Must not know: what is asked, or how an answer is shown.
"""

import base64
import json
import socket
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Final

from edge_node.errors import EdgeNodeError, Refused, Unavailable

DEFAULT_SOCKET: Final = Path("/run/edge-node/control.sock")
_MAX_LINE_BYTES: Final = 16 * 1024 * 1024
_READ_BYTES: Final = 256 * 1024


class Unreachable(Unavailable):
    """No daemon answers at the socket."""

    code = "EN-CONTROL"


class Forbidden(Refused):
    """The socket is there, and this user may not open it."""

    code = "EN-FORBIDDEN"


Hear = Callable[[Mapping[str, Any]], None]


def _unheard(part: Mapping[str, Any]) -> None:
    """The parts of an answer are not wanted, only its end."""


class Bytes:
    """Hears an answer whose parts are bytes, and puts them together."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def __call__(self, part: Mapping[str, Any]) -> None:
        """Hear one part."""
        self._parts.append(base64.b64decode(part["bytes"]))

    @property
    def whole(self) -> bytes:
        """What was heard so far."""
        return b"".join(self._parts)


#: Arranges that what it is handed is called when the person who asked wants no more.
Stopping = Callable[[Callable[[], None]], AbstractContextManager[object]]


def _to_the_end(stop: Callable[[], None]) -> AbstractContextManager[object]:
    return nullcontext()


def ask(
    path: Path,
    request: Mapping[str, Any],
    *,
    hear: Hear = _unheard,
    stopping: Stopping = _to_the_end,
    timeout_s: float = 30,
) -> Any:
    """The result of one verb; each part of a long answer is given to `hear` as it comes.

    Waits `timeout_s` for each line. Raises what the daemon answered, `Unreachable` or `Forbidden`. Stopped, the
    result is how far the daemon came.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout_s)
            connection.connect(str(path))
            _send(connection, request)
            with stopping(lambda: _send(connection, {"verb": "stop"})):
                answer = _end(_Lines(connection), hear)
    except PermissionError as error:
        raise Forbidden(f"{path}: you are not in the group edge-node") from error
    except OSError as error:
        raise Unreachable(f"{path}: {error.strerror or type(error).__name__}") from error
    if answer is None:
        raise Unreachable(f"{path}: the daemon hung up")
    return result_of(answer)


def result_of(answer: Mapping[str, Any]) -> Any:
    """The result in the last line of an answer; raises the error that it holds instead."""
    if answer["ok"]:
        return answer["result"]
    raise _error(answer["error"])


def _send(connection: socket.socket, request: Mapping[str, Any]) -> None:
    connection.sendall(json.dumps(dict(request)).encode("utf-8") + b"\n")


def _end(lines: "_Lines", hear: Hear) -> dict[str, Any] | None:
    """Hear the parts of an answer; return its last line, or None where the daemon broke off."""
    while line := lines.next():
        answer: dict[str, Any] = json.loads(line)
        if "part" not in answer:
            return answer
        hear(answer["part"])
    return None


class _Lines:
    """The lines of an answer."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._read = bytearray()

    def next(self) -> bytes:
        """One whole line; empty when no further one comes."""
        searched = 0
        while (end := self._read.find(b"\n", searched)) < 0 and len(self._read) < _MAX_LINE_BYTES:
            searched = len(self._read)
            read = self._connection.recv(_READ_BYTES)
            if not read:
                return b""
            self._read += read
        line = bytes(self._read[:end])
        del self._read[: end + 1]
        return line if end >= 0 else b""


def _error(document: Mapping[str, Any]) -> EdgeNodeError:
    kind = Unavailable if document["retry"] else Refused
    return kind(document["detail"], code=document["code"], retry_after_s=document["retry_after_s"])
