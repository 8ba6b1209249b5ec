"""The files keep the house's habits: small, explained, without what must not be there.

Knows: sizes, docstrings, and words that have no place in the project.
Must not know: what the code does.
"""

import ast
import re
from pathlib import Path

import pytest

from tests.house.project import DOCS, ROOT, functions, modules, name_of, texts

PACKAGE_MODULES = modules()
CODE = [*PACKAGE_MODULES, *modules("tests"), *modules("benchmarks"), *modules("docs"), *modules("fuzz")]
DATA = {".toml", ".txt", ".svg"}  # tables and drawings grow with the programme
TEXTS = [path for path in texts() if path != Path(__file__)]
NEWS = sorted((DOCS / "news").iterdir())
FORBIDDEN = {
    "asyncio": r"\bimport asyncio\b|\bfrom asyncio\b",
    "inlineCallbacks": r"\binlineCallbacks\b(?!`)",
    "a stub": r"\bNotImplementedError\b|\bTODO\b|\bFIXME\b",
    "verification switched off": r"\bverify\s*=\s*False\b|\bCERT_NONE\b|--insecure\b|\bcurl -k\b",
    "a path of one machine": r"/work/|/root/|/home/[a-z]|/tmp/venv",
    "an index of packages": r"--(?:extra-)?index-url|--find-links|\bPIP_INDEX",
}
#: Hosts that a text may name: invented ones, this machine, names of XML namespaces, which nobody opens, and the two
#: authorities at which an operator compares a fingerprint.
HOSTS = re.compile(
    r"[a-z0-9-]+|(?:.*\.)?(?:example|test)|127\.0\.0\.\d+|10\.0\.0\.\d+|\[::1\]|"
    r"cert\.pkioverheid\.nl|www\.uziregister\.nl|www\.zorgcsp\.nl|"
    r"schemas\.xmlsoap\.org|(?:www\.)?w3\.org|docs\.oasis-open\.org|www\.aortarelease\.nl|(?:www\.|terminology\.)?hl7\.org|snomed\.info|loinc\.org|"
    r"(?:www\.)?fhir\.nl|json-schema\.org|nictiz\.nl|joinup\.ec\.europa\.eu"
)


ADDRESS = re.compile(r"\bhttps?://([^/\s:'\"<>)`\]{}$%]*[a-z\]0-9])")


def read(path: Path) -> str:
    return path.read_text("utf-8")


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


def says_its_bounds(path: Path) -> bool:
    docstring = ast.get_docstring(ast.parse(read(path))) or ""
    return "Knows:" in docstring and "Must not know:" in docstring


class TestSize:
    def test_of_a_file_is_at_most_500_lines(self) -> None:
        """A file that fits in the head is a file in which a fault is seen."""
        assert [name_of(path) for path in CODE if len(read(path).splitlines()) > 500] == []

    def test_of_a_function_is_at_most_60_lines(self) -> None:
        """The same for a function."""
        long = [f"{name_of(path)}: {it.name}" for path in CODE for it in functions(path) if lines_of(it) > 60]
        assert long == []


class TestModules:
    def test_say_what_they_know(self) -> None:
        """Who changes a room must see where it ends."""
        silent = [
            name_of(path) for path in PACKAGE_MODULES if path.name != "__init__.py" and not says_its_bounds(path)
        ]
        assert silent == []

    def test_are_named_for_what_they_hold(self) -> None:
        """A drawer with a name like these is where nobody finds anything."""
        drawers = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "process"}
        assert [name_of(path) for path in CODE if path.stem in drawers] == []


class TestTexts:
    @pytest.mark.parametrize("what", FORBIDDEN)
    def test_hold_no(self, what: str) -> None:
        """Each of these has cost somebody a night, or tells where the code was written."""
        assert [name_of(path) for path in TEXTS if re.search(FORBIDDEN[what], read(path))] == []

    def test_name_no_foreign_host(self) -> None:
        """A real host in an example gets real traffic, some day with a real message."""
        named = [(name_of(path), host) for path in TEXTS for host in ADDRESS.findall(read(path))]
        assert [where for where in named if not HOSTS.fullmatch(where[1])] == []


class TestReadme:
    @pytest.mark.parametrize("command", ["./run demo", "./run test"])
    def test_says_the_only_set_up(self, command: str) -> None:
        """These two lines are all a newcomer has to type."""
        assert f"\n    {command}\n" in (ROOT / "README.md").read_text("utf-8")

    @pytest.mark.parametrize("target", re.findall(r"\]\(([^)]+)\)", (ROOT / "README.md").read_text("utf-8")))
    def test_leads_to_pages_that_exist(self, target: str) -> None:
        """A dead link on the first page is the last page somebody reads."""
        assert (ROOT / target).exists()


@pytest.mark.parametrize("path", NEWS, ids=name_of)
class TestNews:
    def test_is_named_for_its_kind(self, path: Path) -> None:
        """Notes of a release are sorted by these endings."""
        assert re.fullmatch(r"[a-z0-9-]+\.(added|changed|fixed|security)\.md", path.name)

    def test_is_one_sentence(self, path: Path) -> None:
        """An operator reads forty of these in the evening before an update."""
        assert re.fullmatch(r"[^\n]+\.\n", read(path))
