"""Every code others answer with is in the reference.

Knows: `formats/errors.toml` and the page made from it.
Must not know: what the line does with a code.
"""

from docs._ext import switchboard_errors_page
from edge_node.formats import error_codes


class TestPage:
    def test_has_a_section_for_every_code(self) -> None:
        """People come with a code in hand, and must find it."""
        headings = [line[3:] for line in switchboard_errors_page.make().splitlines() if line.startswith("## ")]
        assert headings == sorted(error_codes.load())

    def test_says_what_becomes_of_a_message_for_every_class(self) -> None:
        """A class without words would break the build of the docs at the next release."""
        assert {row.klass for row in error_codes.load().values()} == set(switchboard_errors_page.FOLLOWS)
