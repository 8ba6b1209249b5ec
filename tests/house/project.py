"""The files of the project, for tests that guard all of them.

Knows: which folders are the project's own.
Must not know: what any test looks for.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "edge_node"
DOCS: Final = ROOT / "docs"
_FOLDERS: Final = (
    ".ci", "benchmarks", "certs", "config", "docs", "edge_node", "fuzz", "requirements", "systemd", "tests",
)  # fmt: skip
_MADE: Final = {"__pycache__", "build"}


def texts() -> Iterator[Path]:
    """Every text file of the project."""
    for folder in _FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc" and not _MADE & set(path.parts):
                yield path
    yield from sorted(path for path in ROOT.iterdir() if path.is_file() and path.name != ".git")


def modules(folder: str = "edge_node") -> list[Path]:
    """Every Python file below a folder."""
    return sorted(path for path in (ROOT / folder).rglob("*.py") if not _MADE & set(path.parts))


def name_of(path: Path) -> str:
    """How a test names a file."""
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function in a file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def codes_given(source: str) -> set[str]:
    """The error codes that stand in the strings of a program."""
    return set(re.findall(r"""["'](EN-[A-Z]+(?:-[A-Z]+)*)\b(?!-)""", source))


def codes_in(text: str) -> set[str]:
    """The error codes that a text names."""
    return set(re.findall(r"\bEN-[A-Z]+(?:-[A-Z]+)*\b(?!-)", text))
