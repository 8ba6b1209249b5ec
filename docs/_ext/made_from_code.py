"""Puts what the code says into the reference pages.

Knows: the mark `<!-- made from the code: NAME -->` and which page maker NAME stands for.
Must not know: what a page maker reads or writes.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from docs._ext import (
    checks_page,
    commands_page,
    errors_page,
    exchanges_page,
    fhir_rules_page,
    lifecycle_page,
    rules_page,
    settings_page,
    switchboard_errors_page,
)

MAKERS: Final[dict[str, Callable[[], str]]] = {
    "errors": errors_page.make,
    "settings": settings_page.make,
    "checks": checks_page.make,
    "commands": commands_page.make,
    "exchanges": exchanges_page.make,
    "fhir_rules": fhir_rules_page.make,
    "lifecycle": lifecycle_page.make,
    "rules": rules_page.make,
    "switchboard_errors": switchboard_errors_page.make,
}
MARK: Final = re.compile(r"^<!-- made from the code: (\w+) -->$", re.MULTILINE)


def fill_in(text: str) -> str:
    """Return the page with each mark replaced; an unknown name raises `KeyError` and stops the build."""
    return MARK.sub(lambda found: MAKERS[found[1]](), text)


def _source_read(_app: Any, _name: str, source: list[str]) -> None:
    source[0] = fill_in(source[0])


def setup(app: Any) -> dict[str, bool]:
    """Sphinx calls this."""
    app.connect("source-read", _source_read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
