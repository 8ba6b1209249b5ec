"""The exchange a row of the table stands for: which bytes go where, and what is waited for.

Knows: rows, the files they name, and the counterparts these need.
Must not know: sockets, what the node makes of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from lxml import etree

from edge_node.formats import interactions
from edge_node.model.message import Direction
from tests.corpus.counterparts import Question, accept_acknowledgement, batch, question, question_of, token
from tests.corpus.published import Published, filled, in_soap, without_instructions
from tests.corpus.table import Kind, Role, Row

_CATALOGUE: Final = interactions.load()
_ANY_SERVICE: Final = "CorpusService"
_OF_TOKEN: Final = {"t": "http://www.aortarelease.nl/805/"}
#: Asks in the name of whoever a published security header was made for.
_BEARER_OF_TOKEN: Final = "720190"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request with the answer the far end gives to it."""

    path: str
    soap_action: str
    request: bytes
    answer: bytes


def raw(corpus: Path, row: Row) -> bytes:
    """The bytes of the file, as published."""
    return (corpus / "messages" / row.file).read_bytes()


def sent(corpus: Path, row: Row) -> bytes:
    """The file as it goes over a socket: filled, in an envelope; what is no XML goes as it is."""
    if row.kind in {Kind.JSON, Kind.MIME}:
        return raw(corpus, row)
    return _in_soap(row, filled(raw(corpus, row), row.fill))


def mended(corpus: Path, row: Row) -> bytes:
    """The same with what broke a rule put right."""
    return _in_soap(row, filled(filled(raw(corpus, row), row.fill), row.mend))


def _in_soap(row: Row, message: bytes) -> bytes:
    """Put a message in its envelope, with a token made for it where the table says that it needs one."""
    if not row.signed:
        return in_soap(message)
    read = Published(in_soap(message))
    return in_soap(message, token(read.interaction, read.id, read.author))


def exchange(corpus: Path, row: Row) -> Exchange:
    """The exchange of a row."""
    match row.role:
        case Role.REQUEST:
            return of_request(sent(corpus, row))
        case Role.ANSWER:
            return _of_answer(row, sent(corpus, row))
        case Role.PART:
            return _of_part(corpus, row)
        case Role.HEADER:
            return _of_header(corpus, row)


def own_applications(corpus: Path, rows: Iterable[Row]) -> set[str]:
    """The application ids a site needs to be the local side of every Dutch message."""
    ours = {_BEARER_OF_TOKEN}
    for row in rows:
        if row.kind is Kind.DUTCH:
            ours |= {_own(Published(sent(corpus, row)), row.role, direction) for direction in row.directions}
    return ours


def _own(message: Published, role: Role, direction: Direction) -> str:
    """A request or an answer that goes out is from us, one that comes in is for us."""
    return message.sender if direction is Direction.OUT else message.receiver


def of_request(request: bytes) -> Exchange:
    """The exchange a request begins."""
    message = Published(request)
    row = _CATALOGUE[message.interaction]
    answer = batch(message) if message.query_id else accept_acknowledgement(message)
    return _addressed(str(row.id), is_batch=False, request=request, answer=answer)


def _of_answer(row: Row, answer: bytes) -> Exchange:
    message, asked = Published(answer), str(row.question)
    is_batch = message.interaction == "MCCI_IN200101"
    request = question(question_of(message, asked))
    return _addressed(asked, is_batch=is_batch, request=request, answer=answer)


def _of_part(corpus: Path, row: Row) -> Exchange:
    entry = filled(raw(corpus, row), row.fill)
    request = question(question_of(Published(in_soap(entry)), str(row.question)))
    answer = batch(Published(request), entry)
    assert without_instructions(entry) in answer
    return _addressed(str(row.question), is_batch=True, request=request, answer=answer)


def _of_header(corpus: Path, row: Row) -> Exchange:
    header = raw(corpus, row)
    root, extension = _texts(header, "t:messageId")
    asked = Question(
        interaction=str(row.question),
        id=(root, extension),
        query_id=(root, f"query-{extension}"),
        sender=_BEARER_OF_TOKEN,
        receiver="1",
        patient=_texts(header, "t:patientId")[1],
    )
    request = question(asked, header)
    return _addressed(str(row.question), is_batch=True, request=request, answer=batch(Published(request)))


def _texts(header: bytes, name: str) -> tuple[str, str]:
    path = f".//{name}/t:root/text() | .//{name}/t:extension/text()"
    root, extension = cast("list[str]", etree.fromstring(header).xpath(path, namespaces=_OF_TOKEN))
    return str(root), str(extension)


def _addressed(interaction: str, *, is_batch: bool, request: bytes, answer: bytes) -> Exchange:
    row = _CATALOGUE[interaction]
    service, action = (row.batch_service, row.batch_soap_action) if is_batch else (row.service, row.soap_action)
    path = service or _ANY_SERVICE
    action = action or f"urn:hl7-org:v3/{path}_Exchange"
    return Exchange(path=path, soap_action=action, request=request, answer=answer)
