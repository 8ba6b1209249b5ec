"""Time and chance are handed in."""

import ast
from pathlib import Path

from tests.house.project import ROOT

#: Where real time and chance may be taken: the machine itself, programs people start, and the sandbox.
OUTSIDE = ("machine.py", "cli/", "sandbox/")
FORBIDDEN = {
    "datetime.now",
    "datetime.utcnow",
    "date.today",
    "time.time",
    "time.monotonic",
    "time.sleep",
    "uuid.uuid4",
    "uuid4",
    "secrets.token_hex",
    "secrets.token_bytes",
    "os.urandom",
    "random.random",
}


def calls(path: Path) -> set[str]:
    """The dotted names of everything that is called in a file."""
    tree = ast.parse(path.read_text("utf-8"))
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def imports_the_reactor(path: Path) -> bool:
    return "from twisted.internet import reactor" in path.read_text("utf-8")


def inside() -> list[Path]:
    package = ROOT / "edge_node"
    return [path for path in package.rglob("*.py") if not str(path.relative_to(package)).startswith(OUTSIDE)]


class TestTimeAndChance:
    def test_are_never_taken_from_the_machine(self) -> None:
        """Only so can a day of retries be tested in a millisecond."""
        assert {str(path): calls(path) & FORBIDDEN for path in inside() if calls(path) & FORBIDDEN} == {}

    def test_come_from_no_global_reactor(self) -> None:
        """A part that reaches for the reactor cannot be run on a test's clock."""
        assert [str(path) for path in inside() if imports_the_reactor(path)] == []
