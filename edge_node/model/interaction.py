"""An interaction of the national programme: what one kind of message is and how the node treats it.

Knows: the columns of `formats/interactions.toml` and their types.
Must not know: how the table is read, or any single message.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from edge_node.model.identifiers import InteractionId


class Pattern(StrEnum):
    """The part an interaction plays in an exchange (domain reference 4.1)."""

    QUERY = "query"
    ANSWER = "answer"
    PUSH = "push"
    ACCEPT_ACK = "accept ack"
    APPLICATION_ACK = "app ack"
    BATCH_ANSWER = "batch answer"
    UNSET = "unset"


class TrustLevel(StrEnum):
    """Vertrouwensniveau: how the author was authenticated."""

    LAAG = "laag"
    MIDDEN = "midden"
    HOOG = "hoog"
    UNSET = "unset"


class AttentionRule(StrEnum):
    """What the attention line of this interaction must hold (domain reference 3.3)."""

    FREE = "free"
    BSN = "BSN"
    NO_BSN = "noBSN"
    CONTEXT = "CTX"


class Inbound(StrEnum):
    """What the node does with this interaction when the switchboard sends it."""

    KEEP = "keep"  # commit, answer CA, deliver later
    RELAY = "relay"  # ask the local system while the sender waits
    NEVER = "never"  # the switchboard does not send it to a source


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """One row of the table."""

    id: InteractionId
    meaning: str
    group: str  # the letter of domain reference 4.3
    pattern: Pattern
    level: TrustLevel
    direct: bool | None  # None where the table gives no kind of question
    active: bool
    attention: AttentionRule
    accept_ack: str | None  # "AL", "NE", or None where it is not known
    answers: tuple[InteractionId, ...]
    trigger_event: str
    fhir: bool
    keep: bool  # AL, and answered by an accept acknowledgement; FHIR rows say so by themselves
    inbound: Inbound
    lifetime_s: int
    order: str  # ordering group: medication, index, referral, report, …
    priority: int  # 0 removal from the index, 1 interactive, 2 bulk
    patient_at: tuple[str, ...]
    duplicates: bool  # False for signals: their receivers must not detect duplicates
    consent: bool
    service: str | None  # address path, where public
    soap_action: str | None  # where public
    batch_service: str | None = None  # the same for the question put to the switchboard, answered by a batch
    batch_soap_action: str | None = None
    refusal: InteractionId | None = None  # the answer that says no
    repeatable: bool = False  # FHIR: its receiver recognises a copy

    @property
    def is_request(self) -> bool:
        """Whether a message of this kind may start an exchange."""
        return self.pattern in {Pattern.QUERY, Pattern.PUSH, Pattern.UNSET} or (
            # A result of an earlier request may itself be sent as a message of its own.
            self.pattern is Pattern.APPLICATION_ACK and self.accept_ack == "AL"
        )

    @property
    def is_removal(self) -> bool:
        """Whether it takes a patient out of the index."""
        return self.priority == 0


Catalogue = Mapping[str, Interaction]
