"""What the parts of a node say of themselves, at one moment.

Knows: the facts of each part.
Must not know: how a fact was found, whether it is good.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from edge_node.model.anchors import AnchorChange
from edge_node.model.backup import Safety
from edge_node.model.deviation import Deviation
from edge_node.model.finding import Finding
from edge_node.model.log_state import LogFact
from edge_node.model.message import Direction
from edge_node.model.negotiated import TlsFact
from edge_node.model.overview import Overview
from edge_node.model.revocation import RevocationFact
from edge_node.model.spoken import SpokenFact


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFact:
    """The link to one peer of the switchboard."""

    peer: str
    is_open: bool | None  # of the breaker: open means requests fail fast; None: never tried
    since_s: float | None = None  # how long it has been so
    code: str = ""  # of the last failure
    connections: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFact:
    """One local system, as the last request to it showed."""

    system: str
    is_reachable: bool | None  # None: nothing was sent to it yet
    since_s: float | None = None
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFact:
    """Whether the store records. `code` is empty when it does."""

    is_recording: bool
    code: str = ""
    free_bytes: int | None = None
    reserve_bytes: int = 0  # below this pushes are refused, while queries go on
    is_reserve_open: bool = False  # the disk is full: what was set apart is in use
    is_reserve_used_up: bool = False  # queries are refused too


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingFact:
    """One way of telling local systems or people; `code` is empty while it works."""

    way: str  # webhook, mail, mail-urgent
    application: str  # empty: the whole site
    code: str = ""
    since_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFact:
    """The end of an own certificate, aware UTC."""

    identity: str
    not_after: datetime
    generation: str = ""  # of the CA that issued it
    findings: tuple[Finding, ...] = ()  # that somebody has to know of long before its end
    refused_until: datetime | None = None  # a newer one is refused by the switchboard; this older one ends then
    next_from: datetime | None = None  # another one was installed, to be shown from then on


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFilesFact:
    """The files of certificates, keys and anchors beside what is in use."""

    broken: tuple[str, ...] = ()
    exposed: frozenset[str] = frozenset()  # of those: keys of organisations, which others can read
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedFact:
    """A receiver, or a way, of which only one message at a time is tried."""

    direction: Direction
    destination: str
    code: str
    since_s: float
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a snapshot is made of, at one moment."""

    node_id: str
    version: str
    environment: str
    settings_hash: str
    at: datetime
    started_at: datetime
    is_serving: bool
    is_draining: bool
    store: StoreFact
    queue: Overview | None  # None: the store could not say
    links: tuple[LinkFact, ...] = ()
    local_systems: tuple[LocalFact, ...] = ()
    unrecorded: int = 0  # messages handed over of which the store cannot take down what came of it
    closed_destinations: tuple[ClosedFact, ...] = ()
    certificates: tuple[CertificateFact, ...] = ()
    certificate_files: CertificateFilesFact = field(default_factory=CertificateFilesFact)
    anchors: tuple[AnchorChange, ...] = ()  # that do not count yet
    deviations: tuple[Deviation, ...] = ()  # interactions that are otherwise here than in the table
    old_copies: Mapping[str, Finding] = field(default_factory=dict)  # of FHIR addresses that did not come anew
    telling: tuple[TellingFact, ...] = ()
    safety: Safety | None = None  # None: the store could not say
    tls: TlsFact | None = None
    revocation: RevocationFact | None = None
    log: LogFact | None = None
    clock_doubt: str = ""  # why the clock is not to be trusted
    judges_tokens: bool = True  # whether the signatures of tokens are judged; a test site may not know the cards
    lets_unproven: bool = False  # whether one in production passes whose certificate is only named, and not known
    unproven_tokens: int = 0  # that passed since the start
    inflight_bytes: int = 0
    budget_bytes: int = 0
    spoken: SpokenFact = field(default_factory=SpokenFact)  # what the first line needs beside all this
