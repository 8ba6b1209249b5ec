"""A daemon, and a way to run commands at it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge_node.cli.main import main

from .doubles import Daemon

Run = Callable[..., Result]


@pytest.fixture
def place(tmp_path: Path) -> list[str]:
    """Where the commands look: nothing is there yet."""
    return ["--socket", str(tmp_path / "control.sock"), "--store", str(tmp_path / "store.db")]


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    running = Daemon(tmp_path / "control.sock")
    yield running
    running.stop()


@pytest.fixture
def run() -> Run:
    """Run `edge-node` with these arguments."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments, prog_name="edge-node")

    return run
