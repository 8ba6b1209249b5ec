"""A site as the line sees it: who it is, which applications it has, and how each wants to be treated.

Knows: identities, applications and the choices that change what the line does.
Must not know: the file the operator wrote them in, sockets, certificates.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from edge_node.model.fhir import TokenMode
from edge_node.model.identifiers import ApplicationId, Ura


class Environment(StrEnum):
    """Test and production never mix."""

    TEST = "test"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One application of the site, with an AORTA application id of its own."""

    id: ApplicationId
    name: str
    identity: str  # name of the identity it belongs to
    local_system: str  # name of the local system that may use it
    interactions: frozenset[str] | None  # qualified for; None: everything active
    soap_base: str | None  # http(s) address of the local system's own services
    renews_tokens: bool = False
    told_by: frozenset[str] = frozenset()  # status, inbox, webhook, mail
    gives_up_after_push_s: float = 30
    gives_up_after_query_s: float = 75
    fhir_bases: Mapping[str, str] = field(default_factory=dict)  # address of its FHIR services, by FHIR version
    fhir_tokens: TokenMode = TokenMode.OWN
    product: str = ""  # of the local system, as it was qualified
    product_version: str = ""
    server_signed: frozenset[str] = frozenset()  # interactions whose transaction token the node makes


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One organisation of the site, with its own certificate."""

    name: str
    ura: Ura
    organisation: str
    fqdn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long the line waits. Durations in seconds; design section 4."""

    connect_s: float = 5
    push_wait_s: float = 20
    push_answer_s: float = 30
    query_out_s: float = 60
    query_in_s: float = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageChecks:
    """What the checks hold each message against."""

    card_out_s: float = 60
    session_idle_s: float = 900
    session_age_s: float = 12 * 3600
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by interaction; none named: any
    test_bsns: tuple[str, ...] = ()  # how the numbers of test patients begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Everything the line must know about where it runs."""

    node_id: str
    environment: Environment
    zim: ApplicationId  # the switchboard's own application id in this environment
    identities: Mapping[str, Identity]
    applications: Mapping[ApplicationId, Application]
    timing: Timing
    processing_codes: frozenset[str]  # P in production
    kept_detail: bool = False
    bulk_per_s: float = 5
    checks: MessageChecks = MessageChecks()
