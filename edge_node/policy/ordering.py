"""The rule on order: which messages may not overtake each other.

Knows: the ordering group of a row, and that the index keeps kinds of data apart.
Must not know: lanes, the store.
"""

from typing import Final

from edge_node.model.interaction import Interaction
from edge_node.model.message import Reading

INDEX: Final = "index"


def ordering(row: Interaction, reading: Reading) -> str:
    """Return the ordering group of a message.

    An index entry is one kind of data of one patient (domain reference 4.2): a withdrawal for medication must
    neither wait for, nor replace, a registration of the summary.
    """
    if row.order != INDEX or not reading.data_kinds:
        return row.order
    return ":".join((INDEX, *sorted(reading.data_kinds)))
