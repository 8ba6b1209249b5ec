"""The wrapper reader: whatever is sent, what is judged is what a whole tree shows.

Knows: how a message is read, at once and as it comes.
Must not know: where inputs come from.
"""

from collections.abc import Callable
from dataclasses import dataclass

from edge_node.formats.reader import MessageReader
from edge_node.model.message import Reading
from fuzz import messages
from fuzz.opinion import NoOpinion, Unreadable, differences, new_reader
from fuzz.target import Cost, Crash, outcome, pieces

Read = Callable[[bytes], Reading]


def read_whole(data: bytes) -> Reading:
    """Read a message at once."""
    return read_in_pieces(data, len(data) or 1)


def read_in_pieces(data: bytes, size: int) -> Reading:
    """Read it as it comes."""
    reader: MessageReader = new_reader()
    for piece in pieces(data, size):
        reader.feed(piece)
    return reader.close()


@dataclass(frozen=True, slots=True)
class WrapperTarget:
    """Reads a message at once and in pieces, and holds it against its whole tree."""

    read: Read = read_whole

    @property
    def seeds(self) -> tuple[bytes, ...]:
        """One of each pattern, and a batch."""
        return (*(sample.body for sample in messages.requests()), messages.batch())

    @property
    def words(self) -> tuple[bytes, ...]:
        """What hostile messages are made of."""
        return messages.WORDS

    def run(self, data: bytes) -> None:
        """Try one body."""
        with Cost():
            reading = outcome(lambda: self.read(data))
        split = outcome(lambda: read_in_pieces(data, 1 + len(data) % 97))
        if split != reading:
            raise Crash("it depends on how it comes")
        if isinstance(reading, Reading):
            self._hold(reading, data)

    @staticmethod
    def _hold(reading: Reading, data: bytes) -> None:
        try:
            found = differences(reading, data)
        except NoOpinion:
            return
        except Unreadable as error:
            raise Crash(f"a whole tree cannot be read: {error}") from error
        if found:
            raise Crash(f"judged otherwise than the whole tree: {', '.join(found)}")
