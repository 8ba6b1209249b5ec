"""People are told once, the practice first, and not at night of what can wait."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from edge_node.model.alert import AlertRules, Circle, Memory, Occasion, Quiet, Seen, Settled
from edge_node.model.sentence import Saying, Sentence
from edge_node.policy import alerting

NOON = datetime(2027, 3, 10, 11, tzinfo=UTC)  # 12:00 Dutch time
RULES = AlertRules(settle_s=30, steady_s=300, network_after_s=1800, remind_urgent_s=14_400, remind_s=86_400)
DOWN = Sentence(saying=Saying.LSP_DOWN, said_at=NOON)
CUT = replace(DOWN, saying=Saying.NETWORK_DOWN)
BACKUP = Sentence(saying=Saying.ATTENTION, said_at=NOON, about="EN-BACKUP-OLD")
DONE = Settled(delivered=3, failed=0, waiting=0)


class Site:
    """What is remembered at a site, and what its people were told, by the minute."""

    def __init__(self, **rules: Any) -> None:
        self.rules = replace(RULES, **rules)
        self.memory = Memory()
        self.at = NOON
        self.settled: Settled | None = DONE

    def look(self, *sentences: Sentence, unsure: frozenset[str] = frozenset()) -> list[tuple[Occasion, Circle]]:
        """Look once; return what is told."""
        before = self.memory.last_seq
        episodes = alerting.see(self.memory.episodes, Seen(sentences=sentences, unsure=unsure), self.at)
        settled = {one.sentence.key: self.settled for one in episodes if one.gone_at is not None}
        self.memory = alerting.tell(replace(self.memory, episodes=episodes), settled, self.at, self.rules)
        return [(one.occasion, one.circle) for one in self.memory.alerts if one.seq > before]

    def for_s(self, seconds: float, *sentences: Sentence) -> list[tuple[Occasion, Circle]]:
        """Look every ten seconds for so long; return all that was told."""
        told = []
        for _ in range(int(seconds / 10)):
            self.at += timedelta(seconds=10)
            told += self.look(*sentences)
        return told

    @property
    def last(self) -> Sentence:
        """The sentence told last."""
        return self.memory.alerts[-1].sentence


PRACTICE, NETWORK = Circle.PRACTICE, Circle.NETWORK
BEGAN, STILL, OVER = Occasion.BEGAN, Occasion.STILL, Occasion.OVER


class TestBegin:
    def test_is_told_once_when_it_has_lasted(self) -> None:
        """A second of no line is nobody's business; half a minute is."""
        site = Site()
        assert site.look(DOWN) == []
        assert site.for_s(600, DOWN) == [(BEGAN, PRACTICE)]

    def test_what_failed_before_it_counted_as_down_counts_from_its_first_failure(self) -> None:
        """The mail comes within a minute of the cut, not of the moment at which it was believed."""
        assert Site().look(replace(DOWN, since=NOON - timedelta(seconds=40))) == [(BEGAN, PRACTICE)]

    def test_is_told_to_the_network_second(self) -> None:
        """The practice can look at its modem; who looks after the network hears of what lasts."""
        assert Site().for_s(3000, DOWN) == [(BEGAN, PRACTICE), (BEGAN, NETWORK)]

    def test_is_told_to_both_at_once_where_the_site_wants_that(self) -> None:
        """A hospital has its own network department."""
        assert Site(network_after_s=0).for_s(60, DOWN) == [(BEGAN, PRACTICE), (BEGAN, NETWORK)]

    def test_is_not_told_to_the_network_where_that_can_do_nothing(self) -> None:
        """A backup is the site's own."""
        assert Site(network_after_s=0).for_s(7200, BACKUP) == [(BEGAN, PRACTICE)]

    def test_is_told_anew_when_it_turns_out_to_be_something_else(self) -> None:
        """It was not the LSP but the modem: somebody can do something now."""
        site = Site()
        site.for_s(120, DOWN)
        assert site.for_s(120, CUT) == [(BEGAN, PRACTICE)]
        assert site.last.saying is Saying.NETWORK_DOWN

    def test_what_is_called_one_and_the_other_by_turns_is_told_less_each_time(self) -> None:
        """A switchboard that now refuses and now is silent, each minute, is one thing and no sixty mails an hour."""
        site = Site(network_after_s=10**6)
        told = []
        for _ in range(12 * 60):
            told += site.for_s(60, DOWN) + site.for_s(60, CUT)
        assert len([one for one in told if one[0] is BEGAN]) == 2

    def test_two_things_are_told_each(self) -> None:
        """The backup does not wait for the line."""
        assert len(Site().for_s(60, DOWN, BACKUP)) == 2

    def test_a_clock_set_back_tells_nothing_again(self) -> None:
        """Time that runs twice is no second breakdown."""
        site = Site()
        site.for_s(120, DOWN)
        site.at -= timedelta(hours=5)
        assert site.for_s(120, DOWN) == []

    def test_a_clock_that_was_years_ahead_holds_nothing_up(self) -> None:
        """A machine that starts with a flat battery sees its first trouble in the year 2040."""
        site = Site(network_after_s=10**6)
        site.at += timedelta(days=5000)
        site.look(DOWN)
        site.at = NOON
        assert site.for_s(120, DOWN) == [(BEGAN, PRACTICE)]
        assert site.for_s(600) == [(OVER, PRACTICE)]


