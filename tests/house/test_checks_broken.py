"""Every check that a machine judges is broken at least once through what its look really sees.

Knows: the catalogue, which checks some look judges, what tests say that they break; that each test is held to it
while it runs (`tests.breaking`).
Must not know: how a check is broken.
"""

import ast
from collections import Counter
from pathlib import Path

import pytest

from docs._ext.checks_page import looked_at
from edge_node.model.check import Kind
from edge_node.policy import check_catalogue
from tests.house.project import modules, name_of

CATALOGUE = check_catalogue.load()
OF_A_MACHINE = {name for name, check in CATALOGUE.items() if check.kind is not Kind.ATTESTED}
#: Whatever a look judges, also where a person declares it at sites that have nothing to look at.
JUDGED = looked_at() | OF_A_MACHINE


def said_in(path: Path) -> list[str]:
    """The checks that tests of a file say they break; each is written out where it is said."""
    if "pytest.mark.breaks" not in path.read_text("utf-8"):
        return []
    calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    marks = [call for call in calls if ast.unparse(call.func) == "pytest.mark.breaks"]
    return [ast.literal_eval(argument) for mark in marks for argument in mark.args]


SAID = {path: names for path in modules("tests") if (names := said_in(path))}
BROKEN = Counter(name for names in SAID.values() for name in names)


class TestEachCheck:
    @pytest.mark.parametrize("name", sorted(JUDGED))
    def test_is_broken_by_a_test(self, name: str) -> None:
        """A check that nobody ever saw fail may be one that cannot."""
        assert BROKEN[name] >= 1

    @pytest.mark.parametrize("name", sorted(OF_A_MACHINE))
    def test_that_a_machine_judges_is_looked_at(self, name: str) -> None:
        """What the table calls measured, and nobody measures, would be unknown for ever."""
        assert name in looked_at()


class TestAMark:
    @pytest.mark.parametrize("path", SAID, ids=name_of)
    def test_names_checks_that_there_are(self, path: Path) -> None:
        """A mistyped name would prove nothing."""
        assert set(SAID[path]) <= CATALOGUE.keys()
