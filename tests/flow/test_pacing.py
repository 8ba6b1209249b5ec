"""How often people are mailed: after many mails in a day only what is new comes at once."""

from datetime import UTC, datetime
from types import SimpleNamespace

from edge_node.flow.pacing import Pace, name_of

PACE = Pace(interval_s=60.0, most_a_day=3, storm_s=4 * 3600.0)
MANY = (9000.0, 6000.0, 3000.0)
AT = datetime(2027, 3, 10, 12, tzinfo=UTC)


class TestPace:
    def test_first_mail_goes_at_once(self) -> None:
        """Nobody waits for a rest after nothing."""
        assert PACE.rest_s(()) == 0

    def test_next_one_rests(self) -> None:
        """What happens meanwhile comes with it."""
        assert PACE.rest_s((20.0,)) == 40

    def test_after_many_a_day_what_is_not_new_rests_longer(self) -> None:
        """A line that comes and goes is not a mail a minute."""
        assert PACE.rest_s(MANY, is_new=False) == 4 * 3600 - 3000

    def test_and_what_is_new_does_not(self) -> None:
        """That day the LSP breaks down as well."""
        assert PACE.rest_s(MANY, is_new=True) <= 0

    def test_mails_of_yesterday_do_not_count(self) -> None:
        """Each day begins anew."""
        assert PACE.rest_s((90_000.0, 90_000.0, 3000.0), is_new=False) <= 0

    def test_waits_for_the_end_of_the_quiet_hours(self) -> None:
        """A mail server that is back at three at night rings no telephone."""
        night = Pace(interval_s=60.0, quiet_left_s=lambda: 500.0)
        assert night.rest_s(()) == 500
        assert night.rest_s((), is_awaited=True) == 0


class TestName:
    def test_is_the_same_at_every_try(self) -> None:
        """A node that was killed between sending and noting sends a copy that a mail program knows as one."""
        told = [SimpleNamespace(seq=1, at=AT), SimpleNamespace(seq=2, at=AT)]
        assert name_of("gp-1 mail", told) == name_of("gp-1 mail", told)
        assert len({name_of("gp-1 mail", told), name_of("gp-2 mail", told), name_of("gp-1 mail", told[:1])}) == 3