class TestReminders:
    def test_come_while_it_lasts(self) -> None:
        """Somebody may have thought that somebody else was called."""
        told = Site(network_after_s=10**6).for_s(9 * 3600, DOWN)
        assert told == [(BEGAN, PRACTICE), (STILL, PRACTICE), (STILL, PRACTICE)]

    def test_come_less_often_of_what_can_wait(self) -> None:
        """A backup is asked after once a day."""
        assert Site(network_after_s=10**6).for_s(25 * 3600, BACKUP) == [(BEGAN, PRACTICE), (STILL, PRACTICE)]

    def test_wait_for_the_morning(self) -> None:
        """Who was told at ten in the evening knows it at two at night."""
        site = Site(quiet=Quiet(from_min=22 * 60, until_min=7 * 60), network_after_s=10**6)
        site.at = datetime(2027, 3, 10, 20, 50, tzinfo=UTC)
        assert site.for_s(9 * 3600, DOWN) == [(BEGAN, PRACTICE)]
        assert site.for_s(600, DOWN) == [(STILL, PRACTICE)]


class TestQuietHours:
    NIGHT = Quiet(from_min=22 * 60, until_min=7 * 60)

    @pytest.mark.parametrize(("sentence", "told"), [(BACKUP, 0), (DOWN, 1)])
    def test_nobody_is_woken_for_what_can_wait(self, sentence: Sentence, told: int) -> None:
        """A phone that rings for a backup is switched off before the line breaks."""
        site = Site(quiet=self.NIGHT, network_after_s=10**6)
        site.at = datetime(2027, 3, 10, 23, tzinfo=UTC)
        assert len(site.for_s(3600, sentence)) == told

    def test_what_waited_is_told_in_the_morning(self) -> None:
        """It is not forgotten."""
        site = Site(quiet=self.NIGHT)
        site.at = datetime(2027, 3, 11, 5, 55, tzinfo=UTC)
        assert site.for_s(600, BACKUP) == [(BEGAN, PRACTICE)]


class TestEnd:
    def test_is_told_when_it_works_for_a_while_with_what_became_of_the_messages(self) -> None:
        """Nobody needs to telephone about what arrived after all."""
        site = Site(network_after_s=10**6)
        site.for_s(120, DOWN)
        assert site.for_s(290) == []
        assert site.for_s(60) == [(OVER, PRACTICE)]
        assert (site.last.saying, site.last.messages, site.last.left) == (Saying.OVER, 3, 0)
        assert (site.last.since, site.last.until) == (NOON + timedelta(seconds=10), NOON + timedelta(seconds=130))

    def test_is_told_to_who_was_told_of_the_beginning(self) -> None:
        """Else somebody drives to a site that works."""
        site = Site()
        site.for_s(2000, DOWN)
        assert site.for_s(400) == [(OVER, PRACTICE), (OVER, NETWORK)]

    def test_is_not_told_of_what_was_not_told(self) -> None:
        """A blip is no news twice."""
        site = Site()
        site.for_s(20, DOWN)
        assert site.for_s(1000) == []

    def test_waits_for_the_queue_for_a_bounded_time(self) -> None:
        """It says what became of the messages, and cannot wait for ever for a receiver that is away."""
        site = Site(network_after_s=10**6)
        site.for_s(120, DOWN)
        site.settled = Settled(delivered=2, failed=1, waiting=1)
        assert site.for_s(600) == []
        assert site.for_s(900) == [(OVER, PRACTICE)]
        assert (site.last.messages, site.last.left) == (2, 2)

    def test_is_told_without_numbers_where_the_store_has_none(self) -> None:
        """A full disk still lets people know that the line is back."""
        site = Site(network_after_s=10**6)
        site.for_s(120, DOWN)
        site.settled = None
        assert site.for_s(400) == [(OVER, PRACTICE)]
        assert site.last.messages is None

    def test_is_not_guessed_while_nobody_can_see_it(self) -> None:
        """After a restart nothing is known of the line before it was tried."""
        site = Site()
        site.for_s(120, DOWN)
        site.at += timedelta(hours=1)
        assert site.look(unsure=frozenset({"link"})) == []
        assert site.memory.episodes[0].gone_at is None

    def test_is_the_first_line_of_the_status_at_once_and_for_an_hour(self) -> None:
        """Who looks does not wait for the mail."""
        site = Site()
        site.for_s(120, DOWN)
        site.for_s(10)
        outage = site.memory.outage
        assert outage is not None
        assert (outage.saying, outage.delivered) == (Saying.LSP_DOWN, 3)
        site.for_s(3700)
        assert site.memory.outage is None

    def test_is_not_said_of_the_one_before_when_the_next_one_ends(self) -> None:
        """That a breakdown is over is read as the one that people were in."""
        site = Site()
        site.for_s(120, DOWN)
        site.for_s(400)
        site.for_s(120, replace(DOWN, saying=Saying.LOCAL_DOWN, about="x"))
        assert site.memory.outage is None
        site.for_s(10)
        assert site.memory.outage is not None
        assert site.memory.outage.saying is Saying.LOCAL_DOWN


