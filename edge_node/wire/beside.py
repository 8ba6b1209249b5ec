"""What a local system says beside a message, in headers of ours: an emergency, why, who asks, at which workstation.

Knows: these headers; that none of them is ever a reason to refuse a message.
Must not know: what is done with them. They end here: nobody else gets them.

No national document has a way for an HL7v3 message to say that it is of an emergency. So a local system says it here,
and what it may have meant by an emergency counts as one: an access that is marked too much is looked at, one that is
marked too little is not.
"""

import re
from typing import Final
from urllib.parse import unquote

from edge_node.model.exchange import Beside
from edge_node.wire.http1 import Head
from edge_node.wire.said_facts import said_facts

SITUATION: Final = "edge-node-situation"
REASON: Final = "edge-node-reason"
USER: Final = "edge-node-user"
WORKSTATION: Final = "edge-node-workstation"

_NORMAL: Final = frozenset({"", "normal", "normaal"})
_USER: Final = re.compile(r"[0-9]{9}:[0-9]{2}\.[0-9]{3}")
_MAX_CHARS: Final = 500
_NO_TEXT: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


def said_beside(head: Head) -> Beside:
    """Read them; text in other letters than ASCII is written as %XX of its UTF-8."""
    return Beside(
        is_emergency=(head.get(SITUATION) or "").strip().lower() not in _NORMAL,
        reason=_text(head.get(REASON)),
        user=_user(head.get(USER)),
        workstation=_text(head.get(WORKSTATION)),
        supplied=said_facts(head),
    )


def _user(given: str | None) -> str:
    """Empty where it is of another form: then nobody is named, which the line says."""
    said = (given or "").strip()
    return said if _USER.fullmatch(said) else ""


def _text(given: str | None) -> str:
    return _NO_TEXT.sub(" ", unquote(given or "")).strip()[:_MAX_CHARS]
