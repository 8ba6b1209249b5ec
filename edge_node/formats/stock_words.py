"""What lies in the queue, as people read it: what goes out and what came in, by what becomes of it.

Knows: which states are one and the same to staff, and what they are called.
Must not know: how messages are counted, where it is shown.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from edge_node.model.lifecycle import OPEN, State
from edge_node.model.message import Direction
from edge_node.model.notice import Words
from edge_node.model.overview import Overview
from edge_node.model.sentence_words import in_language

_DIRECTIONS: Final = {
    Direction.OUT: Words(nl="uitgaand", en="out"),
    Direction.IN: Words(nl="binnengekomen", en="in"),
}
_UNDERWAY: Final = Words(nl="onderweg", en="on their way")
_OTHERS: Final = {
    State.NEEDS_TOKEN: Words(nl="wachten op een handtekening", en="wait for a signature"),
    State.HELD: Words(nl="aangehouden", en="held"),
    State.DEAD: Words(nl="niet bezorgd", en="not delivered"),
    State.EXPIRED: Words(nl="niet bezorgd", en="not delivered"),
    State.REFUSED: Words(nl="geweigerd", en="refused"),
}
_UNSEEN: Final = Words(nl="nu niet te zien", en="cannot be seen now")


def stock_words(queue: Overview | None) -> Words:
    """Say it in both languages; of what was delivered or put away nothing is said."""
    if queue is None:
        return _UNSEEN
    return Words(nl=_said(queue, "nl"), en=_said(queue, "en"))


def _said(queue: Overview, language: str) -> str:
    counts: Counter[tuple[Direction, str]] = Counter()
    for direction, state, messages in _counted(queue):
        counts[direction, in_language(state, language)] += messages
    told = [
        f"{n} {state} ({in_language(_DIRECTIONS[direction], language)})" for (direction, state), n in counts.items()
    ]
    return ", ".join(told) or "0"


def _counted(queue: Overview) -> Iterator[tuple[Direction, Words, int]]:
    for one in queue.counts:
        words = _OTHERS.get(one.state) or (_UNDERWAY if one.state in OPEN else None)
        if words is not None and one.messages:
            yield one.direction, words, one.messages
