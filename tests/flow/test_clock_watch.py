"""Whether something may end by the wall clock."""

import pytest
from twisted.internet.task import Clock

from edge_node.flow.clock_watch import OTHER_TIME, UNCONFIRMED, ClockWatch

DAY_S = 86_400.0


class Machine:
    """A machine whose clock can be set, with somebody who keeps it right or nobody."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.offset_s = 1_000_000.0
        self.is_synchronised = False
        self.watch = ClockWatch(self.clock, self.now, is_synchronised=lambda: self.is_synchronised)
        self.run(901)

    def now(self) -> float:
        return self.clock.seconds() + self.offset_s

    def jump(self, step_s: float) -> None:
        self.offset_s += step_s
        self.watch.look()

    def run(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.watch.look()


class TestWithoutEvidence:
    def test_is_believed(self) -> None:
        """A node on a network without time servers must still end what is over."""
        assert not Machine().watch.is_quiet

    @pytest.mark.parametrize("step_s", [DAY_S, -DAY_S])
    def test_is_not_believed_after_a_long_jump(self, step_s: float) -> None:
        """A clock that is a day ahead stays so: its prescriptions are not a day old after a quarter of an hour."""
        machine = Machine()
        machine.jump(step_s)
        machine.run(7 * DAY_S)
        assert (machine.watch.is_quiet, machine.watch.doubt) == (True, UNCONFIRMED)

    def test_is_believed_again_when_it_jumps_back(self) -> None:
        """It is what it was before; all the same nothing ends for a quarter of an hour."""
        machine = Machine()
        machine.jump(DAY_S)
        machine.jump(-DAY_S)
        assert (machine.watch.is_quiet, machine.watch.doubt) == (True, "")
        machine.run(901)
        assert not machine.watch.is_quiet

    def test_is_believed_after_a_short_jump(self) -> None:
        """Half a minute ends nothing that should have lived."""
        machine = Machine()
        machine.jump(30)
        machine.run(901)
        assert not machine.watch.is_quiet

    def test_is_not_believed_after_many_short_jumps(self) -> None:
        """A clock that is set a little further again and again ends up just as far."""
        machine = Machine()
        machine.jump(50)
        machine.jump(50)
        assert machine.watch.doubt == UNCONFIRMED


class TestConfirmed:
    def test_by_the_switchboard(self) -> None:
        """Its answers carry the time: a machine that was wrong until now is right."""
        machine = Machine()
        machine.jump(DAY_S)
        machine.watch.heard(machine.now() - 2)
        machine.run(901)
        assert not machine.watch.is_quiet

    def test_by_the_kernel(self) -> None:
        """What set the clock keeps it right."""
        machine = Machine()
        machine.jump(DAY_S)
        machine.is_synchronised = True
        machine.run(901)
        assert not machine.watch.is_quiet

    def test_for_good(self) -> None:
        """When the time service stops later, the clock does not become wrong by that."""
        machine = Machine()
        machine.jump(DAY_S)
        machine.is_synchronised = True
        machine.run(901)
        machine.is_synchronised = False
        machine.run(901)
        assert not machine.watch.is_quiet


class TestContradicted:
    def test_from_the_start(self) -> None:
        """No jump is seen of a clock that was a day ahead when the node started."""
        machine = Machine()
        machine.watch.heard(machine.now() - DAY_S)
        machine.run(7 * DAY_S)
        assert machine.watch.doubt == OTHER_TIME

    def test_until_the_clock_is_put_right(self) -> None:
        """What the switchboard said is still known then, however long the line has been down."""
        machine = Machine()
        machine.watch.heard(machine.now() - DAY_S)
        machine.run(DAY_S)
        machine.jump(-DAY_S)
        assert machine.watch.doubt == ""

    def test_by_the_kernel_after_an_hour(self) -> None:
        """A machine that slept has another time than its clock that never jumps says."""
        machine = Machine()
        machine.watch.heard(machine.now())
        machine.is_synchronised = True
        machine.jump(DAY_S)
        assert machine.watch.doubt == OTHER_TIME
        machine.run(3601)
        assert machine.watch.doubt == ""


class TestTheDistance:
    def test_to_the_other_side_is_told_while_it_is_fresh(self) -> None:
        """The check on the clock asks it, seconds or hours after an answer came."""
        machine = Machine()
        machine.watch.heard(machine.now() - 3)
        machine.clock.advance(600)
        assert machine.watch.apart_s == 3

    def test_is_unknown_where_nothing_was_ever_heard(self) -> None:
        """A node that has just started sent nothing yet."""
        assert Machine().watch.apart_s is None

    def test_is_unknown_where_nothing_was_heard_lately(self) -> None:
        """A night without traffic says nothing of this morning's clock."""
        machine = Machine()
        machine.watch.heard(machine.now() - 3)
        machine.clock.advance(3601)
        assert machine.watch.apart_s is None
