"""Asks the running daemon through its control socket, waiting for the answer.

Knows: how a request is written and an answer read, and how a daemon that is away looks.
Must not know: what is asked, or how an answer is shown.
"""

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from edge_node.errors import EdgeNodeError, Refused, Unavailable

DEFAULT_SOCKET: Final = Path("/run/edge-node/control.sock")
_MAX_ANSWER_BYTES: Final = 16 * 1024 * 1024


class Unreachable(Unavailable):
    """No daemon answers at the socket."""

    code = "EN-CONTROL"


class Forbidden(Refused):
    """The socket is there, and this user may not open it."""

    code = "EN-FORBIDDEN"


def ask(path: Path, request: Mapping[str, Any], *, timeout_s: float = 30) -> Any:
    """The result of one verb. Raises what the daemon answered, `Unreachable` or `Forbidden`."""
    line = json.dumps(dict(request)).encode("utf-8") + b"\n"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout_s)
            connection.connect(str(path))
            connection.sendall(line)
            answer = _read_line(connection)
    except PermissionError as error:
        raise Forbidden(f"{path}: you are not in the group edge-node") from error
    except OSError as error:
        raise Unreachable(f"{path}: {error.strerror or type(error).__name__}") from error
    return _result(answer, path)


def _read_line(connection: socket.socket) -> bytes:
    with connection.makefile("rb") as stream:
        return stream.readline(_MAX_ANSWER_BYTES)


def _result(line: bytes, path: Path) -> Any:
    if not line.endswith(b"\n"):
        raise Unreachable(f"{path}: the daemon hung up")
    answer = json.loads(line)
    if answer["ok"]:
        return answer["result"]
    raise _error(answer["error"])


def _error(document: Mapping[str, Any]) -> EdgeNodeError:
    kind = Unavailable if document["retry"] else Refused
    return kind(document["detail"], code=document["code"], retry_after_s=document["retry_after_s"])
