"""The acknowledgement reader: nothing is taken for a receipt that a whole tree does not show as one.

Knows: how the answer to a push is read, held against it, and what follows from it.
Must not know: where inputs come from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from edge_node.formats import error_codes
from edge_node.formats.reader import MessageReader
from edge_node.model.identifiers import ApplicationId
from edge_node.model.message import Reading
from edge_node.policy.acknowledgement import CodeClass, Meaning, Sent, fault_meaning, meaning
from edge_node.policy.answer import Question, check_whole
from fuzz import messages
from fuzz.opinion import CATALOGUE, NoOpinion, Unreadable, new_reader, told_by_tree
from fuzz.target import Cost, Crash, outcome, pieces

_SENT: Final = Sent(order="", is_removal=False, has_token=False, unknown=False)
Answered = tuple[str, Reading | None]
Read = Callable[[bytes], Answered]


@cache
def question() -> Question:
    """The push whose answer is read."""
    reader = new_reader()
    reader.feed(messages.push().body)
    reading = reader.close()
    row = CATALOGUE[str(reading.wrapper.interaction)]
    return Question(row=row, wrapper=reading.wrapper, zim=ApplicationId("1"), patient=reading.patients.one)


@cache
def classes() -> Mapping[str, CodeClass]:
    """What follows after each code, as the line has it."""
    table = error_codes.load().items()
    return {code: CodeClass.TOKEN if row.about_token else CodeClass(row.klass) for code, row in table}


def read_answer(data: bytes, size: int = 65_536) -> Answered:
    """Read the answer; say what follows from it."""
    reader: MessageReader = new_reader()
    for piece in pieces(data, size):
        reader.feed(piece)
    reader.end()
    if reader.fault is not None:
        return str(fault_meaning(is_client=reader.fault.is_client, has_token=False)), None
    reading = reader.close()
    if check_whole(question(), reading) is not None:
        return "another's", reading
    return str(meaning(reading.wrapper, _SENT, classes())[0]), reading


@dataclass(frozen=True, slots=True)
class AcknowledgementTarget:
    """Reads the answer to a push."""

    read: Read = read_answer

    @property
    def seeds(self) -> tuple[bytes, ...]:
        """Every kind of answer."""
        return messages.receipts()

    @property
    def words(self) -> tuple[bytes, ...]:
        """What hostile messages are made of."""
        return messages.WORDS

    def run(self, data: bytes) -> None:
        """Try one answer."""
        with Cost():
            answered = outcome(lambda: self.read(data))
        if outcome(lambda: read_answer(data, 1 + len(data) % 89)) != answered:
            raise Crash("it depends on how it comes")
        if isinstance(answered, tuple) and answered[0] == str(Meaning.DELIVERED):
            self._is_receipt(data)

    @staticmethod
    def _is_receipt(data: bytes) -> None:
        """What ends the care for a message must be a receipt for it, to any reader."""
        own = question().wrapper.id
        try:
            told = told_by_tree(data)["wrapper"]
        except NoOpinion:
            return
        except Unreadable as error:
            raise Crash(f"a whole tree cannot be read: {error}") from error
        if told["type_code"] not in {"CA", "AA"} or told["target"] != (own.root, own.extension):
            raise Crash("taken for a receipt, and it is none")
