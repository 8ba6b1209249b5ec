"""The headers in which a local system says what only it knows of its user and of the patient.

Knows: these headers, and the form of each; that a value of another form says nothing, and is told of.
Must not know: what is made of a fact. The headers end here: nobody else gets them.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from edge_node.model.supplied import NOTHING, Consent, Supplied
from edge_node.wire.http1 import Head

_PREFIX: Final = "edge-node-"
_SECONDS: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,3})?")
_WORDS: Final = {"yes": True, "ja": True, "no": False, "nee": False}
_CONSENTS: Final = {
    "yes": Consent.YES, "ja": Consent.YES, "no": Consent.NO, "nee": Consent.NO, "withdrawn": Consent.WITHDRAWN,
    "ingetrokken": Consent.WITHDRAWN, "unknown": Consent.UNASKED, "onbekend": Consent.UNASKED,
}  # fmt: skip
_TEMPORARY: Final = {"temporary": True, "tijdelijk": True, "fixed": False, "vast": False}


def _seconds(text: str) -> float | None:
    return float(text) if _SECONDS.fullmatch(text) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


#: Name of the header, name of the fact, how its value is read.
_HEADERS: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "edge-node-session-age": ("session_age_s", _seconds),
    "edge-node-session-idle": ("session_idle_s", _seconds),
    "edge-node-card-out": ("card_out_s", _seconds),
    "edge-node-bsn-verified": ("bsn_verified", _WORDS.get),
    "edge-node-identity-checked": ("identity_checked", _WORDS.get),
    "edge-node-consent": ("consent", _CONSENTS.get),
    "edge-node-treatment-relation": ("relation", _WORDS.get),
    "edge-node-patient-kind": ("is_temporary", _TEMPORARY.get),
    "edge-node-patient-until": ("ends_on", _day),
}


def said_facts(head: Head) -> Supplied:
    """Read them. What stands there twice, or in another form, is unknown."""
    given = [(name, value) for name, value in head.headers if name.startswith(_PREFIX) and name in _HEADERS]
    if not given:
        return NOTHING
    found: dict[str, Any] = {}
    unread: set[str] = set()
    for name, value in given:
        fact, read = _HEADERS[name]
        known = read(value.strip().lower())
        if known is None or found.get(fact, known) != known:
            unread.add(name)
        else:
            found[fact] = known
    for name in unread:
        found.pop(_HEADERS[name][0], None)
    return Supplied(**found, unread=tuple(sorted(unread)))
