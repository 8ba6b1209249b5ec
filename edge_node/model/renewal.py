"""The renewal of a certificate of this site, as it is told: requests, what was found, trials, what came of it.

Knows: the words for each.
Must not know: how any of it is done.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from edge_node.model.finding import Finding


class Stage(StrEnum):
    """How far a trial came."""

    NAME = "name"  # the host has an address
    CONNECTION = "connection"  # TCP
    HANDSHAKE = "handshake"  # TLS
    PEER = "peer"  # its certificate was judged
    ANSWER = "answer"  # it took our certificate


class Outcome(StrEnum):
    """What a trial proves of our certificate."""

    TAKEN = "taken"
    REFUSED = "refused"
    UNKNOWN = "unknown"  # the trial did not come so far


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stage, and how it went."""

    stage: Stage
    took_s: float
    told: str = ""  # version and cipher, the peer's certificate, the answer; or why it failed
    code: str = ""  # of what went wrong; empty: good
    is_turned_away: bool = False  # somebody is there, and takes no connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A handshake with one peer, tried."""

    peer: str
    role: str
    outcome: Outcome
    steps: tuple[Step, ...]
    status: int | None = None  # of the answer

    @property
    def failed(self) -> Step | None:
        """The stage at which it ended, where it did not come to its end."""
        return next((step for step in self.steps if step.code), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request for a certificate is to be made of."""

    identity: str
    kind: str  # of the key
    state: str | None = None
    locality: str | None = None
    replace: bool = False  # destroy the request that waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A request for a certificate that waits."""

    identity: str
    number: int
    subject: str
    fqdn: str
    kind: str
    at: datetime
    pem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A certificate to be put in use."""

    identity: str
    certificates: tuple[bytes, ...]  # DER, in any order: the one of the server, and CAs
    key: bytes | None = field(default=None, repr=False)  # PEM; None: it was made here
    untested: bool = False  # put it in use without a trial
    at: datetime | None = None  # not before that moment


class Result(StrEnum):
    """What came of an installation."""

    IN_USE = "in use"
    WAITING = "waiting"  # for its first day, or for a trial that could not be made
    UNFIT = "unfit"  # nothing was changed
    REFUSED = "refused"  # by a peer; nothing was changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """A certificate of ours, as it is shown to people."""

    subject: str
    fingerprint: str
    not_before: datetime
    not_after: datetime
    certificate: str  # where it lies
    key: str  # as the settings would name it


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What an installation did."""

    identity: str
    result: Result
    wrong: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()
    tried: tuple[Tried, ...] = ()
    now: Pairing | None = None  # the certificate that was offered
    before: Pairing | None = None  # what was shown before it, and stays at hand


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The handshakes of one certificate with every peer that is called."""

    identity: str
    certificate: str  # its fingerprint
    standing: str  # in use, waiting, or refused before by the switchboard
    tried: tuple[Tried, ...]
