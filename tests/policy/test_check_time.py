"""The checks on the queue, on outages, time-outs and answers."""

from datetime import UTC, datetime, timedelta

import pytest

from edge_node.model.check import Result
from edge_node.model.check_memory import Outage
from edge_node.model.facts_time import MessageFacts, OutageFacts, QueueFacts, TimeoutFacts
from edge_node.model.lifecycle import State
from edge_node.model.message import Direction
from edge_node.model.overview import Count, Overview
from edge_node.policy import check_catalogue, check_time

from .check_limits import limits

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def queue(oldest_s: float, state: State = State.WAITING, **more: object) -> QueueFacts:
    count = Count(direction=Direction.OUT, state=state, messages=3, oldest_s=oldest_s)
    return QueueFacts(overview=Overview(counts=(count,)), **more)  # type: ignore[arg-type]


def outages(*minutes_and_days: tuple[float, float]) -> OutageFacts:
    """Each so many minutes long, so many days ago."""
    found = [
        Outage(
            part="switchboard",
            began_at=NOON - timedelta(days=days, minutes=minutes),
            ended_at=NOON - timedelta(days=days),
        )
        for minutes, days in minutes_and_days
    ]
    return OutageFacts(at=NOON, outages=tuple(found), watched_from=NOON - timedelta(days=400))


class TestQueueAge:
    @pytest.mark.parametrize(
        ("oldest_s", "result"), [(899, Result.GOOD), (901, Result.WARNED), (4 * 3600 + 1, Result.VIOLATED)]
    )
    def test_turns_with_the_oldest_message(self, oldest_s: float, result: Result) -> None:
        """A referral that waits since the morning is a patient who waits."""
        assert check_time.queue_age(queue(oldest_s), limits()).result is result

    def test_is_not_of_what_has_ended(self) -> None:
        """What expired is a list for a person, not a queue."""
        assert check_time.queue_age(queue(9e9, State.EXPIRED), limits()).result is Result.GOOD


class TestQueueIntegrity:
    def test_is_violated_by_what_cannot_be_recorded(self) -> None:
        """A message of which nobody can write what came of it would be sent twice."""
        assert check_time.queue_integrity(queue(0, unrecorded=1), limits()).result is Result.VIOLATED

    def test_is_violated_by_a_damaged_store(self) -> None:
        """The disk lies."""
        assert check_time.queue_integrity(queue(0, failure="EN-STORE-DAMAGED"), limits()).result is Result.VIOLATED

    def test_is_not_violated_by_a_full_disk(self) -> None:
        """What is there is sound; room is another check."""
        assert check_time.queue_integrity(queue(0, failure="EN-STORE-FULL"), limits()).result is Result.GOOD


class TestOutages:
    def test_within_the_budget_are_good(self) -> None:
        """A quiet year."""
        assert check_time.minor_outages(outages(), limits()).result is Result.GOOD
        assert check_time.major_outages(outages((30, 100)), limits()).result is Result.GOOD

    def test_that_use_it_up_are_told(self) -> None:
        """The next one is one too many."""
        assert check_time.minor_outages(outages((5, 3)), limits()).result is Result.WARNED

    def test_beyond_it_are_violated(self) -> None:
        """Twice in a month is more than the scheme's advice has."""
        assert check_time.minor_outages(outages((5, 3), (5, 9)), limits()).result is Result.VIOLATED
        assert check_time.major_outages(outages((30, 3), (30, 9), (30, 300)), limits()).result is Result.VIOLATED

    def test_of_long_ago_do_not_count(self) -> None:
        """The window rolls."""
        assert check_time.minor_outages(outages((5, 31), (5, 40)), limits()).result is Result.GOOD

    def test_that_lasts_is_a_major_one_from_its_sixteenth_minute(self) -> None:
        """Nobody waits for its end to call it long."""
        lasting = Outage(part="switchboard", began_at=NOON - timedelta(minutes=16))
        facts = OutageFacts(at=NOON, outages=(lasting,) * 3, watched_from=None)
        assert check_time.major_outages(facts, limits()).result is Result.VIOLATED


class TestTimeouts:
    @pytest.mark.parametrize(("out_s", "in_s", "result"), [(60, 10, Result.GOOD), (61, 10, Result.WARNED),
                                                           (60, 11, Result.WARNED)])  # fmt: skip
    def test_that_are_too_long_warn(self, out_s: float, in_s: float, result: Result) -> None:
        """A doctor gives up sooner than that."""
        assert check_time.timeouts(TimeoutFacts(query_out_s=out_s, query_in_s=in_s), limits()).result is result


class TestAnswers:
    @pytest.mark.parametrize(("p95_s", "result"), [(2.9, Result.GOOD), (3.1, Result.WARNED), (None, Result.UNKNOWN)])
    def test_that_come_late_warn(self, p95_s: float | None, result: Result) -> None:
        """Who asks at night waits for our system."""
        facts = MessageFacts(window_s=86400, handled=9, answers=9, p95_s=p95_s)
        assert check_time.latency(facts, limits()).result is result

    @pytest.mark.parametrize(("missing", "result"), [(1, Result.GOOD), (2, Result.VIOLATED)])
    def test_that_do_not_come_turn_the_check(self, missing: int, result: Result) -> None:
        """One in a hundred is a hiccup; two is a system that is not there."""
        facts = MessageFacts(window_s=86400, handled=100, answers=100 - missing, unanswered=missing)
        assert check_time.unanswered(facts, limits()).result is result


class TestMessages:
    RULE = staticmethod(check_time.of_messages(check_catalogue.load()["interaction-registered"]))

    def test_without_a_finding_are_good(self) -> None:
        """Of so many."""
        facts = MessageFacts(window_s=86400, handled=12, refused={"EN-TOKEN-MISSING": 1})
        assert self.RULE(facts, limits()).result is Result.GOOD

    def test_that_were_turned_away_unread_are_told_of(self) -> None:
        """It was all that came, and nobody judged a message since."""
        facts = MessageFacts(window_s=86400, handled=0, refused={"EN-INTERACTION-UNQUALIFIED": 1})
        outcome = self.RULE(facts, limits())
        assert (outcome.result, outcome.value) == (Result.WARNED, "1 of 1 in 24 h")

    def test_that_were_refused_are_told_of(self) -> None:
        """The message did no harm; that a system sends such ones must be known."""
        facts = MessageFacts(window_s=86400, handled=12, refused={"EN-INTERACTION-UNQUALIFIED": 3})
        outcome = self.RULE(facts, limits())
        assert (outcome.result, outcome.value) == (Result.WARNED, "3 of 12 in 24 h")

    def test_that_did_not_come_say_nothing(self) -> None:
        """A quiet Sunday is no proof of anything."""
        assert self.RULE(MessageFacts(window_s=86400, handled=0), limits()).result is Result.UNKNOWN
