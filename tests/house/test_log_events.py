"""Every log event has its line in the reference, and every line its event."""

import re

from tests.house.project import DOCS, modules

#: Where the daemon's own lines are written; the sandbox and the commands speak to people.
_ELSEWHERE = ("sandbox", "cli")
_LOGGED = re.compile(r"""log\.\w+\(\s*(?:logging\.[^"]*?, )?"([a-z]+\.[a-z-]+)"|event="([a-z]+\.[a-z-]+)\"""")
_LISTED = re.compile(r"^\| `([a-z]+\.[a-z-]+)`", re.MULTILINE)


def logged() -> set[str]:
    """The events the code names."""
    texts = (path.read_text("utf-8") for path in modules() if not set(_ELSEWHERE) & set(path.parts))
    return {first or second for text in texts for first, second in _LOGGED.findall(text)}


class TestEvents:
    def test_are_all_in_the_reference(self) -> None:
        """An operator matches on these names; one that is not written down cannot be relied on."""
        assert logged() == set(_LISTED.findall((DOCS / "reference" / "log-events.md").read_text("utf-8")))
