"""Every error code has its page, and every page its code.

Knows: `errors.PAGES`, and the texts of the package and the docs.
Must not know: when an error happens.
"""

import pytest

from docs._ext import errors_page
from edge_node.errors import PAGES, EdgeNodeError
from tests.house.project import DOCS, codes_given, codes_in, modules, name_of

#: Named already, given by a rule that comes with the rest of the checks.
RESERVED: set[str] = set()


def errors_of(kind: type[EdgeNodeError]) -> set[type[EdgeNodeError]]:
    """An exception with all that are made from it."""
    return {kind}.union(*map(errors_of, kind.__subclasses__()))


class TestCodes:
    def test_of_the_package_have_a_page(self) -> None:
        """Somebody reads this code at night, and must find what to do."""
        given = {(name_of(path), code) for path in modules() for code in codes_given(path.read_text("utf-8"))}
        assert {where for where in given if where[1] not in PAGES} == set()

    def test_of_the_docs_exist(self) -> None:
        """A page that promises a code which never comes sends a developer the wrong way."""
        named = {(name_of(path), code) for path in DOCS.rglob("*.md") for code in codes_in(path.read_text("utf-8"))}
        assert {where for where in named if where[1] not in PAGES} == set()

    def test_with_a_page_are_given_somewhere(self) -> None:
        """A page for what never happens makes the reference longer, and nobody wiser."""
        given = {code for path in modules() if path.name != "errors.py" for code in codes_in(path.read_text("utf-8"))}
        raised = {kind.code for kind in errors_of(EdgeNodeError)}
        assert PAGES.keys() - given - raised == RESERVED

    def test_each_have_a_section(self) -> None:
        """The reference has one section a code, no more and no fewer."""
        headings = [line[3:] for line in errors_page.make().splitlines() if line.startswith("## ")]
        assert headings == sorted(PAGES)

    @pytest.mark.parametrize("code", sorted(PAGES))
    def test_say_what_to_do(self, code: str) -> None:
        """A page without advice leaves the caller with a name."""
        page = PAGES[code]
        assert page.what.endswith(".")
        assert page.do.endswith(".")
