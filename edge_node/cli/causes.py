"""What it means that messages stayed behind with a code: in Dutch and English, whose turn it is, what to do.

Knows: where the words for codes of the node, codes of others and states are.
Must not know: which messages there are.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from edge_node.errors import PAGES, Side
from edge_node.formats import error_codes, notices, own_codes
from edge_node.model.notice import Words

Explained = dict[str, dict[str, str]]


def explained(cause: Mapping[str, Any]) -> Explained:
    """The words for one cause, by language."""
    code = cause["code"]
    texts = notices.load()
    # A push in never expires and needs no token: for those states it has the words for what ended badly.
    kind = cause["direction"], cause["state"].lower().replace("_", "-")
    text = texts.notices.get(kind) or texts.notices[kind[0], "dead"]
    side = str(PAGES[code].side) if code in PAGES else text.side or str(Side.OPERATOR)
    other = error_codes.load().get(code)
    if other is None:
        what, do = _own(code, text.what), text.do
    else:
        what, do = Words(nl=other.meaning_nl, en=other.meaning_en), Words(nl=other.do_nl, en=other.do_en)
    return {"what": asdict(what), "side": asdict(texts.sides[side]), "do": asdict(do)}


def _own(code: str, state: Words) -> Words:
    """What a code of the node means; one of a newer release is not known, and what the state means always is."""
    if not code:
        return own_codes.never_tried()
    if code not in PAGES:
        return state
    return own_codes.meaning(code) or Words(nl=state.nl, en=PAGES[code].what)
