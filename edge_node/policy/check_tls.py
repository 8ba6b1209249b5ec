"""The checks of topic C on what TLS agreed on, by the labels of the guideline.

Knows: which item of a handshake each check is about, what each label is worth.
Must not know: how a handshake is watched, the tables of the guideline.
"""

from collections.abc import Callable
from typing import Final

from edge_node.model.check import Limits, Outcome, Result
from edge_node.model.negotiated import TlsFact
from edge_node.model.notice import Words

_NONE: Final = Words(nl="Er is nog geen verbinding beveiligd.", en="No connection was protected yet.")
_WORST: Final = ("insufficient", "unknown", "phase-out", "sufficient", "good")
_RESULTS: Final = {"insufficient": Result.VIOLATED, "unknown": Result.WARNED, "phase-out": Result.WARNED}


def _of(*items: str) -> Callable[[TlsFact, Limits], Outcome]:
    def judge(facts: TlsFact, limits: Limits) -> Outcome:
        seen = [(agreed, count) for agreed, count in facts.handshakes if agreed.item in items]
        if not seen:
            return Outcome(result=Result.UNKNOWN, reason=_NONE)
        going = {agreed for agreed in facts.phasing_out if agreed.item in items}
        worst = min((agreed for agreed, _ in seen), key=lambda agreed: _WORST.index(agreed.label))
        result = _RESULTS.get(worst.label, Result.WARNED if going else Result.GOOD)
        shown = worst if worst.label in _RESULTS or not going else sorted(going, key=str)[0]
        evidence = tuple(
            (f"{agreed.role} {agreed.side}", f"{agreed.value} {agreed.label}, {count} times")
            for agreed, count in seen
        )
        return Outcome(result=result, value=f"{shown.role}: {shown.value} ({shown.label})", evidence=evidence)

    return judge


version: Final = _of("version")
cipher: Final = _of("suite")
group: Final = _of("group")
peer_key: Final = _of("key", "hash")
