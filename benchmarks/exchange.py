"""The one question that is asked all the time, and the answer to it, as templates that are filled in fast.

Knows: which sample messages they are, how large, and where the ids stand in them.
Must not know: sockets, who asks, who answers.

Both are about 20 kB. The question is the sandbox's own, its security header filled up to that size as signature and
certificates would; the answer is a batch with one list of prescriptions in it.
"""

import base64
import json
import re
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from edge_node.sandbox.application import Application
from edge_node.sandbox.batch import bundle, leg_kinds, make_leg
from edge_node.sandbox.reading import HL7, message_element, parse, read
from edge_node.sandbox.samples.making import Maker, Verdict
from edge_node.sandbox.samples.people import PHARMACY, PRACTICE, Party, party_of, patient

QUESTION_BYTES: Final = 20_000
_KIND: Final = "prescription-query"
_PUSH: Final = "prescription"
_ZIM: Final = "1"
_HEADER_END: Final = b"</wsse:Security>"

#: The form of every id extension of the sandbox; the first in a question is its own.
ID: Final = re.compile(rb"\d{14}-[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Question and answer, each with the id that is to be replaced in it."""

    path: str
    soap_action: str
    question: str
    question_id: str
    answer: str
    answer_id: str

    def write(self, file: Path) -> None:
        """Write it for another process."""
        file.write_text(json.dumps(asdict(self)), encoding="utf-8")


def read_exchange(file: Path) -> Exchange:
    """Read what another process wrote."""
    return Exchange(**json.loads(file.read_text(encoding="utf-8")))


def make_id(mine: bytes, number: int, far_end_ms: int = 0) -> bytes:
    """Return an id extension; `mine` is of this asker. Its seconds say how many milliseconds the far end thinks."""
    return b"202601010000%02d-%s%08x" % (far_end_ms, mine, number)


def takes_s(id_: bytes) -> float:
    """Return how long the far end thinks about the question with this id."""
    return int(id_[12:14]) / 1000


class Template:
    """A message with ids to be filled in, wherever they stand."""

    def __init__(self, text: str, *ids: str) -> None:
        places = re.split("|".join(f"({re.escape(id_)})" for id_ in ids), text)
        self._ids = [id_.encode() for id_ in ids]
        self._parts = [part.encode() for part in places if part is not None]

    def filled(self, *ids: bytes) -> bytes:
        """Return the message with those ids, in the order in which they were named."""
        new = dict(zip(self._ids, ids, strict=True))
        return b"".join([new.get(part, part) for part in self._parts])


def make_exchange() -> Exchange:
    """Make the question and its answer."""
    asker, source, switchboard = _maker(PRACTICE), _maker(PHARMACY), _maker(party_of(_ZIM))
    sample = asker.request(_KIND, receiver=_ZIM, patient=patient(3))
    question = read(sample.body)
    leg = make_leg(switchboard, question, leg_kinds(question, sample.kind.service)[0], PHARMACY.application)
    answer = bundle(switchboard, question, [Application(source).answer(read(leg.body))])
    return Exchange(
        path=sample.kind.service,
        soap_action=sample.kind.soap_action,
        question=_padded(sample.body).decode(),
        question_id=sample.id.extension,
        answer=answer.decode(),
        answer_id=_own_id(answer),
    )


def make_push() -> Exchange:
    """Make a push that may be kept, and the receipt for it."""
    asker, receiver = _maker(PRACTICE), _maker(PHARMACY)
    sample = asker.request(_PUSH, receiver=PHARMACY.application, patient=patient(3))
    receipt = receiver.accept(read(sample.body), Verdict(type_code="CA"))
    return Exchange(
        path=sample.kind.service,
        soap_action=sample.kind.soap_action,
        question=sample.body.decode(),
        question_id=sample.id.extension,
        answer=receipt.decode(),
        answer_id=_own_id(receipt),
    )


def _own_id(body: bytes) -> str:
    identifier = message_element(parse(body)).find(f"{{{HL7}}}id")
    assert identifier is not None
    return identifier.attrib["extension"]


def _maker(party: Party) -> Maker:
    return Maker(party, zim=_ZIM, now=lambda: datetime.now(UTC), chance=secrets.token_hex)


def _padded(question: bytes) -> bytes:
    start, end = b"<wsse:BinarySecurityToken>", b"</wsse:BinarySecurityToken>"
    missing = QUESTION_BYTES - len(question) - len(start) - len(end)
    filling = base64.b64encode(secrets.token_bytes(missing * 3 // 4))
    return question.replace(_HEADER_END, start + filling + end + _HEADER_END)
