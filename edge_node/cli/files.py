"""Files that a person names: read within bounds, or made where none was.

Knows: that a pipe or a device may never end, that a file that is there is somebody's.
Must not know: what is in them.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import rich_click as click

from edge_node.errors import Refused


def read(path: Path, max_bytes: int, code: str) -> bytes:
    """Read a file, and nothing that only looks like one. Raises `Refused` with the code where it is larger."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise click.UsageError(f"{path}: is no file")
        with open(path, "rb", opener=_without_waiting) as file:
            content = file.read(max_bytes + 1)
    except PermissionError:
        raise
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    if len(content) > max_bytes:
        raise Refused(f"more than {max_bytes} bytes", code=code)
    return content


@contextmanager
def anew(path: Path | None) -> Iterator[IO[str] | None]:
    """Open a file that was not there, before the work whose result goes into it; none is left where that fails."""
    if path is None:
        yield None
        return
    try:
        file = path.open("x", encoding="ascii")
    except PermissionError:
        raise
    except FileExistsError:
        raise click.UsageError(f"{path}: is there already; nothing is written over it") from None
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    try:
        with file:
            yield file
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def is_folder(path: Path) -> bool:
    """Whether there is a folder of that name; a name that cannot be is none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def over(path: Path, content: bytes) -> None:
    """Write a file, over the one that was there; that one stays where this fails, and so does what is no file."""
    beside = None
    try:
        there = path.resolve()  # a link goes on to lead there
        if there.exists() and not there.is_file():
            raise click.UsageError(f"{path}: is no file")
        beside = there.with_name(f".{there.name}.part")
        beside.write_bytes(content)
        beside.replace(there)
    except PermissionError:
        raise
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links that lead round
        if beside is not None:
            with suppress(OSError):
                beside.unlink()
        raise click.UsageError(f"{path}: {getattr(error, 'strerror', None) or error}") from error


@contextmanager
def private(path: Path) -> Iterator[IO[str]]:
    """Open a file that was not there, which only its owner can read; none is left where the work fails."""
    handle = _new_private(path)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def private_bytes(path: Path, content: bytes) -> None:
    """Write a file that was not there, which only its owner can read; none is left where that fails."""
    handle = _new_private(path)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def _new_private(path: Path) -> int:
    try:
        return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except PermissionError:
        raise
    except FileExistsError:
        raise click.UsageError(f"{path}: is there already; nothing is written over it") from None
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{path}: {getattr(error, 'strerror', None) or error}") from error


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)
