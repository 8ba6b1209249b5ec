"""What is installed is what was tested: every dependency is locked, with its hash, and from nowhere in particular.

Knows: pyproject.toml and the files in `requirements/`.
Must not know: any registry.
"""

import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.project import ROOT, modules

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
GROUPS = PROJECT["dependency-groups"]
NEEDED = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
FILES = sorted((ROOT / "requirements").glob("*.txt"))
LOCKED = {
    "run": [*NEEDED, *map(Requirement, GROUPS["build"])],
    **{group: [Requirement(text) for text in GROUPS[group]] for group in ("tls", "tls-build", "tox", "lock")},
    **{
        group: [*NEEDED, *map(Requirement, GROUPS["build"] + GROUPS[group])]
        for group in ("test", "lint", "docs", "bench", "fuzz")
    },
}
CASES = [(name, requirement) for name, needed in LOCKED.items() for requirement in needed]
#: Names under which installed packages are imported, where they differ, and what comes with a package of the list.
DISTRIBUTIONS = {
    "OpenSSL": "pyopenssl",
    "yaml": "pyyaml",
    "stdnum": "python-stdnum",
    "zope": "zope-interface",
    "pydantic_core": "pydantic",
}

IMPORT = re.compile(r"^\s*(?:from|import) ([A-Za-z]\w*)(?=[. ]|$)", re.MULTILINE)
STANDARD = {"edge_node", *sys.stdlib_module_names}


def pins(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", path.read_text("utf-8"), re.MULTILINE):
        found.setdefault(canonicalize_name(name), []).append(version)
    return found


PINS = {path.stem: pins(path) for path in FILES}


class TestLock:
    @pytest.mark.parametrize(("name", "requirement"), CASES, ids=str)
    def test_holds_what_the_project_needs(self, name: str, requirement: Requirement) -> None:
        """Forgotten here, a site would install whatever is newest on that day."""
        versions = PINS[name].get(canonicalize_name(requirement.name), [])
        assert versions
        assert [version for version in versions if version not in requirement.specifier] == []

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_holds_a_hash_for_each(self, path: Path) -> None:
        """A package changed on its way must not be installed."""
        entries = re.split(r"^(?=[A-Za-z0-9])", path.read_text("utf-8"), flags=re.MULTILINE)[1:]
        assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_names_no_address(self, path: Path) -> None:
        """Each site has a mirror of its own."""
        assert "://" not in path.read_text("utf-8")

    @pytest.mark.parametrize("name", ["test", "lint", "docs", "bench", "fuzz"])
    def test_has_one_version_for_all_uses(self, name: str) -> None:
        """Tests must run on the versions that sites install."""
        assert {package: PINS[name][package] for package in PINS["run"]} == PINS["run"]


class TestDependencies:
    def test_name_every_package_that_is_imported(self) -> None:
        """What comes along with another package today may be gone with its next version."""
        imported = {name for path in modules() for name in IMPORT.findall(path.read_text("utf-8"))} - STANDARD
        named = {canonicalize_name(requirement.name) for requirement in NEEDED}
        assert {name for name in imported if canonicalize_name(DISTRIBUTIONS.get(name, name)) not in named} == set()
