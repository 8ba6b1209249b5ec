"""A day on which every check of the catalogue comes and goes is a handful of mails."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from edge_node.flow.alert_ways import AlertMailWay
from edge_node.flow.pacing import Pace
from edge_node.flow.retry import RetryPolicy
from edge_node.flow.telling import Teller, TellingTools
from edge_node.formats.notice_mail import Letterhead
from edge_node.model.alert import Alert, AlertRules, Circle, Memory, Quiet, Seen, Settled
from edge_node.model.letter import Letter
from edge_node.model.sentence import Saying, Sentence
from edge_node.policy import alerting, check_catalogue
from tests.doubles import FixedChance

NOON = datetime(2027, 3, 10, 11, tzinfo=UTC)
RULES = AlertRules(quiet=Quiet(from_min=22 * 60, until_min=7 * 60), daily_min=7 * 60 + 30)
CHECKS = list(check_catalogue.load())
BLOCKING = frozenset({"cert-chain", "cert-eku", "cert-fqdn", "cert-ura", "peer-is-zim", "environment-mix"})
STEP_S = 60.0
Is = Callable[[str, float], bool]


def by_turns(period_s: float) -> Is:
    """Each check turns with that period, at a moment of its own."""
    chance = random.Random(1)
    begins = {name: chance.random() * 2 * period_s for name in CHECKS}
    return lambda name, at_s: (at_s + begins[name]) // period_s % 2 == 1


@dataclass
class Day:
    """A site whose checks are as `is_bad` says, and the mails that it gets."""

    is_bad: Is
    clock: Clock = field(default_factory=Clock)
    memory: Memory = field(default_factory=lambda: Memory(daily_on="2027-03-10"))
    alerts: list[Alert] = field(default_factory=list)
    upto: dict[str, int] = field(default_factory=dict)
    hearers: list[Callable[[], None]] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)

    def run(self, hours: int) -> list[Letter]:
        for is_urgent in (True, False):
            self._teller(is_urgent=is_urgent).begin()
        for _ in range(int(hours * 3600 / STEP_S)):
            self.clock.advance(STEP_S)
            self._look()
        return self.letters

    def _look(self) -> None:
        at = NOON + timedelta(seconds=self.clock.seconds())
        seen = tuple(self._sentence(name, at) for name in CHECKS if self.is_bad(name, self.clock.seconds()))
        episodes = alerting.see(self.memory.episodes, Seen(sentences=seen), at)
        settled = dict.fromkeys((one.sentence.key for one in episodes), Settled(delivered=0, failed=0, waiting=0))
        told = alerting.tell(replace(self.memory, episodes=episodes), settled, at, RULES)
        told = alerting.daily(told, Sentence(saying=Saying.WELL, said_at=at), at, RULES)
        self.alerts += told.alerts
        self.memory = replace(told, alerts=())
        if told.alerts:
            [hearer() for hearer in tuple(self.hearers)]

    def _sentence(self, name: str, at: datetime) -> Sentence:
        return Sentence(saying=Saying.BLOCKED if name in BLOCKING else Saying.ATTENTION, said_at=at, about=name)

    def _teller(self, *, is_urgent: bool) -> Teller[Alert]:
        way = AlertMailWay(
            name=f"mail {is_urgent}", circle=Circle.PRACTICE, is_urgent=is_urgent, to=("a@example.org",),
            sender="n@example.org", head=Letterhead(node="gp-1", environment="production", language="nl"), post=self,
            report=tuple, now=self.clock.seconds, pace=Pace(
                interval_s=60.0 if is_urgent else 900.0, most_a_day=6, storm_s=4 * 3600.0
            ),
        )  # fmt: skip
        tools = TellingTools(notices=self, clock=self.clock, chance=FixedChance(0.5), retry=RetryPolicy)
        return Teller(way, tools)

    # What tellers read, and the mail server

    def hear(self, hearer: Callable[[], None]) -> Callable[[], None]:
        self.hearers.append(hearer)
        return lambda: self.hearers.remove(hearer)

    async def after(self, applications: frozenset[str] | None, seq: int, limit: int) -> tuple[Alert, ...]:
        return tuple(one for one in self.alerts if one.seq > seq)[:limit]

    async def cursor(self, application: str, way: str) -> int:
        return self.upto.get(way, 0)

    async def advance(self, application: str, way: str, upto: int) -> None:
        self.upto[way] = upto

    async def send(self, letter: Letter) -> None:
        self.letters.append(letter)
        await Deferred.fromCoroutine(_nothing())


async def _nothing() -> None:
    """A mail server that takes it."""


class TestADay:
    @pytest.mark.parametrize("period_s", [60, 600, 3 * 3600])
    def test_of_checks_that_all_come_and_go_is_a_few_mails(self, period_s: int) -> None:
        """Who gets a hundred reads none, and the one that matters is among them."""
        letters = Day(by_turns(period_s)).run(24)
        assert 3 <= len(letters) <= 24  # at most one an hour

    def test_of_checks_that_all_fail_is_fewer_still(self) -> None:
        """The beginning, some reminders of what stands still, and the mail of the day."""
        letters = Day(lambda *_: True).run(24)
        assert len([one for one in letters if one.subject.startswith("Dagbericht (")]) == 1
        assert len(letters) <= 9

    def test_on_which_all_is_well_is_the_mail_of_the_day(self) -> None:
        """No news, told once."""
        assert len(Day(lambda *_: False).run(24)) == 1
