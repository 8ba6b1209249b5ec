"""The queue in figures: kept right by the database itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_node.model.identifiers import ApplicationId
from edge_node.model.lifecycle import Event, State
from edge_node.model.message import Direction
from edge_node.model.overview import AGES_S, By, Cause, Choice, Crowd, Tally
from edge_node.store import interventions, schema, tallies
from tests.store.shelf import Shelf, push

BY = By(who="j.jansen", why="called the pharmacy")
DEAD = Crowd(choice=Choice(), states=frozenset({State.DEAD, State.EXPIRED}))


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "store.db")
    yield shelf
    shelf.close()


def shape(shelf: Shelf, choice: Choice | None = None) -> tuple[Tally, ...]:
    return shelf.reader.look(lambda on, at: tallies.shape(on, choice or Choice(), at))


def counted(shelf: Shelf) -> dict[str, int]:
    return {tally.state.value: tally.messages for tally in shape(shelf)}


def causes(shelf: Shelf, crowd: Crowd = DEAD) -> tuple[Cause, ...]:
    return shelf.reader.look(lambda on, _: tallies.causes(on, crowd))


def refused(shelf: Shelf, number: int, code: str = "RTUDEST", receiver: str = "400") -> str:
    entry = shelf.leased(
        push(number, patient=None, sender=ApplicationId(str(300 + number)), receiver=ApplicationId(receiver))
    )
    shelf.settle(entry, Event.REFUSED_FOR_GOOD, code)
    return entry.uid


class TestShape:
    def test_follows_a_message_through_its_life(self, shelf: Shelf) -> None:
        """Whoever looks at three in the night sees what is so, not what was so this morning."""
        uid = shelf.kept(push(1))
        seen = [counted(shelf)]
        (entry,) = shelf.lease()
        seen.append(counted(shelf))
        shelf.put_back(entry)
        seen.append(counted(shelf))
        shelf.do(lambda session: interventions.discard(session, uid, BY, shelf.at))
        assert [*seen, counted(shelf)] == [{"KEPT": 1}, {"IN_FLIGHT": 1}, {"WAITING": 1}, {}]

    @pytest.mark.parametrize("age", range(1, len(AGES_S)))
    def test_puts_a_message_under_its_age(self, shelf: Shelf, age: int) -> None:
        """A prescription that waits a quarter is another matter than one that came just now."""
        shelf.kept(push(1, lifetime_s=None))
        shelf.clock.advance(AGES_S[age])
        assert [tally.age_s for tally in shape(shelf)] == [AGES_S[age]]

    def test_tells_receivers_apart(self, shelf: Shelf) -> None:
        """One hospital that is down shows at a glance."""
        shelf.kept(push(1))
        shelf.kept(push(2, receiver=ApplicationId("401")))
        shelf.kept(push(3, receiver=ApplicationId("401")))
        assert {tally.receiver: tally.messages for tally in shape(shelf)} == {"400": 1, "401": 2}

    @pytest.mark.parametrize(
        "choice", [Choice(direction=Direction.IN), Choice(state=State.HELD), Choice(receiver="401")]
    )
    def test_holds_what_was_chosen(self, shelf: Shelf, choice: Choice) -> None:
        """A question about one destination gets an answer about it."""
        shelf.kept(push(1))
        assert shape(shelf, choice) == ()

    def test_agrees_with_the_rows_whoever_changed_them(self, shelf: Shelf) -> None:
        """A repair, a restore or an older release writes rows too: none of them can make the figures wrong."""
        shelf.kept(push(1))
        shelf.kept(push(2))
        shelf.session.execute("UPDATE messages SET state = 'HELD' WHERE seq = 1")
        shelf.session.execute("DELETE FROM messages WHERE seq = 2")
        assert counted(shelf) == {"HELD": 1}

    def test_of_nothing_keeps_no_rows(self, shelf: Shelf) -> None:
        """Years of receivers and moments must not pile up."""
        refused(shelf, 1)
        shelf.session.execute("DELETE FROM messages")
        assert shelf.count("tallies") == 0

    def test_counts_what_an_older_release_kept(self, shelf: Shelf, tmp_path: Path) -> None:
        """After an upgrade the first look is right."""
        shelf.kept(push(1))
        statements = list(schema.statements({number: text for number, _, text in schema.steps()}[10]))
        (fill,) = [each for each in statements if each.lstrip().startswith("INSERT")]
        before = shelf.session.execute("SELECT * FROM tallies").fetchall()
        shelf.session.execute("DELETE FROM tallies")
        shelf.session.execute(fill)
        assert shelf.session.execute("SELECT * FROM tallies").fetchall() == before

    def test_walks_no_messages_but_those_in_flight(self, shelf: Shelf) -> None:
        """A million that wait are shown as fast as none."""
        values = {"direction": None, "state": None, "receiver": None, **{f"age{n}": 0 for n in range(1, len(AGES_S))}}
        plans = [
            shelf.session.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
            for sql in (tallies._TALLIES, tallies._IN_FLIGHT)
        ]
        told = [row[3] for plan in plans for row in plan]
        assert "SEARCH messages USING INDEX messages_state (direction=? AND state=?)" in told
        assert not any(step.startswith("SCAN messages") for step in told)


class TestCauses:
    def test_groups_by_code_receiver_and_interaction(self, shelf: Shelf) -> None:
        """Two hundred failures are two problems."""
        uids = [refused(shelf, number) for number in (1, 2, 3)]
        refused(shelf, 4, code="SYN105")
        first, second = causes(shelf)
        assert (first.code, first.messages, first.examples) == ("RTUDEST", 3, (uids[0], uids[2]))
        assert (second.code, second.messages) == ("SYN105", 1)

    def test_tells_since_when(self, shelf: Shelf) -> None:
        """The moment it began often says why."""
        refused(shelf, 1)
        shelf.clock.advance(3600)
        refused(shelf, 2)
        (cause,) = causes(shelf)
        assert (cause.newest - cause.oldest).total_seconds() == 3600

    def test_can_hold_one_cause_or_receiver_only(self, shelf: Shelf) -> None:
        """After the first look people ask further."""
        refused(shelf, 1)
        refused(shelf, 2, receiver="401")
        chosen = Crowd(choice=Choice(code="RTUDEST", receiver="401"), states=DEAD.states)
        assert [cause.receiver for cause in causes(shelf, chosen)] == ["401"]

    def test_are_read_from_an_index_alone(self, shelf: Shelf) -> None:
        """A hundred thousand dead messages are grouped without touching one of them."""
        values = {"direction": "out", "state": "DEAD", "code": None, "receiver": None, "interaction": None}
        (plan,) = shelf.session.execute(f"EXPLAIN QUERY PLAN {tallies._CAUSES}", values).fetchall()
        assert plan[3] == "SEARCH messages USING COVERING INDEX messages_stuck (state=? AND direction=?)"
