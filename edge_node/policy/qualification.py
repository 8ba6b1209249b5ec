"""The rule on what an application is qualified for, whichever way a message is written.

Knows: the row of the interaction, and the application of ours.
Must not know: how the table and the settings are read, what is in the message.
"""

from typing import Protocol

from edge_node.model.finding import Finding
from edge_node.model.interaction import Interaction
from edge_node.model.site import Application


class Case(Protocol):
    """What is asked, and of whom."""

    @property
    def row(self) -> Interaction | None:
        """The interaction; None where no table has it."""
        ...

    @property
    def application(self) -> Application | None:
        """Ours that speaks or is spoken to; None where none fits."""
        ...


def check_qualified(case: Case) -> Finding | None:
    """An application exchanges only what it is qualified for (GBZ `interaction-registered`)."""
    application = case.application
    if case.row is None or application is None or application.interactions is None:
        return None
    if str(case.row.id) not in application.interactions:
        return Finding("EN-INTERACTION-UNQUALIFIED", f"{case.row.id} for application {application.id}")
    return None
