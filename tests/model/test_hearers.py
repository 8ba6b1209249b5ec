"""Whoever wants to hear of news hears of all, and of none after that."""

from edge_node.model.hearers import Hearers


class TestHearers:
    def test_hear_of_all_news(self) -> None:
        """A mail that waits for the next minute is late; it is told when there is something to tell."""
        hearers, heard = Hearers(), list[str]()
        hearers.hear(lambda: heard.append("webhook"))
        hearers.announce()
        hearers.announce()
        assert heard == ["webhook", "webhook"]

    def test_hear_no_more_when_they_ended_it(self) -> None:
        """A way of telling that the settings no longer name is not called."""
        hearers, heard = Hearers(), list[str]()
        ends = hearers.hear(lambda: heard.append("webhook"))
        ends()
        ends()
        hearers.announce()
        assert heard == []

    def test_may_end_it_while_they_are_told(self) -> None:
        """A caller that got what it waited for goes away at that very moment."""
        hearers, heard = Hearers(), list[str]()
        ends = hearers.hear(lambda: (heard.append("once"), ends())[0])
        hearers.announce()
        hearers.announce()
        assert heard == ["once"]
