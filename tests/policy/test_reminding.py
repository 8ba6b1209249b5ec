"""People are reminded of what still stands: together, less and less often, and at the hour of the daily mail."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from edge_node.model.alert import AlertRules, Circle, Memory, Occasion, Seen
from edge_node.model.sentence import Saying, Sentence
from edge_node.policy import alerting

from .test_alerting import BACKUP, DOWN, NOON

CLOCK = Sentence(saying=Saying.ATTENTION, said_at=NOON, about="EN-CLOCK-DOUBT")
MORNING = 7 * 60 + 30
DAY = timedelta(days=1)


class Weeks:
    """What a site is told in weeks, looked at every quarter of an hour."""

    def __init__(self, **rules: Any) -> None:
        self.rules = replace(AlertRules(network_after_s=10**9), **rules)
        self.memory = Memory(daily_on="2027-03-10")
        self.at = NOON
        self.circles: list[Circle] = []

    def pass_(self, time: timedelta, *sentences: Sentence) -> list[tuple[datetime, Occasion]]:
        """Let it pass; return the moments at which something was told, once each."""
        end, told = self.at + time, []
        while self.at < end:
            self.at += timedelta(minutes=15)
            before = self.memory.last_seq
            episodes = alerting.see(self.memory.episodes, Seen(sentences=sentences), self.at)
            self.memory = alerting.tell(replace(self.memory, episodes=episodes), {}, self.at, self.rules)
            self.memory = alerting.daily(self.memory, DOWN, self.at, self.rules)
            told += [(one.at, one.occasion) for one in self.memory.alerts if one.seq > before]
            self.circles += [one.circle for one in self.memory.alerts]
            self.memory = replace(self.memory, alerts=())
        return list(dict.fromkeys(told))


def stills(told: list[tuple[datetime, Occasion]]) -> list[datetime]:
    return [at for at, occasion in told if occasion is Occasion.STILL]


class TestLessAndLess:
    def test_what_can_wait_is_daily_for_a_week_and_then_weekly(self) -> None:
        """Eighty-six mails about one old backup are read by nobody."""
        told = stills(Weeks().pass_(60 * DAY, BACKUP))
        assert [(at - NOON).days for at in told] == [1, 2, 3, 4, 5, 6, 13, 20, 27, 34, 41, 48, 55]

    def test_what_stands_still_is_every_few_hours_for_a_day_only(self) -> None:
        """A practice on holiday left its system off: it is not told every few hours for three weeks."""
        told = stills(Weeks().pass_(21 * DAY, DOWN))
        assert len([at for at in told if at < NOON + DAY]) == 5
        assert len(told) == 5 + 6 + 2

    def test_what_is_waived_or_mended_is_not_asked_after(self) -> None:
        """Somebody took it upon himself."""
        weeks = Weeks()
        weeks.pass_(3 * DAY, BACKUP)
        assert stills(weeks.pass_(30 * DAY)) == []


class TestTogether:
    def test_things_that_began_apart_are_asked_after_at_once(self) -> None:
        """Forty checks are not forty mails a day."""
        weeks = Weeks()
        weeks.pass_(timedelta(hours=9), BACKUP)
        told = stills(weeks.pass_(5 * DAY, BACKUP, CLOCK))
        assert len(told) == 5

    def test_with_a_daily_mail_they_stand_in_that_one(self) -> None:
        """One mail a day, at the hour that the site chose."""
        told = Weeks(daily_min=MORNING).pass_(5 * DAY, BACKUP)
        assert stills(told) == [at for at, occasion in told if occasion is Occasion.DAILY]
        assert len(stills(told)) == 5

    def test_the_network_is_asked_once_a_day(self) -> None:
        """It has more than one site."""
        weeks = Weeks(network_after_s=0, daily_min=MORNING)
        weeks.pass_(3 * DAY, DOWN)
        assert weeks.circles.count(Circle.NETWORK) == 3
