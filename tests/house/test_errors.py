"""Every error code has its page, and every page its code.

Knows: `errors.PAGES`, and the texts of the package and the docs.
Must not know: when an error happens.
"""

from pathlib import Path

import pytest

from docs._ext import errors_page
from edge_node.errors import PAGES
from tests.house.project import DOCS, codes_given, codes_in, modules, name_of

OTHER_MODULES = [path for path in modules() if path.name != "errors.py"]
PAGES_OF_DOCS = sorted(DOCS.rglob("*.md"))


class TestCodes:
    @pytest.mark.parametrize("path", OTHER_MODULES, ids=name_of)
    def test_of_the_package_have_a_page(self, path: Path) -> None:
        """Somebody reads this code at night, and must find what to do."""
        assert codes_given(path.read_text("utf-8")) <= PAGES.keys()

    @pytest.mark.parametrize("path", PAGES_OF_DOCS, ids=name_of)
    def test_of_the_docs_exist(self, path: Path) -> None:
        """A page that promises a code which never comes sends a developer the wrong way."""
        assert codes_in(path.read_text("utf-8")) <= PAGES.keys()

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
