"""What the node's own codes mean where a message stays behind with one, in Dutch and English.

Knows: the Dutch texts of `own_codes.toml`, the English ones of the pages of errors.
Must not know: which messages there are, who is told.
"""

import tomllib
from functools import cache
from importlib.resources import files

from edge_node.errors import PAGES
from edge_node.model.notice import Words


def meaning(code: str) -> Words | None:
    """Say it; None where the code is not one with which a message stays behind."""
    nl = _texts()["nl"].get(code)
    return None if nl is None else Words(nl=nl, en=PAGES[code].what)


def known() -> frozenset[str]:
    """Those with which a message may stay behind."""
    return frozenset(_texts()["nl"])


def never_tried() -> Words:
    """What is said where there is no code."""
    return Words(**_texts()["none"])


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(files(__package__).joinpath("own_codes.toml").read_text("utf-8"))
