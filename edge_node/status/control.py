"""The control socket: opened for the people on this machine who may look after the node.

Knows: who may open the socket, how many callers there may be at once, what a killed daemon leaves.
Must not know: what is said over it.
"""

# mypy: disallow-untyped-calls=False

import grp
import logging
import os
import pwd
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

import structlog
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IAddress, IListeningPort, IReactorTime
from twisted.internet.protocol import ServerFactory

from edge_node.errors import EdgeNodeError
from edge_node.status.control_line import ControlLine, Desk
from edge_node.status.verbs import Attendant

GROUP: Final = "edge-node"
_CALLERS: Final = 16

_log = structlog.get_logger(__name__)


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
        self._callers: set[ControlLine] = set()

    def buildProtocol(self, addr: IAddress | None) -> ControlLine | None:
        """Serve one more caller, or hang up."""
        if len(self._callers) >= _CALLERS:
            return None
        return ControlLine(self._desk, self._callers)

    def hang_up(self) -> None:
        """Let every caller go: the daemon stops."""
        for caller in tuple(self._callers):
            caller.hang_up()


class Ports(Protocol):
    """What opens a socket: a reactor, or what stands before one."""

    def listenUNIX(self, address: str, factory: Any, backlog: int = 50, mode: int = 0o666) -> IListeningPort:
        """Listen there, with that mode of the file."""
        ...


def listen(ports: Ports, path: Path, factory: ControlFactory, group: str | None = None) -> IListeningPort:
    """Open the socket for root, the daemon's own user and the group of operators, nobody else.

    Without a `group` of the settings, it is `edge-node` where the machine has that group.
    """
    take_over(path)
    try:
        port: IListeningPort = ports.listenUNIX(str(path), factory, mode=0o660)
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
