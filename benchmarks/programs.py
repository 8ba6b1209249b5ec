"""The programs a measurement runs, and what the kernel says they cost.

Knows: how a program is started and stopped, its processor time and memory.
Must not know: what any of them does.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import psutil

REPOSITORY: Final = Path(__file__).resolve().parent.parent
_START_S: Final = 30.0
_STOP_S: Final = 40.0
_LOOK_S: Final = 0.001


class NotStarted(RuntimeError):
    """A program ended before it was ready. Holds the end of what it said."""


@dataclass(slots=True, kw_only=True)
class Program:
    """A running program. Use as a context manager; leaving it ends the program."""

    process: subprocess.Popen[bytes]
    ready: dict[str, Any]
    log: Path

    def __enter__(self) -> "Program":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        try:
            self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    @property
    def cpu_s(self) -> float:
        """Processor time so far, user and system, of the process and its children, by /proc/<pid>/stat."""
        spent = [one.cpu_times() for one in self._family()]
        return float(sum(times.user + times.system for times in spent))

    @property
    def resident_bytes(self) -> int:
        """Memory that is resident now."""
        return sum(one.memory_info().rss for one in self._family())

    def _family(self) -> list[psutil.Process]:
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]


def start(command: Sequence[str], log: Path, *, says_ready: bool = True) -> Program:
    """Start a program; wait for the JSON line in which it says that it is ready."""
    said = log.with_suffix(".out")
    # Its output goes to a file: a pipe nobody reads would stop it one day.
    with said.open("wb") as out, log.open("ab") as told:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=told, cwd=REPOSITORY, env=environment()
        )
    ready = _ready(process, said) if says_ready else {}
    if ready is None:
        process.kill()
        process.wait()
        raise NotStarted(f"{' '.join(command)}\n{log.read_text(errors='replace')[-2000:]}")
    return Program(process=process, ready=ready, log=log)


def environment() -> dict[str, str]:
    """As where it is installed: with compiled modules, which a development environment often leaves out."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(REPOSITORY / "build" / "bench" / "compiled")}


def python(module: str, *arguments: object) -> list[str]:
    """Return the command that runs a module of this interpreter."""
    return [sys.executable, "-m", module, *(str(argument) for argument in arguments)]


def _ready(process: subprocess.Popen[bytes], said: Path) -> dict[str, Any] | None:
    until = time.monotonic() + _START_S
    with said.open("rb") as lines:
        line = b""
        while time.monotonic() < until and process.poll() is None:
            line += lines.readline()
            if line.endswith(b"\n"):
                told = json.loads(line)
                if told.get("event") == "ready":
                    return dict(told)
                line = b""
            else:
                time.sleep(_LOOK_S)
    return None
