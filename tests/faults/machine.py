"""The means by which a machine is made to fail, and what a test needs of them: else it says why it was skipped."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MB = 1024 * 1024


def needs(*tools: str) -> None:
    """Skip where a tool is missing, or root is needed to mount."""
    for tool in tools:
        if shutil.which(tool) is None:
            pytest.skip(f"cannot be made here: {tool} is not installed")


def needs_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("cannot be made here: only root may mount a file system")


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()


@contextmanager
def tmpfs(folder: Path, megabytes: int) -> Iterator[Path]:
    """A small disk of its own."""
    needs_root()
    folder.mkdir(parents=True, exist_ok=True)
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", str(folder)], check=False
    ).returncode:
        pytest.skip("cannot be made here: this container may not mount a tmpfs")
    try:
        yield folder
    finally:
        run("umount", "-l", str(folder))


@contextmanager
def ext4(folder: Path, megabytes: int) -> Iterator[tuple[Path, str]]:
    """A disk of its own with a real file system, that stops taking changes at its first error; and its device."""
    needs_root()
    needs("losetup", "mkfs.ext4")
    image = folder / "disk.img"
    image.write_bytes(b"")
    os.truncate(image, megabytes * MB)
    run("mkfs.ext4", "-q", "-F", "-m", "0", str(image))
    found = subprocess.run(["losetup", "--find", "--show", str(image)], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("cannot be made here: there is no loop device")
    device, place = found.stdout.strip(), folder / "disk"
    place.mkdir()
    try:
        run("mount", "-o", "errors=remount-ro", device, str(place))
        yield place, device
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)
        subprocess.run(["losetup", "-d", device], check=False)


def fill(folder: Path) -> Path:
    """What a log gone wild does: take everything, to the last block."""
    other = folder / "other.log"
    with other.open("ab", buffering=0) as file:
        for size in (MB, 4096, 512):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                continue
    return other


class Process:
    """A process with a store."""

    def __init__(self, store: Path, *, before: Sequence[str] = (), env: dict[str, str] | None = None) -> None:
        command = [*before, sys.executable, "-m", "tests.faults.keeping", str(store)]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **(env or {})},
        )
        self.ready = self._hear()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, do: str, **more: object) -> dict[str, Any]:
        """Have it do something; an empty answer means that it ended."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"do": do, **more}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return {}
        return self._hear()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        return json.loads(line) if line else {}

    def kill(self) -> None:
        """Signal 9; nothing is left of it."""
        self._process.kill()
        self.code()

    def end(self) -> int:
        """Let it end, and return its exit code."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        return self.code()

    def code(self) -> int:
        """Wait for its end and return its exit code."""
        code = self._process.wait(timeout=60)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        return code


@contextmanager
def process(store: Path, **more: Any) -> Iterator[Process]:
    running = Process(store, **more)
    try:
        yield running
    finally:
        running.kill()


def until(look: Any, limit_s: float = 30.0) -> Any:
    """Look again until it is true."""
    end_s = time.monotonic() + limit_s
    while not (found := look()):
        assert time.monotonic() < end_s, "it did not come to that in time"
        time.sleep(0.1)
    return found
