"""What a port does that has no descriptor for who calls."""

import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Protocol, ServerFactory
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from edge_node.accepting import REST_S, RestingPorts


class Reading(Clock):
    """A reactor that knows whose sockets are to be read, and reads none."""

    def __init__(self) -> None:
        super().__init__()
        self.readers: list[Any] = []

    def addReader(self, reader: Any) -> None:
        self.readers.append(reader)

    def removeReader(self, reader: Any) -> None:
        with suppress(ValueError):
            self.readers.remove(reader)

    def removeWriter(self, writer: Any) -> None:
        """Nothing is written."""


@contextmanager
def no_descriptor() -> Iterator[None]:
    """Nothing can be opened, whatever is kept back for it."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


class Calls:
    """A port with callers that wait."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.reactor = Reading()
        factory = ServerFactory.forProtocol(Protocol)
        ports = RestingPorts(self.reactor)
        if kind == "tcp":
            self.port: Any = ports.listenTCP(0, factory, interface="127.0.0.1")
            self.waiting = socket.create_connection(("127.0.0.1", self.port.getHost().port), timeout=5)
        else:
            self.port = ports.listenUNIX(str(folder / "socket"), factory, mode=0o600)
            self.waiting = socket.socket(socket.AF_UNIX)
            self.waiting.connect(str(folder / "socket"))

    @property
    def is_listened_to(self) -> bool:
        return self.port in self.reactor.readers

    def end(self) -> None:
        self.waiting.close()
        self.port.stopListening()
        self.reactor.advance(0)
        for left in tuple(self.reactor.readers):
            left.connectionLost(Failure(ConnectionDone()))


@pytest.fixture(params=["tcp", "unix"])
def calls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Calls]:
    calls = Calls(request.param, tmp_path)
    yield calls
    calls.end()


class TestAPortWithoutDescriptors:
    def test_rests_instead_of_being_woken_without_end(self, calls: Calls) -> None:
        """A caller gone wild must not cost the processor that the others' messages need."""
        with no_descriptor():
            calls.port.doRead()
        assert not calls.is_listened_to

    def test_looks_again_by_itself_and_takes_who_waited(self, calls: Calls) -> None:
        """Nobody restarts anything."""
        with no_descriptor():
            calls.port.doRead()
        calls.reactor.advance(REST_S)
        again = calls.is_listened_to
        calls.port.doRead()
        assert (again, calls.port.sessionno) == (True, 1)

    def test_that_is_closed_meanwhile_stays_closed(self, calls: Calls) -> None:
        """A node that stops while it has none stops."""
        with no_descriptor():
            calls.port.doRead()
        calls.port.stopListening()
        calls.reactor.advance(REST_S)
        assert not calls.is_listened_to


class TestAPort:
    def test_with_descriptors_never_rests(self, calls: Calls) -> None:
        """The first who calls is taken, and the next is waited for."""
        calls.port.doRead()
        assert (calls.is_listened_to, calls.port.sessionno) == (True, 1)

    def test_that_was_woken_for_nobody_goes_on(self, calls: Calls) -> None:
        """A caller who left before being taken is no reason to rest."""
        calls.port.doRead()
        calls.port.doRead()
        assert calls.is_listened_to

    def test_of_a_file_has_the_mode_asked_for(self, tmp_path: Path) -> None:
        """The local socket is for its group, nobody else."""
        calls = Calls("unix", tmp_path)
        mode = (tmp_path / "socket").stat().st_mode & 0o777
        calls.end()
        assert mode == 0o600
