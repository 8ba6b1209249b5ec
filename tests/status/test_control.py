"""The control socket and its client, over a real Unix socket."""

# mypy: disallow-untyped-calls=False

import json
import os
import socket
import stat
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from edge_node.errors import EdgeNodeError, Refused
from edge_node.model.overview import By
from edge_node.status import node_verbs, queue_verbs
from edge_node.status.control import ControlFactory, listen, user_name
from edge_node.status.control_client import Bytes, Unreachable, ask
from edge_node.status.control_line import MAX_LINE_BYTES
from edge_node.status.ports import Change
from edge_node.status.snapshot import Snapshot, snapshot
from edge_node.status.verbs import Attendant, Call, Verb, register

from .doubles import UID, MemoryQueue, facts, row

reactor: Any = _reactor
#: Of the reactor: to read an end, and then to let the connection go.
_TURNS = 6


class ControlCase(TestCase):
    """A daemon's control socket in a temporary folder."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "control.sock"
        self.queue = MemoryQueue([row()])
        self.changes: list[Change] = []
        self.fault: Exception | None = None
        self.clock = Clock()
        self.factory = ControlFactory(Attendant(self.verbs(), self.record, lambda: "c1"), self.clock)
        self.port = listen(reactor, self.path, self.factory)
        self.addCleanup(self.stop)

    def verbs(self) -> dict[str, Verb]:
        return register(node_verbs.verbs(self.look, self.reload), queue_verbs.verbs(self.queue))

    async def stop(self) -> None:
        self.factory.hang_up()
        stopped: Any = self.port.stopListening()
        await stopped

    async def look(self) -> Snapshot:
        if self.fault:
            raise self.fault
        return snapshot(facts())

    async def record(self, change: Change) -> None:
        self.changes.append(change)

    async def reload(self, by: By) -> None:
        raise AssertionError(by)

    def ask(self, **request: Any) -> Deferred[Any]:
        return deferToThread(ask, self.path, request, timeout_s=10)


class TestControl(ControlCase):
    async def test_answers_the_commands(self) -> None:
        """`edge-node status` asks the daemon, not the file."""
        answer = await self.ask(verb="status")
        assert answer["node"] == "node-1"

    async def test_records_the_unix_user_the_kernel_names(self) -> None:
        """Nobody can discard a message under another's name."""
        await self.ask(verb="queue.hold", uid=UID, why="moved")
        assert [change.by for change in self.changes] == [By(who=user_name(os.getuid()), why="moved")]

    async def test_tells_the_log_who_changed_what(self) -> None:
        """Whoever watches the log sees a hand at work; what was refused is not repeated, it may hold anything."""
        with capture_logs() as logged:
            await self.ask(verb="queue.hold", uid=UID, why="moved")
            await self.half(b'{"verb":"queue.hold","uid":"999911120","why":"x"}\n', 1)
        changes = [(each["verb"], each["uid"], each["outcome"]) for each in logged]
        assert changes == [("queue.hold", UID, "done"), ("queue.hold", None, "EN-CONTROL-REQUEST")]

    async def test_gives_a_refusal_its_code(self) -> None:
        """Scripts act on codes."""
        failure = await self.assertFailure(self.ask(verb="queue.show", uid="0" * 32), Refused)
        assert failure.code == "EN-NOT-FOUND"

    async def test_is_closed_to_others(self) -> None:
        """Other users of the machine may neither look nor change."""
        assert stat.S_IMODE(self.path.stat().st_mode) == 0o660

    async def test_answers_in_order_what_is_asked_at_once(self) -> None:
        """A program may ask several things over one connection."""
        both = b'{"verb":"queue.hold","uid":"%b","why":"x"}\n{"verb":"queue.show","uid":"%b"}\n' % (
            (UID.encode(),) * 2
        )
        first, second = (await self.half(both, 2)).splitlines()
        assert json.loads(first)["result"]["state"] == "HELD"
        assert len(json.loads(second)["result"]["history"]) == 1

    async def test_refuses_what_is_not_json(self) -> None:
        """Whatever is sent, the daemon answers and goes on."""
        answer = json.loads(await self.half(b"hello\n", 1))
        assert answer["error"]["code"] == "EN-CONTROL-REQUEST"

    async def test_refuses_json_that_is_too_deep(self) -> None:
        """A parser that runs out of stack must not take the daemon along."""
        answer = json.loads(await self.half(b"[" * 10_000 + b"\n", 1))
        assert answer["error"]["code"] == "EN-CONTROL-REQUEST"

    async def test_bounds_a_line(self) -> None:
        """Memory is bounded, also against a mistake of our own command."""
        answer = json.loads(await self.half(b"x" * (MAX_LINE_BYTES + 1), 1))
        assert answer["error"]["code"] == "EN-CONTROL-REQUEST"

    async def test_lets_an_idle_caller_go(self) -> None:
        """A forgotten terminal does not hold a place for ever."""
        with socket.socket(socket.AF_UNIX) as idle:
            idle.settimeout(10)
            idle.connect(str(self.path))
            await self.ask(verb="status")  # it came later, so the idle caller has been let in
            self.clock.advance(61)
            assert await deferToThread(idle.recv, 1) == b""

    async def test_survives_a_mistake_in_a_verb(self) -> None:
        """One failed look must not end the socket people use to find out."""
        self.fault = ZeroDivisionError("secret")
        failure = await self.assertFailure(self.ask(verb="status"), EdgeNodeError)
        assert (failure.code, "secret" in str(failure)) == ("EN-INTERNAL", False)
        self.fault = None
        assert (await self.ask(verb="status"))["ready"]

    async def half(self, raw: bytes, lines: int) -> bytes:
        return await deferToThread(self._half, raw, lines)

    def _half(self, raw: bytes, lines: int) -> bytes:
        with socket.socket(socket.AF_UNIX) as connection, connection.makefile("rb") as stream:
            connection.settimeout(10)
            connection.connect(str(self.path))
            connection.sendall(raw)
            return b"".join(stream.readline() for _ in range(lines))


