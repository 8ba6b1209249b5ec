"""Ticks: does the transport work?"""

from edge_node.errors import NotSent
from tests import messages
from tests.doubles import GivenAnswer, ScriptedDoor
from tests.flow.bench import Bench, read
from tests.nouns import PHARMACY, PRACTICE


class AcceptingDoor(ScriptedDoor):
    """Accepts every tick."""

    async def ask(self, outgoing, *, timeout_s, connect_s):  # type: ignore[no-untyped-def]
        self.asked.append(outgoing)
        return GivenAnswer(messages.an_ack_of(read(outgoing.payload.body).wrapper))


def type_code(body: bytes) -> str:
    acknowledgement = read(body).wrapper.acknowledgement
    assert acknowledgement is not None
    return acknowledgement.type_code


class TestTick:
    def test_of_the_switchboard_is_accepted_by_the_node(self) -> None:
        """It asks about the transport, and that ends here."""
        bench = Bench()
        assert type_code(bench.from_switchboard(messages.a_tick("1", "900001"), path="Ping").body) == "CA"
        assert bench.inward.asked == []

    def test_of_a_local_system_is_answered_with_what_our_own_found(self) -> None:
        """Accepted only when the switchboard accepted one of ours."""
        bench = Bench(AcceptingDoor())
        assert type_code(bench.from_local(messages.a_tick("900001", "1"), path="Ping").body) == "CA"
        assert len(bench.out.asked) == 1

    def test_does_not_knock_for_each_local_tick(self) -> None:
        """A proof counts a minute."""
        bench = Bench(AcceptingDoor())
        for number in range(3):
            bench.from_local(messages.a_tick("900001", "1", f"t{number}"), path="Ping")
        assert len(bench.out.asked) == 1

    def test_counts_for_the_application_that_ticked(self) -> None:
        """Each organisation has its own certificate: that of the pharmacy may have ended, the practice's not."""
        bench = Bench(AcceptingDoor())
        bench.from_local(messages.a_tick("900001", "1"), path="Ping")
        bench.from_local(messages.a_tick("900002", "1"), path="Ping", caller="ais")
        assert [outgoing.sender for outgoing in bench.out.asked] == [PRACTICE, PHARMACY]

    def test_is_refused_while_the_line_is_down(self) -> None:
        """A green light on a dead line is worse than none."""
        bench = Bench(ScriptedDoor(NotSent()))
        assert type_code(bench.from_local(messages.a_tick("900001", "1"), path="Ping").body) == "CE"
