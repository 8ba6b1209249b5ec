"""The list of places where tests end the process is the list of the code."""

import re
from pathlib import Path

import edge_node.store
from edge_node.store.fail_points import ALL

FOLDER = Path(edge_node.store.__file__).parent


def in_the_code() -> set[str]:
    """Every name that is handed to a fail point."""
    texts = (path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))
    return {name for text in texts for name in re.findall(r'fail_point\("([a-z-]+)"\)', text)}


class TestFailPoints:
    def test_each_one_is_listed(self) -> None:
        """One that nobody lists is one that no crash test walks by."""
        assert in_the_code() - set(ALL) == set()

    def test_each_listed_one_is_there(self) -> None:
        """A test that waits for one that is gone never kills."""
        assert set(ALL) - in_the_code() == set()