class LongCase(ControlCase):
    """A verb whose answer comes in parts, each when the test says so."""

    timeout = 10

    def setUp(self) -> None:
        self.steps: list[Deferred[None]] = []
        self.begun: Deferred[None] = Deferred()
        self.ended: Deferred[str] = Deferred()
        super().setUp()

    def verbs(self) -> dict[str, Verb]:
        return {**super().verbs(), "count": Verb(run=self.count), "send": Verb(run=self.send)}

    async def count(self, call: Call) -> int:
        """Count on each step, until the caller wants no more."""
        done = 0
        while not call.is_stopped:
            await call.tell({"done": done})
            self.steps.append(Deferred())
            if done == 0:
                self.begun.callback(None)
            await self.steps[done]
            done += 1
        self.ended.callback("stopped")
        return done

    async def send(self, call: Call) -> str:
        """Send more than a socket takes at once."""
        self.sent = 0
        while self.sent < 100 and not call.is_stopped:
            await call.tell_bytes(b"x" * 48 * 1024)
            self.sent += 1
            if not self.begun.called:
                self.begun.callback(None)
        self.ended.callback("stopped" if call.is_stopped else "done")
        return "done"

    def connected(self, raw: bytes) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        self.addCleanup(connection.close)
        connection.settimeout(10)
        connection.connect(str(self.path))
        connection.sendall(raw)
        return connection


