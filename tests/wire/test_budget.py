"""The shared memory budget: a flood of large messages must not take the practice's node down."""

from edge_node.wire.budget import Budget


class TestBudget:
    def test_gives_what_is_free_at_once(self) -> None:
        """A message must not wait for anything while there is room."""
        budget = Budget(max_bytes=100)
        assert budget.hold().grow(60, _never)
        assert budget.used_bytes == 60

    def test_serves_those_who_wait_in_their_order(self) -> None:
        """A large referral is not overtaken for ever by small messages."""
        budget, order = Budget(max_bytes=100), []
        first, second, third = budget.hold(), budget.hold(), budget.hold()
        first.grow(80, _never)
        assert not second.grow(90, lambda: order.append("second"))
        assert not third.grow(5, lambda: order.append("third"))
        first.release()
        assert order == ["second", "third"]

    def test_counts_nothing_after_everything_is_released(self) -> None:
        """A leak here would stop the node after some weeks."""
        budget = Budget(max_bytes=100)
        holds = [budget.hold(), budget.hold()]
        granted = [hold.grow(70, lambda: None) for hold in holds]
        holds[0].release()
        holds[1].release()
        assert (granted, budget.used_bytes, budget.waiting) == ([True, False], 0, 0)

    def test_forgets_one_who_goes_away_while_waiting(self) -> None:
        """A client that left must not block the next one in the queue."""
        budget, order = Budget(max_bytes=100), []
        first, gone, last = budget.hold(), budget.hold(), budget.hold()
        first.grow(50, _never)
        gone.grow(60, lambda: order.append("gone"))
        last.grow(50, lambda: order.append("last"))
        gone.release()
        assert order == ["last"]

    def test_bounds_connections_of_all_listeners_together(self) -> None:
        """A flood at one listener must leave file descriptors for the switchboard's."""
        budget = Budget(max_connections=1)
        assert (budget.connect(), budget.connect()) == (True, False)
        budget.disconnect()
        assert budget.connect()


def _never() -> None:
    raise AssertionError("was granted at once")
