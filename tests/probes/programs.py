"""Small real programs on the PATH, in the place of those of the machine."""

from pathlib import Path

import pytest


def put(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, script: str) -> None:
    """Have a shell script stand before the program of that name."""
    bin_folder = folder / "bin"
    bin_folder.mkdir(exist_ok=True)
    program = bin_folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_folder}:/usr/bin:/bin")


def none_at_all(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """A machine without any program."""
    monkeypatch.setenv("PATH", str(folder))
