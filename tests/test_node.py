"""The daemon as a process."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_node.cli.exits import INTERNAL, TRY_LATER
from edge_node.errors import EdgeNodeError
from edge_node.model.overview import By
from edge_node.node import Node


class EndingReactor:
    """A reactor that remembers that it was stopped."""

    def __init__(self) -> None:
        self.running = True

    def seconds(self) -> float:
        return 1.0

    def stop(self) -> None:
        self.running = False


class CursedPath(type(Path())):  # type: ignore[misc]
    """A file that fails as nobody foresaw."""

    error: Exception = RuntimeError("what no release was tested with")

    def open(self, *_: Any, **__: Any) -> Any:
        raise self.error


class Manager:
    """Who started the process, with what it was told last."""

    def __init__(self) -> None:
        self.told = ""

    def reloading(self, _at_s: float) -> None:
        self.told = "reloading"

    def ready(self, _status: str) -> None:
        self.told = "ready"


class Unwilling:
    """Parts that do not take new settings up."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def reload(self, by: By) -> None:
        raise self._error


class TestStart:
    def test_a_failure_nobody_foresaw_ends_the_process(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Left running without listeners it would look alive, and nobody would start it again."""
        reactor = EndingReactor()
        node = Node((CursedPath("site.yaml"),), reactor)
        node.begin()
        assert (node.exit_code, reactor.running) == (INTERNAL, False)
        assert "RuntimeError" in capsys.readouterr().err

    @pytest.mark.parametrize("code", ["EN-STORE-IN-USE", "EN-STORE-UNAVAILABLE", "EN-LISTEN"])
    def test_what_may_pass_is_no_mistake_of_the_program(self, code: str) -> None:
        """Who starts it by a script must see the difference between a second daemon and a broken release."""
        path = CursedPath("site.yaml")
        path.error = EdgeNodeError("x", code=code)
        node = Node((path,), EndingReactor())
        node.begin()
        assert node.exit_code == TRY_LATER


class TestARefusedStart:
    @pytest.mark.parametrize(
        ("code", "verb"),
        [
            ("EN-STORE-DAMAGED", "edge-node queue repair"),
            ("EN-RESTORE-UNFINISHED", "edge-node restore"),
            ("EN-SEALING-KEY", "edge-node store regain"),
        ],
    )
    def test_names_what_to_do(self, capsys: pytest.CaptureFixture[str], code: str, verb: str) -> None:
        """Who reads the log of a node that does not start at night has a hospital waiting, and no manual."""
        path = CursedPath("site.yaml")
        path.error = EdgeNodeError("SQLITE_CORRUPT", code=code)
        Node((path,), EndingReactor()).begin()
        told = capsys.readouterr().err.splitlines()
        assert (told[0].startswith(f"{code}: "), told[1]) == (True, "SQLITE_CORRUPT")
        assert verb in told[2]


@pytest.fixture
def thawed() -> Iterator[None]:
    """What a node set aside in this process is looked at again afterwards."""
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("thawed")
class TestReload:
    @pytest.mark.parametrize("error", [EdgeNodeError("x", code="EN-TLS-CHAIN"), RuntimeError("x")])
    def test_that_fails_leaves_a_node_that_says_it_serves(self, error: Exception) -> None:
        """The old settings stay, and systemd is not left waiting for a reload to end."""
        node = Node((), EndingReactor())
        manager = Manager()
        node._manager = manager  # type: ignore[assignment]
        node._running = Unwilling(error)  # type: ignore[assignment]
        node.reload()
        assert manager.told == "ready"

    def test_leaves_what_stays_out_of_later_looks_for_garbage(self) -> None:
        """A look at everything stops the reactor for 100 ms, and would come again and again."""
        node = Node((), EndingReactor())
        node._manager = Manager()  # type: ignore[assignment]
        node._running = Unwilling(RuntimeError("x"))  # type: ignore[assignment]
        gc.unfreeze()
        node.reload()
        assert gc.get_freeze_count() > 10_000
