"""What a demo found, for people and for scripts.

Knows: when it is good; the figures of the JSON line and the lines of the table.
Must not know: how it came about.
"""

from dataclasses import dataclass
from typing import Any, Final

from edge_node.sandbox.ledgers import POSITIVE, Comparison, FailedLeg

_SHOWN: Final = 20
_WORDS: Final = {"AA": "answer", "CA": "receipt"}
_LOCAL: Final = frozenset({"his", "ais"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one message of the round of everything."""

    who: str
    kind: str
    role: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What became of all messages of one kind: out of the site, and into it."""

    kind: str
    out: int
    inward: int
    codes: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Whether every answer was a yes."""
        return POSITIVE.issuperset(self.codes)

    @property
    def came_back(self) -> str:
        """The answers in words, each once; a no by its code."""
        return ", ".join(_WORDS.get(code, code) for code in dict.fromkeys(self.codes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a demo found."""

    comparison: Comparison
    outcomes: tuple[Outcome, ...] = ()
    legs: tuple[FailedLeg, ...] = ()  # those that got a no
    kept: int = 0
    kills: int = 0
    seconds: float = 0.0

    @property
    def queries(self) -> int:
        """Queries answered well."""
        return sum(1 for one in self.outcomes if one.role == "query" and one.outcome in POSITIVE)

    @property
    def refused(self) -> int:
        """Messages that got a no: queries, legs to one source of a batch, signals, and pushes refused for good."""
        others = sum(1 for one in self.outcomes if one.role != "push" and one.outcome not in POSITIVE)
        return others + len(self.legs) + len(self.comparison.refused)

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, doubled, out of order, changed or refused."""
        return self.comparison.is_clean and self.refused == 0 and self.comparison.sent > 0

    def figures(self) -> dict[str, Any]:
        """Return the object of the JSON line."""
        found = self.comparison
        return {
            "sent": found.sent,
            "delivered": found.delivered,
            "lost": len(found.lost),
            "duplicated": len(found.duplicated),
            "out_of_order": len(found.out_of_order),
            "two_contents": len(found.two_contents),
            "queries": self.queries,
            "refused": self.refused,
            "kept": self.kept,
            "kills": self.kills,
            "seconds": round(self.seconds, 1),
        }

    def rounds(self) -> list[Round]:
        """Return what became of each kind, in the order in which they were sent."""
        found: dict[str, list[Outcome]] = {}
        for one in self.outcomes:
            found.setdefault(one.kind, []).append(one)
        return [_round(kind, ones) for kind, ones in found.items()]

    def troubles(self) -> list[str]:
        """Return a line for each thing that is not as it should be, the first ones of each kind."""
        found = self.comparison
        kinds = {
            "lost": found.lost,
            "duplicated": found.duplicated,
            "out of order": found.out_of_order,
            "two contents": found.two_contents,
            "refused": found.refused,
        }
        lines = [f"{kind}: {id_}" for kind, ids in kinds.items() for id_ in ids[:_SHOWN]]
        lines += [f"leg {leg.interaction}: {leg.outcome}" for leg in self.legs[:_SHOWN]]
        return lines + [
            f"{one.who} {one.kind}: {one.outcome}" for one in self.outcomes if one.outcome not in POSITIVE
        ]


def _round(kind: str, ones: list[Outcome]) -> Round:
    out = sum(one.who in _LOCAL for one in ones)
    return Round(kind=kind, out=out, inward=len(ones) - out, codes=tuple(one.outcome for one in ones))
