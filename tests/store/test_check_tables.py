"""What is remembered of checks: since when, what people declared, what was out of order."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_node.model.check import Attestation, Result, Waiver
from edge_node.model.check_memory import Change
from edge_node.store import check_book, check_tables, outage_tables

from .shelf import Shelf

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WAIVER = Waiver(
    check="disk-space", owner="A. Beheerder", reason="larger disk is ordered", until=NOON + 9 * HOUR, given_at=NOON
)
ATTESTATION = Attestation(
    check="user-review", owner="B. Manager", statement="all reviewed", made_at=NOON, until=NOON + 99 * HOUR
)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "store.db")
    yield shelf
    shelf.close()


def change(result: Result, at: datetime = NOON, name: str = "disk-space") -> Change:
    return Change(check=name, at=at, result=result, value="4 %")


def write(shelf: Shelf, *changes: Change) -> None:
    for each in changes:
        shelf.do(lambda session, each=each: check_tables.add_change(session, each))


class TestAStoreOfANewerRelease:
    def test_has_results_that_are_unknown_here(self, shelf: Shelf) -> None:
        """A release that is put back must look on: it cannot tell what it does not know, and nothing else."""
        write(shelf, change(Result.GOOD))
        shelf.do(lambda session: session.execute("UPDATE check_history SET result = 'excellent'"))
        last = shelf.do(lambda session: check_tables.memory(session.connection)).last
        assert last["disk-space"].result is Result.UNKNOWN


class TestHistory:
    def test_says_since_when_after_a_restart(self, shelf: Shelf) -> None:
        """An auditor asks since when the disk is full, not since when the daemon runs."""
        write(shelf, change(Result.GOOD), change(Result.VIOLATED, NOON + HOUR))
        shelf.restart()
        last = check_tables.memory(shelf.session.connection).last["disk-space"]
        assert (last.result, last.at) == (Result.VIOLATED, NOON + HOUR)

    def test_gives_the_newest_first(self, shelf: Shelf) -> None:
        """Who looks at a check wants to see what happened last."""
        write(shelf, change(Result.GOOD), change(Result.VIOLATED), change(Result.GOOD, name="clock-offset"))
        found = check_tables.history(shelf.session.connection, "disk-space", 10)
        assert [one.result for one in found] == [Result.VIOLATED, Result.GOOD]

    def test_keeps_the_last_change_for_ever(self, shelf: Shelf) -> None:
        """A check that was good for six years is good since then, not since nobody knows when."""
        write(shelf, change(Result.VIOLATED), change(Result.GOOD, NOON + HOUR))
        shelf.do(lambda session: check_tables.prune(session, NOON + 9 * HOUR))
        assert check_tables.history(shelf.session.connection, "disk-space", 10) == (change(Result.GOOD, NOON + HOUR),)


class TestWhatPeopleDeclare:
    def test_comes_back_as_it_was(self, shelf: Shelf) -> None:
        """The report shows who answers for what, in his own words."""
        shelf.do(lambda session: check_tables.add_waiver(session, WAIVER))
        shelf.do(lambda session: check_tables.add_attestation(session, ATTESTATION))
        memory = check_tables.memory(shelf.session.connection)
        assert memory.waivers == {"disk-space": WAIVER}
        assert memory.attestations == {"user-review": ATTESTATION}

    def test_is_gone_when_it_is_taken_back(self, shelf: Shelf) -> None:
        """A waiver that was given by mistake must not last until its end."""
        shelf.do(lambda session: check_tables.add_waiver(session, WAIVER))
        assert shelf.do(lambda session: check_tables.end_waiver(session, "disk-space", NOON + HOUR))
        assert check_tables.memory(shelf.session.connection).waivers == {}

    def test_cannot_be_taken_back_twice(self, shelf: Shelf) -> None:
        """Who takes back what is over is told that there was nothing."""
        shelf.do(lambda session: check_tables.add_waiver(session, WAIVER))
        assert not shelf.do(lambda session: check_tables.end_waiver(session, "disk-space", WAIVER.until))


class TestOutages:
    def test_are_one_while_they_last(self, shelf: Shelf) -> None:
        """A link that is tried a hundred times in a night was down once."""
        shelf.do(lambda session: outage_tables.begin(session, "switchboard", NOON))
        shelf.do(lambda session: outage_tables.begin(session, "switchboard", NOON + HOUR))
        shelf.do(lambda session: outage_tables.end(session, "switchboard", NOON + 2 * HOUR))
        (outage,) = outage_tables.since(shelf.session.connection, NOON)
        assert (outage.began_at, outage.ended_at) == (NOON, NOON + 2 * HOUR)

    def test_of_the_node_itself_are_seen_at_its_start(self, shelf: Shelf) -> None:
        """A machine that lay in the dark for a night cannot say so while it does."""
        shelf.do(lambda session: outage_tables.alive(session, NOON))
        shelf.do(lambda session: outage_tables.begin(session, "switchboard", NOON - HOUR))
        outage = shelf.do(lambda session: check_book._begun(session, NOON + 8 * HOUR, 300.0))
        assert outage is not None
        assert (outage.part, outage.ended_at) == ("node", NOON + 8 * HOUR)
        ended = {one.part: one.ended_at for one in outage_tables.since(shelf.session.connection, NOON)}
        assert ended["switchboard"] == NOON

    def test_of_the_node_are_none_for_a_short_restart(self, shelf: Shelf) -> None:
        """An update that took a minute is not an outage."""
        shelf.do(lambda session: outage_tables.alive(session, NOON))
        assert shelf.do(lambda session: check_book._begun(session, NOON + timedelta(seconds=60), 300.0)) is None