class TestLongAnswers(LongCase):
    async def test_come_in_parts_before_the_last_line(self) -> None:
        """Somebody who acts on a thousand messages sees how far it is."""
        connection = self.connected(b'{"verb":"count"}\n')
        await self.begun
        assert json.loads(await deferToThread(connection.recv, 1000)) == {"part": {"done": 0}}
        connection.sendall(b'{"verb":"stop"}\n')
        await self.quiet()
        self.steps[0].callback(None)
        assert json.loads(await deferToThread(connection.recv, 1000)) == {"ok": True, "result": 1}

    async def test_end_when_the_caller_hangs_up(self) -> None:
        """A terminal that was closed must not go on discarding messages."""
        connection = self.connected(b'{"verb":"count"}\n')
        await self.begun
        connection.close()
        await self.quiet()
        self.steps[0].callback(None)
        assert await self.ended == "stopped"

    async def test_go_on_when_the_caller_only_says_no_more(self) -> None:
        """A shell script pipes its request in and closes that end; it still wants the answer."""
        connection = self.connected(b'{"verb":"count"}\n')
        await self.begun
        connection.shutdown(socket.SHUT_WR)
        await self.quiet()
        self.steps[0].callback(None)
        await self.quiet()
        assert await deferToThread(connection.recv, 1000) == b'{"part": {"done": 0}}\n{"part": {"done": 1}}\n'
        self.factory.hang_up()
        self.steps[1].callback(None)
        assert await self.ended == "stopped"

    async def test_end_when_the_daemon_stops(self) -> None:
        """Its end waits for the unit in hand, and no longer."""
        self.connected(b'{"verb":"count"}\n')
        await self.begun
        self.factory.hang_up()
        self.steps[0].callback(None)
        assert await self.ended == "stopped"

    async def test_wait_for_a_caller_who_reads_slowly(self) -> None:
        """A pager at its first page must not make the daemon hold the whole queue in memory."""
        connection = self.connected(b'{"verb":"send"}\n')
        await self.begun
        await self.quiet()
        assert self.sent < 20
        assert (await deferToThread(self.drained, connection)).endswith(b'{"ok": true, "result": "done"}\n')

    async def test_that_nobody_reads_end_with_the_caller(self) -> None:
        """A stopped pager that is killed leaves nothing behind."""
        connection = self.connected(b'{"verb":"send"}\n')
        await self.begun
        await self.quiet()
        connection.close()
        assert await self.ended == "stopped"

    async def test_to_a_stop_with_nothing_in_hand_is_none(self) -> None:
        """It came too late: what it was to stop has ended."""
        connection = self.connected(b'{"verb":"stop"}\n{"verb":"status"}\n')
        answer = json.loads(await deferToThread(connection.recv, 10_000))
        assert answer["result"]["node"] == "node-1"

    async def test_are_put_together_by_the_client(self) -> None:
        """A body of ten megabytes arrives whole."""
        heard = Bytes()
        answer = await deferToThread(ask, self.path, {"verb": "send"}, hear=heard, timeout_s=10)
        assert (answer, len(heard.whole)) == ("done", 100 * 48 * 1024)

    async def test_can_be_stopped_by_the_client(self) -> None:
        """Ctrl-C says how far it came."""

        told: Deferred[None] = Deferred()

        def at_once(stop: Callable[[], None]) -> AbstractContextManager[None]:
            stop()
            reactor.callFromThread(told.callback, None)
            return nullcontext()

        asked = deferToThread(ask, self.path, {"verb": "count"}, stopping=at_once, timeout_s=10)
        await self.begun
        await told
        await self.quiet()
        self.steps[0].callback(None)
        assert await asked == 1

    def drained(self, connection: socket.socket) -> bytes:
        with connection.makefile("rb") as stream:
            return next(line for line in stream if line.startswith(b'{"ok"'))

    async def quiet(self) -> None:
        """Let the reactor hear what the other end just did: it is in the kernel already."""
        for _ in range(_TURNS):
            await deferLater(reactor, 0, lambda: None)


class TestClient(TestCase):
    def test_says_when_no_daemon_is_there(self) -> None:
        """The command then reads the file itself, and says so."""
        with self.assertRaises(Unreachable) as caught:
            ask(Path("/nonexistent/control.sock"), {"verb": "status"})
        assert caught.exception.code == "EN-CONTROL"

    def test_says_when_a_daemon_was_killed(self) -> None:
        """A socket file without a process behind it is no daemon."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "left.sock"
            with socket.socket(socket.AF_UNIX) as left:
                left.bind(str(path))
            with self.assertRaises(Unreachable):
                ask(path, {"verb": "status"})


class TestTakeover(ControlCase):
    async def test_a_second_daemon_cannot_take_a_socket_in_use(self) -> None:
        """Two daemons behind one address would answer for each other."""
        with self.assertRaises(EdgeNodeError) as caught:
            listen(reactor, self.path, self.factory)
        assert caught.exception.code == "EN-LISTEN"
        assert (await self.ask(verb="status"))["ready"]

    async def test_a_socket_left_by_a_killed_daemon_is_taken_over(self) -> None:
        """After signal 9 the node starts again by itself, in a container with the same process number too."""
        left = self.path.with_name("left.sock")
        with socket.socket(socket.AF_UNIX) as killed:
            killed.bind(str(left))
        port: Any = listen(reactor, left, self.factory)
        assert (await deferToThread(ask, left, {"verb": "status"}, timeout_s=10))["ready"]
        await port.stopListening()
        assert not left.exists()

    async def test_what_is_no_socket_is_left_alone(self) -> None:
        """A slip in the settings must not cost a file."""
        file = self.path.with_name("notes.txt")
        file.touch()
        with self.assertRaises(EdgeNodeError) as caught:
            listen(reactor, file, self.factory)
        assert (caught.exception.code, file.exists()) == ("EN-LISTEN", True)
