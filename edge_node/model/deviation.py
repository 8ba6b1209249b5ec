"""Where a site's settings deviate from the table of interactions, one interaction at a time.

Knows: the ways in which a site may deviate.
Must not know: how settings are written, or what the line does with a row.
"""

from dataclasses import dataclass
from enum import StrEnum

from edge_node.model.identifiers import InteractionId


class Way(StrEnum):
    """What the settings do with an interaction."""

    DECLARED = "declared"  # it is in no table
    REPLACED = "replaced"  # declared in the place of a row of the table
    RETIRED = "retired"  # in use by the table, not by this site
    REVIVED = "revived"  # no longer in use by the table, still by this site


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One interaction that is otherwise at this site than in the table."""

    id: InteractionId
    way: Way
    columns: tuple[str, ...] = ()  # what a declaration changes of the row it replaces
