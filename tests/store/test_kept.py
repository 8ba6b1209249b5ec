"""Whether what is kept is whole, goes in time and not too soon: seen in a real store, judged by the rule."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_node.looking_at_kept import seen_span
from edge_node.model.check import Outcome, Result
from edge_node.model.facts_kept import BodiesKept, MemoryKept, RoomSeen
from edge_node.policy import check_kept
from edge_node.store import kept
from tests.policy.check_limits import limits

from .shelf import Shelf, push

DAY = timedelta(days=1)
HOUR_S = 3600.0


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "store.db")
    shelf.keep(push())
    yield shelf
    shelf.close()


def now(shelf: Shelf) -> datetime:
    return datetime.fromtimestamp(shelf.clock.now(), UTC)


def run(shelf: Shelf, sql: str) -> None:
    shelf.do(lambda session: session.execute(sql))


class TestLogContent:
    def judged(self, shelf: Shelf) -> Outcome:
        return check_kept.log_content(kept.content(shelf.session.connection, 100), {})

    def test_of_every_line_is_whole(self, shelf: Shelf) -> None:
        """As the node writes them."""
        assert self.judged(shelf).result is Result.GOOD

    @pytest.mark.parametrize(
        "bend",
        [
            "replace(record, '\"event.result\"', '\"event.gone\"')",
            "'garbage'",
            "json_set(record, '$.missing', json('[\"user.name\"]'))",
        ],
    )
    def test_that_lacks_something_turns_the_check(self, shelf: Shelf, bend: str) -> None:
        """A line that does not say what was done tells a patient nothing."""
        run(shelf, f"UPDATE log_records SET record = {bend} WHERE seq = 2")
        outcome = self.judged(shelf)
        assert (outcome.result, outcome.evidence[0][0]) == (Result.VIOLATED, "line 2")

    def test_of_the_release_before_is_as_it_was_written_then(self, shelf: Shelf) -> None:
        """Nobody can fill in afterwards what was not asked then."""
        run(shelf, 'UPDATE log_records SET record = \'{"taken_up": "journal 1"}\' WHERE seq = 2')
        assert self.judged(shelf).result is Result.GOOD


class TestLogSpan:
    def judged(self, shelf: Shelf, years: int = 5) -> Outcome:
        return check_kept.log_retention(seen_span(shelf.path, years, now(shelf)), {})

    def test_from_the_first_line_on_is_good(self, shelf: Shelf) -> None:
        """A young log is a whole one."""
        assert self.judged(shelf).result is Result.GOOD

    def test_for_less_than_five_years_turns_the_check(self, shelf: Shelf) -> None:
        """A patient may ask as long as that."""
        assert self.judged(shelf, years=4).result is Result.VIOLATED

    def test_of_which_the_beginning_is_gone_turns_the_check(self, shelf: Shelf) -> None:
        """Somebody removed what he did not like."""
        run(shelf, "UPDATE log_segments SET first = 2")
        assert self.judged(shelf).result is Result.VIOLATED

    def test_may_begin_five_years_ago(self, shelf: Shelf) -> None:
        """What is older has been pruned, as it must."""
        run(shelf, "UPDATE log_segments SET first = 2")
        shelf.clock.advance(5 * 366 * DAY.total_seconds())
        assert self.judged(shelf).result is Result.GOOD

    def test_of_which_a_file_is_gone_turns_the_check(self, shelf: Shelf) -> None:
        """Files are easily lost when a machine is moved."""
        run(shelf, "UPDATE log_segments SET state = 'filed', file = 'log-000001-00.ndjson', last = 2, ended = 0.0")
        outcome = self.judged(shelf)
        assert (outcome.result, outcome.evidence[1][1]) == (Result.VIOLATED, "log-000001-00.ndjson")


class TestBodies:
    def judged(self, shelf: Shelf, *, is_waiting: bool = False) -> Outcome:
        before = now(shelf) - timedelta(hours=1)
        overdue, oldest = kept.overdue(shelf.session.connection, before)
        facts = BodiesKept(overdue=overdue, oldest=oldest, at=now(shelf), is_waiting=is_waiting)
        return check_kept.bodies(facts, limits())

    def test_whose_time_is_not_over_are_good(self, shelf: Shelf) -> None:
        """A message that waits is kept for as long as it does."""
        assert self.judged(shelf).result is Result.GOOD

    @pytest.mark.parametrize(("is_waiting", "result"), [(False, Result.VIOLATED), (True, Result.WARNED)])
    def test_that_should_be_gone_turn_the_check(self, shelf: Shelf, is_waiting: bool, result: Result) -> None:
        """Clearing up fails, and medical data stay for years."""
        run(shelf, f"UPDATE messages SET body_until = {shelf.clock.now()}")
        shelf.clock.advance(2 * HOUR_S)
        assert self.judged(shelf, is_waiting=is_waiting).result is result


class TestMemories:
    def judged(self, shelf: Shelf, days: int = 30) -> Outcome:
        ended, forgotten = kept.forgotten(shelf.session.connection, now(shelf) - days * DAY, 100)
        facts = MemoryKept(memory_s=days * DAY.total_seconds(), ended=ended, forgotten=forgotten)
        return check_kept.message_memory(facts, limits())

    @pytest.fixture
    def shelf(self, shelf: Shelf) -> Shelf:
        """With a message that ended."""
        run(shelf, f"UPDATE messages SET ended_at = {shelf.clock.now()}")
        return shelf

    def test_of_what_ended_are_there(self, shelf: Shelf) -> None:
        """A copy of yesterday's referral is recognised today."""
        assert self.judged(shelf).value == "30 d; 0 of 1 forgotten"

    def test_that_are_gone_turn_the_check(self, shelf: Shelf) -> None:
        """A prescription that comes twice is dispensed twice."""
        run(shelf, "DELETE FROM duplicates")
        assert self.judged(shelf).result is Result.VIOLATED

    def test_for_too_few_days_are_told_of(self, shelf: Shelf) -> None:
        """The site chose so; copies may come later than that."""
        assert self.judged(shelf, days=7).result is Result.WARNED


class TestForecast:
    def foretold(self, *free: int, hours: float = 24.0) -> float | None:
        seen = [RoomSeen(number * hours * HOUR_S, bytes_) for number, bytes_ in enumerate(free)]
        return check_kept.days_until_full(seen, 100)

    @pytest.mark.parametrize(
        ("free", "days"),
        [((300, 200), 1.0), ((300, 290), 19.0), ((300, 300), None), ((200, 300), None), ((300,), None)],
    )
    def test_follows_the_pace_of_late(self, free: tuple[int, ...], days: float | None) -> None:
        """From the first to the last; a disk that empties is never full."""
        assert self.foretold(*free) == days

    def test_is_not_made_of_a_few_minutes(self) -> None:
        """While a backup is written every disk is full by tonight."""
        assert self.foretold(300, 200, hours=0.1) is None
