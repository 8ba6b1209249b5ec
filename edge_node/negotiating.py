"""Counts what is negotiated in TLS, with each party and side, by the labels of the guideline.

Knows: which edition the profile labels by, what is told once, and to whom.
Must not know: how a handshake is looked at, how figures are shown.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

import structlog

from edge_node.model.negotiated import Agreed, TlsFact
from edge_node.wire.trust_floor import FLOORS, Profile
from edge_node.wire.trust_labels import EDITION_2025, OTHER, Item, Label, label
from edge_node.wire.trust_negotiated import Negotiated

_log = structlog.get_logger()

_LOCAL: Final = "local"
_GOOD: Final = frozenset({Label.GOOD, Label.SUFFICIENT})


class Negotiating:
    """The tally of one process."""

    def __init__(self, profile: str, count: Callable[[Agreed], None]) -> None:
        self._floor = FLOORS[Profile(profile)]
        self._count = count
        self._tally: Counter[Agreed] = Counter()

    def heard(self, handshake: Negotiated) -> None:
        """A handshake was found good."""
        for agreed in self._agreed(handshake):
            if agreed not in self._tally and _is_going(agreed):
                self._tell(agreed)
            self._tally[agreed] += 1
            self._count(agreed)

    @property
    def fact(self) -> TlsFact:
        """All of it, in an order that does not change."""
        tally = sorted(self._tally.items(), key=lambda it: (it[0].role, it[0].side, it[0].item, it[0].value))
        return TlsFact(
            profile=self._floor.profile.value,
            edition=self._floor.edition,
            handshakes=tuple(tally),
            phasing_out=tuple(agreed for agreed, _ in tally if _is_going(agreed)),
        )

    def _agreed(self, handshake: Negotiated) -> Iterator[Agreed]:
        for role in sorted(handshake.roles) or (_LOCAL,):
            for item, value in handshake.values:
                found = label(item, value, self._floor.edition)
                yield Agreed(
                    side=handshake.side,
                    role=role,
                    item=item.value,
                    value=OTHER if found is None else value,
                    label="unknown" if found is None else found.value,
                )

    def _tell(self, agreed: Agreed) -> None:
        words = {"side": agreed.side, "role": agreed.role, "item": agreed.item, "value": agreed.value}
        words["label"] = agreed.label  # what it is still called by the edition that counts here
        _log.warning("tls.phase-out", code="EN-TLS-PHASE-OUT", **words)


def _is_going(agreed: Agreed) -> bool:
    """Whether the newest edition would have it out; what no edition knows is said as well."""
    return label(Item(agreed.item), agreed.value, EDITION_2025) not in _GOOD
