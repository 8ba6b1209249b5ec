"""One FHIR exchange as the node knows it once read: its address, its headers, its patient.

Knows: what routing, judging, correlating and answering a FHIR request need (domain reference 7).
Must not know: how it is written in HTTP, JSON or XML, or what the resources say.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from edge_node.model.identifiers import Bsn
from edge_node.model.message import Patients


class Action(StrEnum):
    """What is asked of a FHIR server (FHIR RESTful API)."""

    CAPABILITIES = "capabilities"
    READ = "read"
    VREAD = "vread"
    SEARCH = "search"
    CREATE = "create"
    UPDATE = "update"
    PATCH = "patch"
    DELETE = "delete"
    HISTORY = "history"
    OPERATION = "operation"
    TRANSACTION = "transaction"  # POST to the base: what kind of Bundle it is, only its body says


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirCall:
    """What method and address ask for. The address itself may hold a patient number: it is never shown."""

    version: str  # STU3, R4, R5
    action: Action
    resource: str | None = None
    id: str | None = field(default=None, repr=False)
    operation: str | None = None  # with its dollar
    parameters: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # decoded, in their order


@dataclass(frozen=True, slots=True, kw_only=True)
class AortaId:
    """Header `AORTA-ID`: the chain, and this hop of it. UUIDs in lower case."""

    initial_request: str
    request: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AortaVersion:
    """Header `AORTA-Version`: semantic versions, as written."""

    content: str
    accept: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What an access token says. It was read, not verified: that is the broker's and the source's part."""

    patient: Bsn | None = field(default=None, repr=False)
    is_emergency: bool = False  # its scope is of an emergency
    contexts: tuple[str, ...] = ()  # of its scope
    uzi: str = field(default="", repr=False)  # of who asks, where it says so
    role: str = ""
    ura: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlTokens:
    """The tokens a local system hands in for an exchange, base64url of each assertion."""

    transaction: str | None = field(repr=False)  # None: the node makes it of the other two
    mandate: str | None = field(default=None, repr=False)
    enrolment: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What an access token is asked for (domain reference GBZ 5.5); empty where what was signed does not say it."""

    receiver: str = ""  # application id of whom the request is for
    interaction: str = ""
    context: str = ""


class TokenMode(StrEnum):
    """Whose access token goes along with what an application sends (design section 4)."""

    OWN = "own"  # the local system brings it
    EXCHANGE = "exchange"  # the node gets a fresh one for each attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeIssue:
    """One issue of an OperationOutcome: its codes. Its texts may hold anything and are not kept."""

    severity: str  # fatal, error, warning, information
    code: str  # of the FHIR value set
    details: tuple[tuple[str, str], ...] = ()  # system and code of each coding; the system may be empty


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirBody:
    """What was read from one body."""

    resource: str | None  # its type; None for what is no resource, such as a JSON Patch
    patients: Patients
    id: str | None = field(default=None, repr=False)
    bundle: str | None = None  # type of the Bundle
    issues: tuple[OutcomeIssue, ...] = ()
    statuses: tuple[str, ...] = ()  # of the entries of a batch-response or transaction-response, each once
    is_json: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirReading:
    """All that was read from one FHIR request.

    `digest` is SHA-256 over method, address and body: a renewal with other tokens has the same one.
    """

    call: FhirCall
    patients: Patients
    digest: bytes
    aorta_id: AortaId | None = None
    aorta_version: AortaVersion | None = None
    claims: Claims | None = None
    tokens: SamlTokens | None = None
    token: bytes = b""  # what tells the tokens of this request from others; empty without any
    body: FhirBody | None = None  # None where there is none, or it is a form
    is_json: bool = True  # what errors are written in: as the sender accepts, else as its body, else JSON

    @property
    def resource(self) -> str | None:
        """Type of the resource in the body."""
        return self.body.resource if self.body is not None else None

    @property
    def bundle(self) -> str | None:
        """Type of the Bundle in the body: transaction, batch, …"""
        return self.body.bundle if self.body is not None else None
