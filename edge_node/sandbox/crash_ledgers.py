"""What the ledgers say after crashes: lost, doubled without a reason, out of order, changed, answered otherwise.

Knows: the lines of the parties' ledgers, the moments of the crashes, which messages wait for a person.
Must not know: how the node was crashed, or how ledgers are kept.

It is stricter than the account of the demo. A second handover is explained by a crash only when that came while the
first one was under way or hardly over; one to a local system must say that it is the second, and have the same bytes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Final

from edge_node.sandbox.ledger import Line
from edge_node.sandbox.ledgers import POSITIVE, UNREAD_S, compare
from edge_node.sandbox.samples.kinds import BY_INTERACTION
from edge_node.sandbox.samples.table import table

#: Time in which the node hears the answer and commits that it did, on a busy machine.
_SETTLED_S: Final = 1.5
#: How a copy was answered: as the first time, or as the renewal of a token that it was.
_FIRST: Final = frozenset({"same", "renewed"})
#: The switchboard's index holds no registration to remove, or holds it already.
_INDEX_DONE: Final = POSITIVE | {"KEY204", "KEY205"}
_REGISTRATIONS: Final = frozenset({"MFMT_IN002302NL"})
_REMOVALS: Final = frozenset({"MFMT_IN002303NL"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What was found. Every tuple holds message ids; all but the first two must be empty, `told` excepted."""

    sent: int = 0
    delivered: int = 0
    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()  # handed over again for no reason
    unmarked: tuple[str, ...] = ()  # handed over again without saying so, or with other bytes
    out_of_order: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    answered_otherwise: tuple[str, ...] = ()  # a copy did not get the first answer
    refused: tuple[str, ...] = ()  # for good, although nothing was wrong with it
    told: tuple[str, ...] = ()  # waits where a person is told of it

    @property
    def faults(self) -> dict[str, tuple[str, ...]]:
        """What breaks a promise, by kind."""
        kinds = [one.name for one in fields(self) if one.name not in {"sent", "delivered", "told"}]
        return {kind: ids for kind in kinds if (ids := getattr(self, kind))}

    def __add__(self, other: "Account") -> "Account":
        return Account(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledgers:
    """Everything that was written down."""

    local: Sequence[Line]  # of both local systems, by time
    switchboard: Sequence[Line]
    crashes: Sequence[float] = ()
    told: frozenset[str] = frozenset()  # ids that the node shows as waiting for a person, or ended with an alert

    @property
    def losses(self) -> tuple[float, ...]:
        """When an answer under way may have been lost: the node crashed, or a party was cut off."""
        return (*self.crashes, *(line.time for line in (*self.local, *self.switchboard) if line.event == "cut"))


def judge(ledgers: Ledgers) -> Account:
    """Compare what every party wrote down, both directions."""
    outward = _leg(
        [line for line in ledgers.local if line.leg == "out" and not _is_index(line)],
        [line for line in ledgers.switchboard if line.event == "received" and not _is_index(line)],
        ledgers,
    )
    inward = _leg(
        # Refused here is not refused for good: the node hands it in again, as its own sender keeps trying.
        [line for line in ledgers.switchboard if line.leg == "in" and line.event != "refused"],
        [line for line in ledgers.local if line.event == "received"],
        ledgers,
    )
    again = [line for line in ledgers.local if line.event == "again" and line.outcome not in _FIRST]
    copies = Account(answered_otherwise=tuple(f"{line.id} ({line.outcome})" for line in again))
    return outward + inward + copies + _index(ledgers)


def _leg(sent: Sequence[Line], received: Sequence[Line], ledgers: Ledgers) -> Account:
    found = compare(sent, received)
    second, losses = list(_second_handovers(received)), ledgers.losses
    return Account(
        sent=found.sent,
        delivered=found.delivered,
        lost=tuple(id_ for id_ in found.lost if id_ not in ledgers.told),
        doubled=_ids(b for a, b in second if not _is_explained(a, losses)),
        unmarked=_ids(b for a, b in second if not _is_marked(a, b)),
        out_of_order=found.out_of_order,
        changed=found.two_contents,
        refused=found.refused,
        told=tuple(id_ for id_ in found.lost if id_ in ledgers.told),
    )


def _second_handovers(received: Iterable[Line]) -> Iterable[tuple[Line, Line]]:
    """Each handover that was said yes to, with the one before it."""
    by_id: dict[str, list[Line]] = {}
    for line in received:
        if line.role == "push" and line.outcome in POSITIVE:
            by_id.setdefault(line.id, []).append(line)
    return [pair for lines in by_id.values() for pair in pairwise(lines)]


def _is_explained(first: Line, losses: Sequence[float]) -> bool:
    return first.answer_lost or any(
        first.arrived - UNREAD_S <= moment <= first.time + _SETTLED_S for moment in losses
    )


def _is_marked(first: Line, second: Line) -> bool:
    kind = BY_INTERACTION.get(second.interaction)
    has_token = kind is not None and kind.token
    if second.sha256 != first.sha256 and not has_token:  # a new signature is another header around the same message
        return False
    row = table().get(second.interaction)
    # What the node does not keep it does not repeat: the sender did, who may say so or not.
    return second.leg == "out" or second.redelivery or row is None or not row.keep


def _index(ledgers: Ledgers) -> Account:
    """The index: each registration arrives, or is replaced by a removal; nothing arrives after its removal."""
    sent = [line for line in ledgers.local if line.event == "sent" and _is_index(line)]
    taken = [line for line in ledgers.switchboard if line.event == "received" and _is_index(line)]
    arrived = {line.id for line in taken if line.outcome in _INDEX_DONE}
    missing = [line for line in sent if line.id not in arrived and line.id not in ledgers.told]
    return Account(
        sent=len(sent),
        delivered=len({line.id for line in sent} & arrived),
        lost=_ids(line for line in missing if not _is_replaced(line, sent)),
        out_of_order=_ids(line for line in sent if _comes_back(line, sent, taken)),
    )


def _is_replaced(registration: Line, sent: Iterable[Line]) -> bool:
    return registration.interaction in _REGISTRATIONS and any(
        line.interaction in _REMOVALS and _whose(line) == _whose(registration) and line.time >= registration.time
        for line in sent
    )


def _comes_back(removal: Line, sent: Sequence[Line], taken: Sequence[Line]) -> bool:
    """Whether a registration sent before this removal stands in the index after it."""
    if removal.interaction not in _REMOVALS:
        return False
    older = {
        line.id
        for line in sent
        if line.interaction in _REGISTRATIONS and _whose(line) == _whose(removal) and line.time < removal.time
    }
    last = max((line.time for line in taken if line.id == removal.id), default=0.0)
    return any(line.id in older and line.outcome in POSITIVE and line.arrived > last > 0 for line in taken)


def _whose(line: Line) -> str:
    """The patient whose registration it is, and of whom."""
    return line.lane.rpartition("/")[0] + line.id.rpartition("/")[0]


def _is_index(line: Line) -> bool:
    return line.interaction.startswith("MFMT_")


def _ids(lines: Iterable[Line]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.id for line in lines))
