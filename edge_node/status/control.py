"""The control socket: one JSON object a line in, one out, from people on this machine.

Knows: how a caller is identified, how long a line may be, who may open the socket.
Must not know: what a verb does.
"""

# mypy: disallow-untyped-calls=False

import grp
import json
import logging
import os
import pwd
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IAddress, IListeningPort, IReactorTime, IReactorUNIX
from twisted.internet.protocol import ServerFactory, connectionDone
from twisted.protocols.basic import LineReceiver
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure

from edge_node.errors import EdgeNodeError, Refused
from edge_node.status.document import of_error
from edge_node.status.verbs import VERBS, Attendant

GROUP: Final = "edge-node"
MAX_LINE_BYTES: Final = 16 * 1024
_IDLE_S: Final = 60
_CALLERS: Final = 16
_CREDENTIALS: Final = struct.Struct("3i")  # pid, uid, gid

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a connection needs to serve its caller."""

    attendant: Attendant
    clock: IReactorTime
    name_of: Callable[[int], str]


def user_name(uid: int) -> str:
    """The name of a Unix user, as it is recorded."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


class ControlFactory(ServerFactory):
    """Makes one protocol a caller, and no more than there is room for."""

    noisy = False

    def __init__(self, attendant: Attendant, clock: IReactorTime, name_of: Callable[[int], str] = user_name) -> None:
        self._desk = Desk(attendant=attendant, clock=clock, name_of=name_of)
        self._callers: set[_Control] = set()

    def buildProtocol(self, addr: IAddress | None) -> "_Control | None":
        """Serve one more caller, or hang up."""
        if len(self._callers) >= _CALLERS:
            return None
        return _Control(self._desk, self._callers)

    def hang_up(self) -> None:
        """Let every caller go: the daemon stops."""
        for caller in tuple(self._callers):
            caller.transport.loseConnection()


class _Control(LineReceiver, TimeoutMixin):
    """One caller. Its requests are carried out in order, the next one only after the answer to the last."""

    transport: Any  # Twisted types it as one that may be absent and has no handle
    delimiter = b"\n"
    MAX_LENGTH = MAX_LINE_BYTES

    def __init__(self, desk: Desk, callers: "set[_Control]") -> None:
        self._desk = desk
        self._callers = callers
        self._who = ""
        self._working: Deferred[None] | None = None

    def callLater(self, period: float, func: Callable[[], None]) -> Any:  # noqa: N802  the hook of TimeoutMixin
        return self._desk.clock.callLater(period, func)

    def connectionMade(self) -> None:
        self._callers.add(self)
        self._who = self._desk.name_of(peer_uid(self.transport.getHandle()))
        self.setTimeout(_IDLE_S)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._callers.discard(self)
        self.setTimeout(None)
        # A change in hand is finished: it was recorded, and half of it would be worse.

    def lineReceived(self, line: bytes) -> None:
        self.setTimeout(None)
        self.pauseProducing()
        self._working = Deferred.fromCoroutine(self._attend(line))
        self._working.addErrback(self._failed)
        self._working.addBoth(self._next)

    def lineLengthExceeded(self, line: bytes) -> None:
        self._say({"ok": False, "error": of_error(_wrong(f"a request has at most {MAX_LINE_BYTES} bytes"))})
        self.transport.loseConnection()

    async def _attend(self, line: bytes) -> None:
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            self._say({"ok": False, "error": of_error(_wrong("a request is one JSON object on one line"))})
            return
        answer = await self._desk.attendant.attend(request, self._who)
        self._tell(request, answer)
        self._say(answer)

    def _tell(self, request: Any, answer: dict[str, Any]) -> None:
        """Log who asked for a change; the reason stands in the record, which not everybody reads."""
        verb = VERBS.get(str(request.get("verb"))) if isinstance(request, dict) else None
        if verb is not None and verb.changes:
            # Of a request that was refused nothing is repeated: it may hold anything.
            uid, outcome = (request.get("uid"), "done") if answer["ok"] else (None, answer["error"]["code"])
            _log.info("control.change", verb=request["verb"], who=self._who, uid=uid, outcome=outcome)

    def _failed(self, failure: Failure) -> None:
        _log.error("control.failed", exc_info=failure.value)
        self._say({"ok": False, "error": of_error(EdgeNodeError("see the log"))})

    def _next(self, _ended: None) -> None:
        self._working = None
        if self in self._callers:
            self.setTimeout(_IDLE_S)
            self.resumeProducing()

    def _say(self, answer: dict[str, Any]) -> None:
        if self in self._callers:
            self.sendLine(json.dumps(answer).encode("utf-8"))


def peer_uid(handle: socket.socket) -> int:
    """Who is at the other end, as the kernel knows it."""
    raw = handle.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    uid: int = _CREDENTIALS.unpack(raw)[1]
    return uid


def listen(reactor: IReactorUNIX, path: Path, factory: ControlFactory, group: str | None = None) -> IListeningPort:
    """Open the socket for root, the daemon's own user and the group of operators, nobody else.

    Without a `group` of the settings, it is `edge-node` where the machine has that group.
    """
    take_over(path)
    try:
        port: IListeningPort = reactor.listenUNIX(str(path), factory, mode=0o660)
    except CannotListenError as error:
        raise EdgeNodeError(str(path), code="EN-LISTEN") from error
    try:
        os.chown(path, -1, grp.getgrnam(group or GROUP).gr_gid)
    except KeyError:
        _log.log(logging.INFO if group is None else logging.WARNING, "control.no-group", group=group or GROUP)
    except PermissionError:
        _log.warning("control.group-refused", group=group or GROUP)
    return port


def take_over(path: Path) -> None:
    """Remove a socket that a killed process left; one that is in use is not ours to take.

    Twisted's own way (`wantPID`) asks whether the process that left it lives, by its number. In a container the
    numbers of the old and the new process are the same, and the new one would never start.
    """
    if not path.exists():
        return
    if not path.is_socket():
        raise EdgeNodeError(f"{path} is no socket", code="EN-LISTEN")
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise EdgeNodeError(f"{path} is in use", code="EN-LISTEN")


def _wrong(detail: str) -> Refused:
    return Refused(detail, code="EN-CONTROL-REQUEST")
