"""One message with all that its judges may ask about.

Knows: the values a message rule reads.
Must not know: any rule.
"""

from collections.abc import Callable
from dataclasses import dataclass

from edge_node.model.finding import Finding
from edge_node.model.identifiers import ApplicationId
from edge_node.model.interaction import Interaction
from edge_node.model.message import Direction, Reading
from edge_node.model.peer import LocalCaller, SwitchboardCaller
from edge_node.model.site import Application, Site
from edge_node.model.supplied import NOTHING, Supplied


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A request that was read. `row` is None where no table knows the interaction."""

    direction: Direction
    reading: Reading
    path: str
    soap_action: str
    row: Interaction | None
    caller: LocalCaller | SwitchboardCaller
    site: Site
    supplied: Supplied = NOTHING

    @property
    def role(self) -> str:
        """Role code of the author; empty where none is said."""
        return self.reading.wrapper.author_ids.role or ""

    @property
    def own(self) -> ApplicationId:
        """The application id that should be ours: the sender on the way out, the receiver on the way in."""
        wrapper = self.reading.wrapper
        return wrapper.sender if self.direction is Direction.OUT else wrapper.receiver

    @property
    def application(self) -> Application | None:
        """Our application this message speaks for or to, if it is ours."""
        return self.site.applications.get(self.own)


Rule = Callable[[Case], Finding | None]
