"""The processes of a demo: certificates, switchboard, local systems and the real node, in one folder.

Knows: how each is started, asked, killed and stopped; where its ledger is.
Must not know: what is sent, or what a comparison finds.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from edge_node.sandbox.interrupts import SIGNALS, interrupted_later, on_signals
from edge_node.sandbox.ledger import Line, read_ledger
from edge_node.sandbox.pki import make_pki
from edge_node.sandbox.ports import free_ports
from edge_node.sandbox.site import AIS, HIS, LocalParty, Ports, write_site

START_S = 60.0
STOP_S = 40.0
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
ASK_S = 120.0


class NotStarted(RuntimeError):
    """A party did not say that it is ready. Holds the end of what it said instead."""


@dataclass(slots=True, kw_only=True)
class Program:
    """One running program, and what it says when it is ready."""

    name: str
    process: subprocess.Popen[bytes]
    out: Path
    log: Path
    ready: dict[str, Any] = field(default_factory=dict)

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def wait_ready(self) -> None:
        """Wait until it says that it is ready; raises `NotStarted`."""
        ready = _wait_ready(self.process, self.out)
        if ready is None:
            raise NotStarted(f"{self.name} did not start; the end of {self.log}:\n{_tail(self.log)}")
        self.ready = ready

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Ask it to end."""
        self.process.send_signal(signal.SIGTERM)

    def wait_end(self) -> None:
        """Wait until it has ended; end it if that takes too long."""
        try:
            self.process.wait(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()


@dataclass(slots=True, kw_only=True)
class Stage:
    """Everything a demo runs. Use as a context manager, on the main thread; leaving it stops every process."""

    folder: Path
    misbehave: str | None = None
    node_module: str = "edge_node.cli.main"  # what is run as the node
    node_environment: dict[str, str] = field(default_factory=dict)  # beside that of this process, from its next start
    store_settings: Mapping[str, Any] = field(default_factory=dict)  # where they differ from the demo's
    furnish: Callable[[Path], None] = lambda _: None  # changes the settings, in their file, before the node starts
    kills: list[float] = field(default_factory=list)
    _programs: dict[str, Program] = field(default_factory=dict)
    _node_command: list[str] = field(default_factory=list)
    _handlers: dict[int, Any] = field(default_factory=dict)

    def __enter__(self) -> "Stage":
        # Asked to end, the demo ends as with Ctrl-C: its parties must not live on without it. A shell that starts it
        # in the background has SIGINT ignored.
        for number in SIGNALS:
            self._handlers[number] = signal.signal(number, signal.default_int_handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        finally:
            self._kill()  # interrupted a moment before it would have been heard in another way
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def start(self) -> None:
        """Make the certificates, start every party side by side, and wait until all are ready."""
        ports = Ports(**dict(zip(Ports.__slots__, free_ports(len(Ports.__slots__)), strict=True)))
        pki = make_pki(self.folder / "pki", now=datetime.now(UTC))
        settings = write_site(self.folder, pki, ports, self.store_settings)
        self.furnish(settings)
        self._run_switchboard(ports)
        self._run_local(HIS, ports.his, ports.local)
        self._run_local(AIS, ports.ais, ports.local)
        self._node_command = [sys.executable, "-m", self.node_module, "run", "--config", str(settings)]
        self.run_node()
        for program in self.programs():
            program.wait_ready()

    def kill_node(self) -> None:
        """Kill the node with signal 9, remember when, and start it again as an operator does."""
        self.crash_node()
        self.run_node()
        self.node.wait_ready()

    def crash_node(self) -> None:
        """End the node with signal 9, if it has not ended already, and remember when."""
        self.node.kill()
        self.kills.append(time.time())

    def run_node(self) -> None:
        """Start the node; it is not ready yet."""
        self._run("node", self._node_command, self.node_environment)

    def stop(self) -> None:
        """Stop every process: the node first, which has the others to say goodbye to. Interrupted, kill them."""
        with on_signals(self._kill):
            running = [program for program in self.programs() if program.is_running]
            running.sort(key=lambda program: program.name != "node")
            for first in running[:1]:
                first.end()
                first.wait_end()
            for program in running[1:]:
                program.end()
            for program in running[1:]:
                program.wait_end()
            self._programs.clear()

    def _kill(self) -> None:
        for program in self.programs():
            program.process.kill()

    @property
    def node(self) -> Program:
        """The node."""
        return self._programs["node"]

    def program(self, name: str) -> Program:
        """One of those around it, by its name."""
        return self._programs[name]

    def programs(self) -> tuple[Program, ...]:
        """All that runs."""
        return tuple(self._programs.values())

    def ledger(self, name: str) -> tuple[Line, ...]:
        """What a party wrote in its ledger."""
        return read_ledger(self.folder / f"{name}.ledger")

    def ask(self, who: str, command: str, **arguments: object) -> dict[str, Any]:
        """Give a command to a party of the sandbox and return its answer."""
        url = f"http://127.0.0.1:{self._programs[who].ready['control']}/{command}"
        request = urllib.request.Request(url, data=json.dumps(arguments).encode(), method="POST")
        try:
            with urllib.request.urlopen(request, timeout=ASK_S) as answer:  # noqa: S310  # loopback
                told: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{who} {command}: {error.read().decode()}") from error
        return told

    def _run_switchboard(self, ports: Ports) -> None:
        routes = [f"--route={one.party.application}=127.0.0.1:{ports.inbound},{one.holder[1]}" for one in (HIS, AIS)]
        command = ["switchboard", f"--pki={self.folder / 'pki'}", f"--port={ports.switchboard}", *routes]
        command += [f"--broker-port={ports.broker}", f"--authorisation-port={ports.authorisation}"]
        self._run_party("switchboard", command)

    def _run_local(self, one: LocalParty, port: int, node: int) -> None:
        command = ["his", f"--application={one.party.application}", f"--node=http://127.0.0.1:{node}"]
        command += [f"--bearer-file={self.folder / one.name}.secret", f"--key-file={self.folder / one.name}.key"]
        command += [f"--port={port}", f"--cards={self.folder / 'pki' / 'cards'}"]
        if self.misbehave and one is AIS:
            command.append(f"--misbehave={self.misbehave}")
        self._run_party(one.name, command)

    def _run_party(self, name: str, command: list[str]) -> None:
        ledger = f"--ledger={self.folder / name}.ledger"
        self._run(name, [sys.executable, "-m", "edge_node.sandbox.commands", *command, ledger])

    def _run(self, name: str, command: list[str], environment: Mapping[str, str] | None = None) -> None:
        out, log = self.folder / f"{name}.out", self.folder / f"{name}.log"
        # Its output goes to files: a pipe nobody reads would stop it one day. A session of its own: Ctrl-C ends the
        # demo, which then stops the parties in order.
        with out.open("wb") as said, log.open("ab") as told, interrupted_later():
            process = subprocess.Popen(  # noqa: S603  # our own interpreter
                command, stdout=said, stderr=told, stdin=subprocess.DEVNULL, start_new_session=True,
                preexec_fn=_end_with_parent,  # one call, no lock
                env={**os.environ, **(environment or {})},
            )  # fmt: skip
            self._programs[name] = Program(name=name, process=process, out=out, log=log)


def _end_with_parent() -> None:
    """Let the kernel end this process when the demo is killed and can stop nobody."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait_ready(process: subprocess.Popen[bytes], out: Path) -> dict[str, Any] | None:
    """Wait until a line of its output says ready; the program may say other things before."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        for line in out.read_bytes().splitlines(keepends=True):
            ready = _as_ready(line)
            if ready is not None:
                return ready
        if process.poll() is not None:
            return None
        time.sleep(0.05)
    return None


def _as_ready(line: bytes) -> dict[str, Any] | None:
    if line.endswith(b"\n"):
        with suppress(ValueError):
            told = json.loads(line)
            if isinstance(told, dict) and told.get("event") == "ready":
                return told
    return None


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-2000:]
