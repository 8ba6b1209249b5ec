"""One of everything: each kind of sample message, from every side that can send it.

Knows: who sends which kind to whom, and in what order.
Must not know: how a message is made, or what its answer should be.
"""

from collections.abc import Iterator
from typing import Final

from edge_node.sandbox.result import Outcome
from edge_node.sandbox.samples.kinds import PUSHES, QUERIES, SIGNALS, Kind
from edge_node.sandbox.site import AIS, HIS, LocalParty
from edge_node.sandbox.stage import Stage

#: What each side has of the patient: kinds of data in the index.
HOLDINGS: Final = {HIS.name: ("460320", "722933", "288432", "902200"), AIS.name: ("272353",)}
GUEST: Final = "80000003"  # the out-of-hours post, simulated inside the switchboard
PATIENT: Final = 3
_BOTH_WAYS: Final = ((HIS, AIS), (AIS, HIS))


def one_of_everything(stage: Stage) -> Iterator[Outcome]:
    """Send one of each kind; registrations before the queries that need them, removals last."""
    for one in (HIS, AIS):
        yield _from_local(stage, one, "tick", "line")
    yield from _index(stage, "index-update", "index-registration")
    for query in QUERIES:
        yield from _query(stage, query)
    for push in PUSHES:
        for one, other in _BOTH_WAYS:
            yield _from_local(stage, one, push.name, "push", receiver=other.party.application)
        yield _from_outside(stage, push.name, "push", sender=GUEST)
    for signal in SIGNALS:
        yield _from_outside(stage, signal.name, "push")
    yield _from_outside(stage, "ping", "query")
    yield _from_outside(stage, "tick", "line")
    yield from _index(stage, "index-removal", "index-deregistration")


def _query(stage: Stage, query: Kind) -> Iterator[Outcome]:
    for one, other in _BOTH_WAYS:
        receiver = other.party.application if query.direct else ""
        yield _from_local(stage, one, query.name, "query", receiver=receiver)
    if query.direct:
        yield _from_outside(stage, query.name, "query", sender=GUEST)


def _index(stage: Stage, of_practice: str, of_pharmacy: str) -> Iterator[Outcome]:
    for one, kind in ((HIS, of_practice), (AIS, of_pharmacy)):
        for data in HOLDINGS[one.name]:
            yield _from_local(stage, one, kind, "push", data=data)


def _from_local(stage: Stage, who: LocalParty, kind: str, role: str, **more: str) -> Outcome:
    told = stage.ask(who.name, "one", kind=kind, patient=PATIENT, **more)
    return Outcome(who=who.name, kind=kind, role=role, outcome=str(told["outcome"]))


def _from_outside(stage: Stage, kind: str, role: str, sender: str = "1") -> Outcome:
    told = stage.ask("switchboard", "send", kind=kind, sender=sender, receiver=HIS.party.application, patient=PATIENT)
    return Outcome(who="switchboard", kind=kind, role=role, outcome=str(told["outcome"]))
