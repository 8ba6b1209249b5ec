"""One kind of sample message, and how it follows from its row in the table.

Knows: which columns of a row decide how a sample is addressed, signed and answered.
Must not know: which kinds there are, patients, XML.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from edge_node.model.interaction import AttentionRule, Inbound, Interaction, Pattern, TrustLevel
from edge_node.sandbox.samples.table import table

_TRANSPORT_ANSWERS: Final = frozenset({"MCCI_IN000002", "MCCI_IN200101"})
_WITHOUT_LINE: Final = frozenset({"signal", "index", "register", "transport"})


class Role(StrEnum):
    """The part a kind plays in an exchange."""

    QUERY = "query"
    PUSH = "push"
    SIGNAL = "signal"  # made by the switchboard itself
    LEG = "leg"  # a query the switchboard makes to a source
    ANSWER = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of sample message."""

    name: str
    interaction: str
    domain: str
    role: Role
    title: str = ""  # what people of the field call it, in Dutch
    service: str = ""
    operation: str = "QueryResponse"
    token: bool = False  # level midden: a person signs
    accept_ack: str = "NE"
    patid: bool = False  # carries the PATID attention line
    template: str = "query"
    entries: int = 0
    answer: str | None = None  # interaction of the source's answer
    register: bool = False  # the switchboard itself answers or keeps it
    direct: bool = False  # a query to one known application, not to the switchboard
    data: str | None = None  # kind of data in the index (code system 2.16.840.1.113883.2.4.15.4)
    context: str | None = None
    by_patient: bool = False  # the patient is the author, through a portal
    state: str = "active"  # statusCode of a prescription: active starts, aborted stops
    replaces: bool = False  # a prescription that takes the place of an earlier one
    act: str = "PrimaryCareProvision"  # name of the act that holds the patient, where the template takes one

    @property
    def trigger_event(self) -> str:
        """The trigger event of the control act."""
        row = table().get(self.interaction)
        return row.trigger_event if row is not None else self.interaction.replace("_IN", "_TE", 1)

    @property
    def soap_action(self) -> str:
        """The SOAPAction, without quotes."""
        return f"urn:hl7-org:v3/{self.service}_{self.operation}"

    @property
    def is_query(self) -> bool:
        """Whether it asks, with query parameters."""
        return self.template == "query" or self.template.endswith("_query")


def kind_of(interaction: str, **ours: Any) -> Kind:
    """Return the kind of sample for a row of the table; `ours` is what the row does not say, or not for us."""
    row = table()[interaction]
    answer = next((str(one) for one in row.answers if str(one) not in _TRANSPORT_ANSWERS), None)
    is_ours_to_answer = row.inbound is Inbound.NEVER and row.pattern is not Pattern.ANSWER and answer is not None
    return Kind(**{
        "interaction": interaction,
        "role": _role(row),
        "token": row.level is TrustLevel.MIDDEN,
        "accept_ack": row.accept_ack or "AL",
        "patid": _has_patient_line(row),
        "answer": answer,
        "register": is_ours_to_answer or row.order == "index",
        "direct": row.direct is True and row.inbound is Inbound.RELAY,
        **ours,
    })  # fmt: skip


def _role(row: Interaction) -> Role:
    if row.pattern in {Pattern.ANSWER, Pattern.APPLICATION_ACK}:
        return Role.ANSWER
    if row.pattern is Pattern.QUERY:
        return Role.LEG if row.attention is AttentionRule.CONTEXT else Role.QUERY
    return Role.SIGNAL if row.order == "signal" else Role.PUSH


def _has_patient_line(row: Interaction) -> bool:
    """A push tells the switchboard whom it is about, so that it need not open the payload; a query where it must."""
    if row.attention is AttentionRule.FREE:
        return row.is_request and row.pattern is not Pattern.QUERY and row.order not in _WITHOUT_LINE
    return row.attention is AttentionRule.BSN
