"""What lies in the queue, in words that staff know."""

from edge_node.formats.stock_words import stock_words
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction
from edge_node.model.overview import Count, Overview


def count(direction: Direction, state: State, messages: int) -> Count:
    return Count(direction=direction, state=state, messages=messages, oldest_s=1)


class TestWords:
    def test_are_those_of_people(self) -> None:
        """ "3 out WAITING" is English, and of programs."""
        queue = Overview(
            counts=(
                count(Direction.OUT, State.KEPT, 1),
                count(Direction.OUT, State.WAITING, 2),
                count(Direction.OUT, State.DEAD, 1),
                count(Direction.OUT, State.EXPIRED, 1),
                count(Direction.IN, State.WAITING, 4),
                count(Direction.OUT, State.DELIVERED, 900),
            )
        )
        told = stock_words(queue)
        assert told.nl == "3 onderweg (uitgaand), 2 niet bezorgd (uitgaand), 4 onderweg (binnengekomen)"
        assert told.en == "3 on their way (out), 2 not delivered (out), 4 on their way (in)"

    def test_of_nothing_are_nothing(self) -> None:
        """A number all the same."""
        assert stock_words(Overview(counts=())).nl == "0"

    def test_say_so_where_the_store_does_not(self) -> None:
        """Not known is not none."""
        assert stock_words(None).nl == "nu niet te zien"
