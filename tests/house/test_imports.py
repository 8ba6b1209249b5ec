"""The rooms know only whom they may know.

Knows: the contracts in pyproject.toml.
Must not know: what a room does.
"""

import subprocess
import sys
import tomllib

from tests.house.project import PACKAGE, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


class TestImports:
    def test_keep_the_contracts(self) -> None:
        """Rules that decide over a patient's message must not depend on a clock, a file or a socket by accident."""
        program = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
        done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def test_contracts_cover_every_room(self) -> None:
        """A new room without a rule could be imported from anywhere."""
        rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
        contracts = PROJECT["tool"]["importlinter"]["contracts"]
        ruled = {
            module
            for contract in contracts
            for key in ("source_modules", "modules")
            for module in contract.get(key, ())
        }
        assert rooms - {"sandbox", "cli"} == {module.removeprefix("edge_node.") for module in ruled} - {"errors"}
