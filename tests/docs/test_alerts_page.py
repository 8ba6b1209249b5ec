"""The page on alerts lists every state, in the order in which the first line is chosen."""

import re

from edge_node.model.sentence import Saying
from tests.house.project import DOCS

_STATE = re.compile(r"^\| `([a-z-]+)` \|", re.MULTILINE)


class TestStates:
    def test_are_all_on_the_page_in_their_order(self) -> None:
        """A monitor's rules are written from this page."""
        page = (DOCS / "reference" / "alerts.md").read_text("utf-8").partition("## Webhook")[0]
        assert _STATE.findall(page) == [saying.value for saying in Saying]
