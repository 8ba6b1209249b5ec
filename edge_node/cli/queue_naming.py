"""How a message is named on the command line: by its id here, or by the message id its sender gave it.

Knows: both forms.
Must not know: what is done to the message.
"""

from edge_node.cli import fields
from edge_node.cli.where import Where
from edge_node.errors import Refused
from edge_node.status import queue_verbs


def named(text: str) -> str:
    """One of the two forms, or refused."""
    if "/" not in text:
        return fields.uid(text)
    try:
        queue_verbs.message_id_of({"message_id": text})
    except Refused as error:
        raise fields.RefusedField(error.detail) from error
    return text


def uid_of(where: Where, name: str) -> str:
    """The id here; of several messages with one message id that of the newest."""
    from edge_node.cli.daemon import look

    if "/" not in name:
        return name
    found: str = look(where, {"verb": "queue.find", "message_id": name})["uid"]
    return found
