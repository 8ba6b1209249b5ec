"""Reads the body of a message, a little at each turn of the reactor where that takes long.

Knows: whose turn it takes, and where the table says the patient stands.
Must not know: what is judged of a reading.
"""

from dataclasses import dataclass

from edge_node.errors import Refused
from edge_node.flow.turns import Turns
from edge_node.formats.hardened import XmlLimits
from edge_node.formats.reader import MessageReader
from edge_node.model.interaction import Catalogue
from edge_node.model.message import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """Makes readers that know the table."""

    catalogue: Catalogue
    limits: XmlLimits
    turns: Turns

    def new(self) -> MessageReader:
        """A reader for one message, to be fed as its bytes come."""
        return MessageReader(limits=self.limits, patient_at=self._patient_at)

    async def read(self, body: bytes) -> Reading:
        """Read a whole body. Raises `Refused`."""
        reader = self.new()
        try:
            await self.turns.feed(reader.feed, body)
            return reader.close()
        except Refused as error:
            # A message of another world has another wrapper: it is refused by name, not for what it lacks.
            if error.code == "EN-WRAPPER-FIELD" and reader.root_name not in self.catalogue:
                raise Refused(str(reader.root_name), code="EN-INTERACTION-UNKNOWN") from error
            raise

    def _patient_at(self, root_name: str) -> tuple[str, ...]:
        row = self.catalogue.get(root_name)
        return row.patient_at if row is not None else ("attention-line", "query")
