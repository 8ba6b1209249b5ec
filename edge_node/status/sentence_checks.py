"""What is said of the checks on a well-managed system: those that fail now, and that nothing else tells of.

Knows: which check looks at what another sentence is about, which checks say nothing new.
Must not know: how a check is judged, which of several sentences is said first.
"""

from collections.abc import Iterable, Iterator, Set
from datetime import datetime
from typing import Final

from edge_node.model.check import Action, Kind, Result, Verdict
from edge_node.model.sentence import Saying, Sentence
from edge_node.status.check_matters import is_small, what_is_wrong

_BLOCKING: Final = frozenset({Action.BLOCK_OUT, Action.BLOCK_IN})
_LINK, _OVER = "link", Saying.CERTIFICATE_OVER.value
#: What another sentence says already, by the check that looks at the same: keys' groups, or what they are about.
_SAID_OF: Final = {
    "cert-validity": {_OVER},
    "cert-chain": {_OVER},
    "cert-revoked": {_OVER},
    "certificate-and-cards": {_OVER},
    "cert-expiry": {_OVER, Saying.CERTIFICATE_ENDING.value},
    "crl-freshness": {"EN-REVOCATION-OLD", "EN-REVOCATION-SOURCE", "EN-REVOCATION-UNKNOWN", "EN-REVOCATION-GRACE"},
    "ocsp-reachable": {"EN-REVOCATION-SOURCE"},
    "backup-age": {"EN-BACKUP-OLD", "EN-BACKUP-FAILED", "EN-BACKUP-NO-ROOM", "EN-BACKUP-NO-KEY"},
    "clock-offset": {"EN-CLOCK-DOUBT"},
    "clock-step": {"EN-CLOCK-DOUBT"},
    "clock-sync-age": {"EN-CLOCK-DOUBT"},
    "disk-space": {Saying.DISK_FULL.value, Saying.NODE_DOWN.value},
    "accesslog-writable": {Saying.NODE_DOWN.value},
    "accesslog-chain": {"EN-LOG-TAMPERED", "access log"},  # the part, where it has the node stop
    "heartbeat": {_LINK},
    "queue-age": {_LINK, Saying.LOCAL_DOWN.value, "EN-QUEUE-OLD", "EN-DESTINATION-DOWN"},
    "queue-integrity": {"EN-SET-ASIDE"},
}
#: How the names of those begin that stop no message.
_CODE: Final = "EN-"
#: Never said here: the link says it itself, and sooner; or it has been, and people were told when it was.
_NEVER: Final = frozenset({"lsp-ping", "lsp-ping-stage", "availability-minor", "availability-major"})


def sentences(standing: Iterable[Verdict], said: Set[str], at: datetime) -> Iterator[Sentence]:
    """The checks that fail, but for those of which another sentence says more.

    A check of messages is no state of the node: whoever sent the message was told.
    """
    for verdict in standing:
        if _is_state(verdict) and not said & _said_of(verdict):
            yield _of_check(verdict, at)


def is_told(standing: Iterable[Verdict], name: str) -> bool:
    """Whether the check of that name is one that fails now."""
    return any(one.check.name == name and _is_state(one) for one in standing)


def _said_of(verdict: Verdict) -> Set[str]:
    """What says the same. That something must be looked at does not say that messages are stopped for it."""
    same = _SAID_OF.get(verdict.check.name, set())
    return {word for word in same if not word.startswith(_CODE)} if verdict.blocks & _BLOCKING else same


def _is_state(verdict: Verdict) -> bool:
    """Whether something is wrong now, that nobody took upon himself."""
    check = verdict.check
    is_wrong = verdict.result is Result.VIOLATED and verdict.waiver is None
    return is_wrong and check.kind is not Kind.OF_MESSAGE and check.name not in _NEVER


def _of_check(verdict: Verdict, at: datetime) -> Sentence:
    check = verdict.check
    return Sentence(
        saying=_saying(verdict),
        said_at=at,
        about=check.name,
        since=verdict.since,
        cause=what_is_wrong(check),
        do=check.do,
        whose=verdict.side,
    )


def _saying(verdict: Verdict) -> Saying:
    """How much it weighs: what stops messages most, and what is for later never beside that all works."""
    if verdict.blocks & _BLOCKING:
        return Saying.BLOCKED
    return Saying.MINOR if is_small(verdict.check) else Saying.ATTENTION
