"""One of everything: each kind of sample message, from every side that can send it, one domain after the other.

Knows: who sends which kind to whom, and in what order.
Must not know: how a message is made, or what its answer should be.
"""

from collections.abc import Iterator
from typing import Final

from edge_node.sandbox.result import Outcome
from edge_node.sandbox.samples.fhir import DOMAIN as FHIR
from edge_node.sandbox.samples.fhir import FhirKind, fhir_kinds
from edge_node.sandbox.samples.kinds import DOMAINS, KINDS, Kind, Role
from edge_node.sandbox.site import AIS, CONDITIONAL, HIS, LocalParty
from edge_node.sandbox.stage import Stage

#: What each side has of the patient: kinds of data in the index, every one that a query asks for.
HOLDINGS: Final = {
    HIS.name: (
        *("460320", "722933", "288432", "800310", "902200"),
        *("834295", "909909", "908809", "872304", "504871", "703406"),
    ),
    AIS.name: ("272353",),
}
GUEST: Final = "80000003"  # the out-of-hours post, simulated inside the switchboard
PATIENT: Final = 3
_BOTH_WAYS: Final = ((HIS, AIS), (AIS, HIS))
#: The index first: a query finds nobody without it. What is taken out of it again goes out last.
_REGISTERED: Final = ("index-update", "index-registration")
_RENEWED: Final = ("index-renewal", "index-reregistration")
_REMOVED: Final = ("index-removal", "index-deregistration")
REMOVALS: Final = "removals from the index"


def one_of_everything(stage: Stage) -> Iterator[tuple[str, Iterator[Outcome]]]:
    """Name each step, and send one of each of its kinds; each step must be gone through before the next."""
    for domain in DOMAINS:
        yield domain, _domain(stage, domain)
    yield FHIR, _fhir(stage)
    yield REMOVALS, _index(stage, _REMOVED)


def steps() -> tuple[str, ...]:
    """The names of all steps."""
    return (*DOMAINS, FHIR, REMOVALS)


def _domain(stage: Stage, domain: str) -> Iterator[Outcome]:
    if domain == "index":
        yield from _index(stage, _REGISTERED)
        yield from _index(stage, _RENEWED)
    for kind in KINDS.values():
        if kind.domain == domain and kind.name not in {*_REGISTERED, *_RENEWED, *_REMOVED}:
            yield from _kind(stage, kind)
    if domain == KINDS[CONDITIONAL].domain:
        # The practice's system hands in a mandate and an enrolment alone: the node signs.
        yield _from_local(stage, HIS, KINDS[CONDITIONAL], conditional=True)


def _kind(stage: Stage, kind: Kind) -> Iterator[Outcome]:
    if kind.role is not Role.SIGNAL:
        for one, other in _BOTH_WAYS:
            is_direct = kind.direct or (kind.role is Role.PUSH and not kind.register)
            yield _from_local(stage, one, kind, receiver=other.party.application if is_direct else "")
    if kind.role is Role.SIGNAL or kind.domain == "connectivity":
        yield _from_outside(stage, kind, sender="1")
    elif kind.direct or (kind.role is Role.PUSH and not kind.register):
        yield _from_outside(stage, kind, sender=GUEST)


def _fhir(stage: Stage) -> Iterator[Outcome]:
    """The HIS in JSON with tokens that the node gets for it, the AIS in XML with its own; and from elsewhere."""
    for kind in fhir_kinds().values():
        yield fhir_from_local(stage, HIS, kind, receiver=AIS.party.application)
        token = stage.ask("switchboard", "token", application=AIS.party.application, patient=PATIENT)
        receiver = HIS.party.application
        yield fhir_from_local(stage, AIS, kind, receiver=receiver, xml=True, access_token=token["access_token"])
        if not kind.is_ours_to_answer:
            told = stage.ask("switchboard", "fhir", kind=kind.name, sender=GUEST, receiver=receiver, patient=PATIENT)
            yield Outcome(who="switchboard", kind=kind.name, role=_fhir_account(kind), outcome=str(told["outcome"]))


def fhir_from_local(stage: Stage, who: LocalParty, kind: FhirKind, **more: object) -> Outcome:
    """Let a local system send one request."""
    told = stage.ask(who.name, "fhir", **{"kind": kind.name, "patient": PATIENT, **more})
    return Outcome(who=who.name, kind=kind.name, role=_fhir_account(kind), outcome=str(told["outcome"]))


def _fhir_account(kind: FhirKind) -> str:
    return "query" if kind.is_query else "push"


def _index(stage: Stage, kinds: tuple[str, str]) -> Iterator[Outcome]:
    for one, kind in zip((HIS, AIS), kinds, strict=True):
        for data in HOLDINGS[one.name]:
            yield _from_local(stage, one, KINDS[kind], data=data)


def _from_local(stage: Stage, who: LocalParty, kind: Kind, **more: object) -> Outcome:
    told = stage.ask(who.name, "one", kind=kind.name, patient=PATIENT, **more)
    return Outcome(who=who.name, kind=kind.name, role=_account(kind), outcome=str(told["outcome"]))


def _from_outside(stage: Stage, kind: Kind, *, sender: str) -> Outcome:
    receiver = HIS.party.application
    told = stage.ask("switchboard", "send", kind=kind.name, sender=sender, receiver=receiver, patient=PATIENT)
    return Outcome(who="switchboard", kind=kind.name, role=_account(kind), outcome=str(told["outcome"]))


def _account(kind: Kind) -> str:
    """What it is for the account: the ledgers compare pushes."""
    if kind.name == "tick":
        return "line"
    return "query" if kind.role is Role.QUERY else "push"
