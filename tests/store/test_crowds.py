"""Many messages at once: which ones are meant."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_node.model.identifiers import ApplicationId, Bsn, InteractionId
from edge_node.model.lifecycle import Event, State
from edge_node.model.message import Direction
from edge_node.model.overview import Choice, Crowd, Deed, Page, Preview
from edge_node.store import crowds
from tests.store.shelf import Shelf, push

BSNS = ("999911120", "999900092", "999990019", "999990020")
STUCK = frozenset({State.DEAD, State.EXPIRED})


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "store.db")
    yield shelf
    shelf.close()


def dead(shelf: Shelf, number: int, code: str = "RTUDEST", **other: object) -> str:
    entry = shelf.leased(push(number, patient=Bsn(BSNS[number % 4]), **other))
    shelf.settle(entry, Event.REFUSED_FOR_GOOD, code)
    return entry.uid


def expired(shelf: Shelf, number: int) -> str:
    uid = shelf.kept(push(number, patient=Bsn(BSNS[number % 4]), lifetime_s=0))
    shelf.expire()
    return uid


def preview(shelf: Shelf, choice: Choice, states: frozenset[State] = STUCK) -> Preview:
    return shelf.reader.look(lambda on, at: crowds.preview(on, Crowd(choice=choice, states=states), at))


def meant(choice: Choice, seen: Preview) -> Crowd:
    return Crowd(choice=choice, states=STUCK, through=seen.through, seen_at=seen.seen_at)


def page(shelf: Shelf, crowd: Crowd, after: int = 0, limit: int = 100) -> Page:
    return shelf.reader.look(lambda on, at: crowds.rows(on, crowd, (after, limit), at))


class TestPreview:
    def test_counts_what_is_meant_and_shows_a_few(self, shelf: Shelf) -> None:
        """A person sees what the command would touch, before it does."""
        uids = [dead(shelf, number) for number in range(1, 6)]
        shelf.clock.advance(60)
        found = preview(shelf, Choice())
        assert (found.messages, [row.uid for row in found.examples]) == (5, uids[:3])
        assert (found.oldest_s, found.newest_s) == (60, 60)

    @pytest.mark.parametrize(
        "choice",
        [
            Choice(direction=Direction.IN),
            Choice(receiver="401"),
            Choice(interaction="PORX_IN932000NL"),
            Choice(code="SYN105"),
            Choice(state=State.EXPIRED),
            Choice(older_s=3600),
            Choice(younger_s=60),
        ],
    )
    def test_leaves_out_what_differs_in_one_column(self, shelf: Shelf, choice: Choice) -> None:
        """Each column that is named must hold: a wider net than asked for could discard a prescription."""
        dead(shelf, 1)
        shelf.clock.advance(600)
        assert preview(shelf, choice).messages == 0

    def test_says_how_far_it_saw(self, shelf: Shelf) -> None:
        """What arrives while a person reads the question is not meant by the answer."""
        dead(shelf, 1)
        seen = preview(shelf, Choice()).through
        dead(shelf, 2)
        assert len(page(shelf, Crowd(choice=Choice(), states=STUCK, through=seen)).seqs) == 1

    def test_ages_are_counted_from_the_moment_of_the_look(self, shelf: Shelf) -> None:
        """While a person reads for ten minutes, ten minutes' worth of messages grow old enough; nobody saw those."""
        dead(shelf, 1)
        shelf.clock.advance(600)
        dead(shelf, 2)
        shelf.clock.advance(400)
        choice = Choice(older_s=900)
        seen = preview(shelf, choice)
        shelf.clock.advance(600)
        assert seen.messages == len(page(shelf, meant(choice, seen)).seqs) == 1

    def test_does_not_mean_what_fails_after_it(self, shelf: Shelf) -> None:
        """It waited when the question was read, so its end was not among those that were counted."""
        entry = shelf.leased(push(1))
        dead(shelf, 2)
        seen = preview(shelf, Choice())
        shelf.clock.advance(1)
        shelf.settle(entry, Event.REFUSED_FOR_GOOD, "RTUDEST")
        assert (seen.messages, page(shelf, meant(Choice(), seen)).seqs) == (1, (2,))

    def test_counts_what_was_so_at_its_moment(self, shelf: Shelf) -> None:
        """The look itself comes a little later than the moment it tells: both must mean the same ones."""
        dead(shelf, 1)
        before = shelf.at
        shelf.clock.advance(1)
        dead(shelf, 2)
        crowd = Crowd(choice=Choice(), states=STUCK)
        assert shelf.reader.look(lambda on, _: crowds.preview(on, crowd, before)).messages == 1

    def test_of_nothing_is_nothing(self, shelf: Shelf) -> None:
        """An empty queue is no error."""
        assert (preview(shelf, Choice()).messages, preview(shelf, Choice()).examples) == (0, ())


class TestPages:
    def test_hold_every_state_in_the_order_of_arrival(self, shelf: Shelf) -> None:
        """Two messages about one patient are done in their order, also when one expired and the other was refused."""
        uids = [dead(shelf, 1), expired(shelf, 2), dead(shelf, 3)]
        assert [row.uid for row in page(shelf, Crowd(choice=Choice(), states=STUCK)).rows] == uids

    def test_go_on_where_the_last_one_ended(self, shelf: Shelf) -> None:
        """A hundred thousand are taken a part at a time, none twice and none forgotten."""
        uids = [dead(shelf, number) for number in range(1, 6)]
        crowd = Crowd(choice=Choice(), states=STUCK)
        first = page(shelf, crowd, 0, 3)
        second = page(shelf, crowd, first.following or 0, 3)
        assert [row.uid for row in (*first.rows, *second.rows)] == uids
        assert second.following is None

    def test_are_found_without_walking_what_is_over(self, shelf: Shelf) -> None:
        """A year of delivered messages must not stand between an operator and the twelve that wait."""
        values = ("out", "DEAD", 0, 100, None, None, None, None, None, 1.0, 10)
        plan = shelf.session.execute(f"EXPLAIN QUERY PLAN {crowds._SEQS}", values).fetchall()
        assert [row[3] for row in plan if row[3].startswith("SEARCH")] == [
            "SEARCH messages USING INDEX messages_state (direction=? AND state=? AND seq>? AND seq<?)",
            "SEARCH history USING PRIMARY KEY (seq=?)",
        ]


class TestStates:
    def test_of_a_deed_are_those_of_the_lifecycle(self) -> None:
        """The table decides what can be done, not a second list."""
        assert Deed.RETRY.states == {State.WAITING, State.HELD, State.EXPIRED, State.DEAD}
        assert Deed.RELEASE.states == {State.HELD}

    def test_other_receivers_and_kinds_are_told_apart(self, shelf: Shelf) -> None:
        """One pharmacy that moved is no reason to touch what goes to others."""
        dead(shelf, 1)
        other = dead(shelf, 2, receiver=ApplicationId("401"), interaction=InteractionId("PORX_IN932000NL"))
        chosen = Crowd(choice=Choice(receiver="401", interaction="PORX_IN932000NL"), states=STUCK)
        assert [row.uid for row in page(shelf, chosen).rows] == [other]
