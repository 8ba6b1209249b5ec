"""By how much the clock is off, as a line of the access log says it."""

import pytest

from edge_node.model.facts_clock import ServerTime
from edge_node.policy.check_clock import seen_offset_s


class TestSeen:
    def test_is_the_middle_of_what_servers_say(self) -> None:
        """One server that lies does not write into every line."""
        servers = [ServerTime(server=str(by_s), offset_s=by_s) for by_s in (0.1, 0.2, 900.0)]
        assert seen_offset_s(None, servers) == 0.2

    @pytest.mark.parametrize("servers", [[], [ServerTime(server="a", failure="no answer")]])
    def test_is_not_known_where_nobody_says(self, servers: list[ServerTime]) -> None:
        """Nothing is written then: never a nought that nobody measured."""
        assert seen_offset_s(None, servers) is None
