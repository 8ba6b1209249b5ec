"""The first line about messages that were not delivered, or wait for a signature, in a mail and in the status.

Knows: which notices it counts, how a code is said within a sentence.
Must not know: what else a mail says, how many messages the store holds.
"""

from collections.abc import Sequence
from typing import Final

from edge_node.errors import PAGES
from edge_node.formats import error_codes, own_codes
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction
from edge_node.model.notice import NoticeKind, Told, Words
from edge_node.model.sentence import Saying, Sentence

_LOST: Final = frozenset({NoticeKind.DEAD, NoticeKind.EXPIRED, NoticeKind.HELD})
_EXPIRED: Final = Words(
    nl="de ontvanger was te lang niet bereikbaar", en="the receiver could not be reached for too long"
)
_REFUSED: Final = Words(nl="dit kastje kon het niet versturen", en="this box could not send it")
_UNKNOWN: Final = Words(nl="de ontvanger gaf een onbekende reden", en="the receiver gave a reason that is not known")


def sentence(told: Sequence[Told]) -> Sentence | None:
    """The sentence about these notices; None where none of them is of a message out that does not go on."""
    out = [one for one in told if one.notice.direction is Direction.OUT]
    lost = [one for one in out if one.notice.kind in _LOST]
    unsigned = [one for one in out if one.notice.kind is NoticeKind.NEEDS_TOKEN]
    if lost:
        first = lost[0].notice
        why = cause(first.code, first.state)
        return Sentence(saying=Saying.NOT_DELIVERED, said_at=first.at, messages=len(lost), cause=why)
    if unsigned:
        names = {one.own_name for one in unsigned}
        name = names.pop() if len(names) == 1 else ""
        at = unsigned[0].notice.at
        return Sentence(saying=Saying.NEEDS_SIGNING, said_at=at, messages=len(unsigned), name=name)
    return None


def cause(code: str, state: State) -> Words | None:
    """A code of the other side or of ours, as half a sentence."""
    if state is State.EXPIRED:
        return _EXPIRED
    row = error_codes.load().get(code)
    if row is not None:
        return Words(nl=f"{_clause(row.meaning_nl)} ({code})", en=f"{_clause(row.meaning_en)} ({code})")
    own = own_codes.meaning(code)
    if own is not None:
        return Words(nl=f"{_clause(own.nl)} ({code})", en=f"{_clause(own.en)} ({code})")
    page = PAGES.get(code)
    if page is not None:
        return Words(nl=f"{_REFUSED.nl} ({code})", en=f"{_clause(page.what)} ({code})")
    return _UNKNOWN if code else None  # what it says itself is not repeated: it may be anything


def _clause(text: str) -> str:
    """Half a sentence; a name of a thing keeps its capitals."""
    bare = text.rstrip(". ")
    return bare if bare[1:2].isupper() else bare[:1].lower() + bare[1:]
