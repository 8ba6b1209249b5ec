"""How many handovers go on at once."""

from edge_node.flow.pace import Pace


class TestPace:
    def test_begins_with_one_after_a_repair(self) -> None:
        """6,000 nodes must not fall on a switchboard that has just come back."""
        pace = Pace(cap=8)
        pace.restart()
        assert pace.free(0) == 1

    def test_doubles_with_each_delivery_up_to_its_cap(self) -> None:
        """A long queue still drains soon."""
        pace = Pace(cap=8)
        pace.restart()
        windows = []
        for _ in range(5):
            pace.ended(delivered=True)
            windows.append(pace.free(0))
        assert windows == [2, 4, 8, 8, 8]

    def test_does_not_grow_by_failures(self) -> None:
        """Only what arrived shows that more can."""
        pace = Pace(cap=8)
        pace.restart()
        pace.ended(delivered=False)
        assert pace.free(0) == 1

    def test_gives_up_catching_up_when_nothing_arrives(self) -> None:
        """A line that is down again, or a receiver that is, must not be tried as fast as the disk can write."""
        pace = Pace(cap=8)
        pace.restart()
        for _ in range(8):
            pace.ended(delivered=False)
        assert not pace.is_catching_up

    def test_goes_on_catching_up_past_what_is_stuck(self) -> None:
        """One receiver that is down does not make all others wait out their pauses."""
        pace = Pace(cap=8)
        pace.restart()
        for delivered in (False, False, True) * 4:
            pace.ended(delivered=delivered)
        assert pace.is_catching_up
