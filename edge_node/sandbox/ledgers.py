"""Compares what was sent with what was received: lost, doubled, out of order, changed.

Knows: the lines of two ledgers and the moments at which the line or the node was broken on purpose.
Must not know: who kept them, or how the messages travelled.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from edge_node.sandbox.ledger import Line

POSITIVE = frozenset({"CA", "AA"})
#: Time for which a request may lie in a socket, whose sender has ended, until its receiver looks at it.
UNREAD_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two ledgers say of the same pushes. Every tuple holds message ids."""

    sent: int
    delivered: int
    lost: tuple[str, ...] = ()
    duplicated: tuple[str, ...] = ()
    out_of_order: tuple[str, ...] = ()
    two_contents: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether everything sent arrived once, unchanged and in order."""
        return not (self.lost or self.duplicated or self.out_of_order or self.two_contents or self.refused)

    def __add__(self, other: "Comparison") -> "Comparison":
        return Comparison(
            sent=self.sent + other.sent,
            delivered=self.delivered + other.delivered,
            lost=self.lost + other.lost,
            duplicated=self.duplicated + other.duplicated,
            out_of_order=self.out_of_order + other.out_of_order,
            two_contents=self.two_contents + other.two_contents,
            refused=self.refused + other.refused,
        )


def compare(sent: Iterable[Line], received: Iterable[Line], disruptions: Sequence[float] = ()) -> Comparison:
    """Compare the pushes in a sender's ledger with those in the receivers'.

    A second handover is right only where the answer to the first one was lost: the receiver knows it was not given,
    or the node or the line was broken between the two (`disruptions`).
    """
    sent = [line for line in sent if line.role == "push"]
    handovers = _by_id(line for line in received if line.role == "push" and line.outcome in POSITIVE)
    given = _first(line for line in sent if line.event == "sent")
    refused = tuple(line.id for line in sent if line.event == "refused" and line.id not in handovers)
    arrived = {id_: lines for id_, lines in handovers.items() if id_ in given}
    return Comparison(
        sent=len(given),
        delivered=len(arrived),
        lost=tuple(id_ for id_ in given if id_ not in arrived and id_ not in refused),
        duplicated=tuple(id_ for id_, lines in handovers.items() if not _is_once(lines, disruptions)),
        out_of_order=_out_of_order(given, arrived),
        two_contents=tuple(
            id_ for id_, lines in arrived.items() if {line.content for line in lines} != {given[id_].content}
        ),
        refused=refused,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedLeg:
    """A question to one source that got no good answer, whatever the batch around it says."""

    id: str
    interaction: str
    outcome: str


def failed_legs(switchboard: Iterable[Line]) -> tuple[FailedLeg, ...]:
    """Return the legs of batches that a source, or the node before it, said no to."""
    return tuple(
        FailedLeg(id=line.id, interaction=line.interaction, outcome=line.outcome)
        for line in switchboard
        if line.event == "failed"
    )


def _by_id(lines: Iterable[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.id].append(line)
    return dict(found)


def _first(lines: Iterable[Line]) -> dict[str, Line]:
    found: dict[str, Line] = {}
    for line in lines:
        found.setdefault(line.id, line)
    return found


def _is_once(lines: Sequence[Line], disruptions: Sequence[float]) -> bool:
    return all(_was_lost(first, second, disruptions) for first, second in pairwise(lines))


def _was_lost(first: Line, second: Line, disruptions: Sequence[float]) -> bool:
    return first.answer_lost or any(first.arrived - UNREAD_S <= moment <= second.time for moment in disruptions)


def _out_of_order(given: Mapping[str, Line], arrived: Mapping[str, list[Line]]) -> tuple[str, ...]:
    rank = {id_: number for number, id_ in enumerate(given)}
    highest: dict[str, int] = {}
    overtaken: list[str] = []
    # `arrived` is in the order of the first handover of each.
    for id_ in arrived:
        lane = given[id_].lane
        if rank[id_] < highest.get(lane, -1):
            overtaken.append(id_)
        highest[lane] = max(highest.get(lane, -1), rank[id_])
    return tuple(overtaken)
