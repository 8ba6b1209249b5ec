"""The drawing and the table of a message's life.

Knows: the transitions in `model/lifecycle.py`, and a place on paper for each state.
Must not know: why a step is taken.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from math import hypot
from typing import Final

from edge_node.model.lifecycle import OPEN, TRANSITIONS, Event, State

_WIDE: Final = 176
#: Middle of each state's box. A state without a place fails the build, and a test.
PLACES: Final[Mapping[State, tuple[int, int]]] = {
    State.RECEIVED: (60, 150),
    State.REFUSED: (60, 380),
    State.KEPT: (360, 150),
    State.IN_FLIGHT: (670, 150),
    State.DELIVERED: (990, 150),
    State.WAITING: (670, 380),
    State.DEAD: (990, 380),
    State.HELD: (360, 380),
    State.NEEDS_TOKEN: (670, 600),
    State.EXPIRED: (990, 600),
    State.DISCARDED: (360, 600),
}
#: Ends that most states lead to: written in the box, since arrows would hide the rest.
IN_THE_BOX: Final = (State.EXPIRED, State.DISCARDED)
#: How far an arrow swings to its right where a straight one would run through a third box.
BENDS: Final[Mapping[tuple[State, State], int]] = {
    (State.KEPT, State.DELIVERED): -200,
    (State.IN_FLIGHT, State.NEEDS_TOKEN): -330,
}
Point = tuple[float, float]


def make() -> str:
    """Return the drawing as inline SVG, then the same steps as a table."""
    return f"{drawing()}\n\n{table()}\n"


def steps() -> dict[tuple[State, State], list[Event]]:
    """The events that lead from one state to another."""
    between: dict[tuple[State, State], list[Event]] = defaultdict(list)
    for (state, event), following in TRANSITIONS.items():
        between[state, following].append(event)
    return between


def table() -> str:
    """Every step, as people look it up."""
    rows = [f"| `{state}` | `{event}` | `{following}` |" for (state, event), following in TRANSITIONS.items()]
    return "\n".join(["| in this state | this happens | and it is |", "|---|---|---|", *rows])


def drawing() -> str:
    """Boxes, arrows, words on the arrows: in that order, so that words stay readable."""
    arrows, words = [], []
    for (state, following), events in steps().items():
        if not _is_in_the_box(state, following):
            line, middle = _arrow(state, following)
            arrows.append(line)
            words += _words(middle, events)
    boxes = [_box(state) for state in State]
    return "\n".join([*_HEAD, *arrows, *boxes, *words, "</svg>"])


_HEAD: Final = (
    '<svg viewBox="-35 30 1120 625" role="img" aria-label="The states of a kept message and the events between them" '
    'style="width:100%;font-family:sans-serif;font-size:11px" xmlns="http://www.w3.org/2000/svg">',
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">',
    '<path d="M0,0 L8,4 L0,8 z" fill="currentColor"/></marker></defs>',
)


def _notes(state: State) -> list[str]:
    return [
        f"{_spoken(event)} → {following}"
        for (start, following), events in steps().items()
        for event in events
        if start is state and _is_in_the_box(state, following)
    ]


def _is_in_the_box(state: State, following: State) -> bool:
    return following in IN_THE_BOX or following is state


def _high(state: State) -> int:
    return 32 + 15 * len(_notes(state))


def _box(state: State) -> str:
    x, y = PLACES[state]
    top = y - _high(state) / 2
    border = 'stroke-width="2"' if state in OPEN else 'stroke-width="1"'
    return (
        f'<rect x="{x - _WIDE / 2:g}" y="{top:g}" width="{_WIDE}" height="{_high(state)}" rx="6" '
        f'style="fill:var(--color-background-secondary, #f4f4f4)" stroke="currentColor" {border}/>'
        f'<text x="{x}" y="{top + 20:g}" text-anchor="middle" font-weight="bold" fill="currentColor">{state}</text>'
    ) + "".join(_line(x, top + 36 + 15 * row, note) for row, note in enumerate(_notes(state)))


def _line(x: float, y: float, text: str) -> str:
    return f'<text x="{x}" y="{y:g}" text-anchor="middle" font-size="10" fill="currentColor">{text}</text>'


def _spoken(event: Event) -> str:
    return event.value.lower().replace("_", " ")


def _arrow(state: State, following: State) -> tuple[str, Point]:
    (x1, y1), (x2, y2) = PLACES[state], PLACES[following]
    length = hypot(x2 - x1, y2 - y1)
    # Bent to its right, so that a step and its way back are two lines.
    bend = BENDS.get((state, following), 26 if (following, state) in steps() else 8)
    bx, by = (x1 + x2) / 2 - (y2 - y1) / length * bend, (y1 + y2) / 2 + (x2 - x1) / length * bend
    (ax, ay), (ex, ey) = _edge(state, (bx, by)), _edge(following, (bx, by))
    return _path(f"M{ax:.0f},{ay:.0f} Q{bx:.0f},{by:.0f} {ex:.0f},{ey:.0f}"), _on_curve((ax, ay), (bx, by), (ex, ey))


def _path(shape: str) -> str:
    return f'<path d="{shape}" fill="none" stroke="currentColor" opacity="0.6" marker-end="url(#tip)"/>'


def _edge(state: State, towards: Point) -> Point:
    x, y = PLACES[state]
    dx, dy = towards[0] - x, towards[1] - y
    share = min((_WIDE / 2 + 3) / abs(dx) if dx else 9, (_high(state) / 2 + 3) / abs(dy) if dy else 9)
    return x + dx * share, y + dy * share


def _on_curve(start: Point, bend: Point, end: Point, at: float = 0.42) -> Point:
    a, b, c = (1 - at) ** 2, 2 * at * (1 - at), at**2
    return a * start[0] + b * bend[0] + c * end[0], a * start[1] + b * bend[1] + c * end[1]


def _words(middle: Point, events: list[Event]) -> Iterator[str]:
    x, top = middle[0], middle[1] - 6 * (len(events) - 1)
    for row, event in enumerate(events):
        yield (
            f'<text x="{x:.0f}" y="{top + 12 * row + 3:.0f}" text-anchor="middle" fill="currentColor" '
            'style="paint-order:stroke;stroke:var(--color-background-primary, #fff);stroke-width:4px">'
            f"{_spoken(event)}</text>"
        )
