"""The invented messages of `tests/samples`, and a reader that knows the table."""

from pathlib import Path

from edge_node.formats import interactions
from edge_node.formats.reader import MessageReader, XmlLimits, read_message
from edge_node.model.message import Reading

CATALOGUE = interactions.load()
_FOLDER = Path(__file__).parent.parent / "samples"

QUERY = (_FOLDER / "query_with_token.xml").read_bytes()
PRESCRIPTION = (_FOLDER / "prescription.xml").read_bytes()
BATCH = (_FOLDER / "batch_answer.xml").read_bytes()
ACKNOWLEDGEMENT = (_FOLDER / "accept_acknowledgement.xml").read_bytes()


def patient_at(root_name: str) -> tuple[str, ...]:
    """The places of the table; none for what is not in it."""
    row = CATALOGUE.get(root_name)
    return row.patient_at if row else ()


def reader(**limits: int) -> MessageReader:
    """A reader with these limits."""
    return MessageReader(limits=XmlLimits(**limits), patient_at=patient_at)


def read(body: bytes) -> Reading:
    """Read a whole body."""
    return read_message(body, limits=XmlLimits(), patient_at=patient_at)


def replaced(body: bytes, old: str, new: str, count: int = -1) -> bytes:
    """The body with one thing changed; the thing must be there."""
    assert old.encode() in body
    return body.replace(old.encode(), new.encode(), count)