class TestFlapping:
    def test_one_that_comes_and_goes_is_one(self) -> None:
        """A bad cable at night is one mail, not forty."""
        site = Site(network_after_s=10**6)
        told = []
        for _ in range(20):
            told += site.for_s(60, DOWN) + site.for_s(120)
        assert told == [(BEGAN, PRACTICE)]
        assert site.memory.episodes[0].times == 20

    def test_one_that_seems_to_end_each_time_must_be_gone_longer_each_time(self) -> None:
        """The second time that it is over is believed later, and so on."""
        site = Site(network_after_s=10**6)
        told = []
        for _ in range(20):
            told += site.for_s(60, DOWN) + site.for_s(600)
        assert [occasion for occasion, _ in told] == [BEGAN, OVER, BEGAN]

    def test_two_breakdowns_hours_apart_are_two(self) -> None:
        """What was quiet for hours is not the same trouble."""
        site = Site(network_after_s=10**6)
        told = site.for_s(60, DOWN) + site.for_s(8000) + site.for_s(60, DOWN)
        assert [occasion for occasion, _ in told] == [BEGAN, OVER, BEGAN]
        assert site.memory.episodes[0].times == 1

    def test_one_that_returns_the_same_day_is_marked(self) -> None:
        """After many mails in a day what returns may wait for the next one; what is new may not."""
        site = Site(network_after_s=10**6)
        site.for_s(60, DOWN)
        assert not site.memory.alerts[-1].is_again
        site.for_s(8000)
        site.for_s(60, DOWN)
        assert site.memory.alerts[-1].is_again


class TestElsewhere:
    ENDED = Sentence(saying=Saying.CERTIFICATE_OVER, said_at=NOON, is_told_elsewhere=True)

    def test_what_a_mail_of_its_own_tells_is_marked(self) -> None:
        """Two mails about one certificate are one too many."""
        site = Site()
        site.for_s(60, self.ENDED)
        assert site.memory.alerts[-1].is_told_elsewhere

    def test_but_not_while_the_store_is_stuck(self) -> None:
        """That mail is made through the store."""
        site = Site()
        site.for_s(60, Sentence(saying=Saying.NODE_DOWN, said_at=NOON), self.ENDED)
        assert not any(one.is_told_elsewhere for one in site.memory.alerts)


class TestDaily:
    RULES = replace(RULES, daily_min=7 * 60 + 30)
    WELL = Sentence(saying=Saying.WELL, said_at=NOON)

    def test_comes_once_a_day_at_its_time(self) -> None:
        """A mail that does not come says something too."""
        memory = alerting.daily(Memory(daily_on="2027-03-09"), self.WELL, NOON, self.RULES)
        assert [one.occasion for one in memory.alerts] == [Occasion.DAILY]
        assert alerting.daily(memory, self.WELL, NOON + timedelta(hours=3), self.RULES) == memory
        next_day = alerting.daily(memory, self.WELL, NOON + timedelta(hours=24), self.RULES)
        assert len(next_day.alerts) == 2

    def test_does_not_come_before_its_time(self) -> None:
        """Half past seven is half past seven, Dutch time."""
        early = datetime(2027, 3, 10, 6, 29, tzinfo=UTC)
        assert alerting.daily(Memory(daily_on="2027-03-09"), self.WELL, early, self.RULES).alerts == ()

    def test_first_day_of_a_node_begins_with_the_next_one(self) -> None:
        """A node that is installed at noon has no morning mail to send."""
        memory = alerting.daily(Memory(), self.WELL, NOON, self.RULES)
        assert (memory.alerts, memory.daily_on) == ((), "2027-03-10")

    def test_is_not_sent_where_the_site_wants_none(self) -> None:
        """It is a setting."""
        assert alerting.daily(Memory(daily_on="2027-03-09"), self.WELL, NOON, RULES).alerts == ()
