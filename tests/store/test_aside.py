"""A message that cannot be read leaves the line; everything else goes on."""

import sqlite3
from pathlib import Path

import pytest

from edge_node.model.keeping import Admitted, Known
from edge_node.model.lifecycle import Event
from edge_node.store import admission
from edge_node.store.aside import set_aside
from tests.store.logged import told
from tests.store.shelf import ANSWER, Shelf, push


@pytest.fixture
def shelf(tmp_path: Path):
    shelf = Shelf(tmp_path / "state" / "store.db")
    yield shelf
    shelf.close()


def counted(shelf: Shelf) -> dict[str, int]:
    return {count.state.value: count.messages for count in shelf.reader.overview().counts}


def cells(shelf: Shelf, name: str) -> list[object]:
    return [row[0] for row in shelf.session.execute("SELECT value FROM set_aside_cells WHERE name = ?", (name,))]


def spoil(shelf: Shelf, uid: str, column: str, value: object) -> None:
    """Change a row as no step of ours does."""
    shelf.session.execute(f"UPDATE messages SET {column} = ? WHERE uid = ?", (value, uid))


class TestSetAside:
    @pytest.mark.parametrize(
        "damage",
        [
            "DELETE FROM bodies WHERE seq = 1",
            "UPDATE messages SET state = 'FLOATING' WHERE seq = 1",
            "UPDATE messages SET receiver = CAST(x'ff31' AS TEXT) WHERE seq = 1",
            "UPDATE messages SET interaction = 'nonsense' WHERE seq = 1",
        ],
    )
    def test_one_odd_message_stops_neither_the_claim_nor_its_lane(self, shelf: Shelf, damage: str) -> None:
        """One bad row on the disk must not keep a practice's letters from going out."""
        shelf.kept(push(1))
        behind, other = shelf.kept(push(2)), shelf.kept(push(3, order="x"))
        shelf.session.execute(damage)
        shelf.lease()
        leased = {entry.uid for entry in [*shelf.lease()]} | {
            uid for uid in (behind, other) if shelf.state(uid) == "IN_FLIGHT"
        }
        assert leased == {behind, other}
        assert shelf.reader.overview().set_aside == 1

    def test_its_bytes_are_kept_as_they_are(self, shelf: Shelf) -> None:
        """What one release cannot read, a person or the next release may."""
        uid = shelf.kept(push(1))
        before = shelf.session.execute("SELECT body FROM bodies").fetchone()[0]
        spoil(shelf, uid, "state", "FLOATING")
        shelf.lease()
        assert (cells(shelf, "body"), cells(shelf, "state")[:1]) == ([before], ["FLOATING"])
        assert (shelf.count("messages"), shelf.count("bodies")) == (0, 0)

    def test_the_counters_go_with_it(self, shelf: Shelf) -> None:
        """A figure that drifts hides a stuck queue."""
        uid = shelf.kept(push(1))
        spoil(shelf, uid, "state", "FLOATING")
        shelf.lease()
        assert counted(shelf) == {}

    def test_it_is_in_the_access_log(self, shelf: Shelf) -> None:
        """Who asks what became of a message finds it there."""
        uid = shelf.kept(push(1))
        spoil(shelf, uid, "state", "FLOATING")
        shelf.lease()
        line = told(shelf.session, "event.type", "correlation.message", "event.code")[-1]
        assert line == ("set aside", "2.16.840.1.113883.2.4.6.6.1.1/1", "KEPT")

    def test_what_is_shown_names_it_and_says_why(self, shelf: Shelf) -> None:
        """Staff ask its sender to send it again; for that they must know which one it is."""
        uid = shelf.kept(push(1))
        shelf.session.execute("DELETE FROM bodies")
        shelf.lease()
        found = shelf.reader.set_aside(10)[0]
        assert (found.uid, found.why, found.state, found.unknown) == (uid, "body: missing", "KEPT", False)

    def test_its_place_is_never_given_to_another(self, shelf: Shelf) -> None:
        """The parts a damaged page does not let go would become those of a stranger's message."""
        shelf.kept(push(1))
        shelf.session.execute("DELETE FROM bodies")
        shelf.lease()
        shelf.kept(push(2))
        assert shelf.session.execute("SELECT seq FROM messages").fetchall() == [(2,)]

    def test_its_bytes_go_when_their_time_is_over(self, shelf: Shelf) -> None:
        """They are about a patient: kept as long as a dead letter, and no longer."""
        shelf.kept(push(1))
        shelf.session.execute("UPDATE messages SET state = 'FLOATING'")
        shelf.lease()
        shelf.clock.advance(31 * 86_400)
        shelf.prune()
        found = shelf.reader.set_aside(10)[0]
        assert (shelf.count("set_aside_cells"), found.has_bytes) == (0, False)

    def test_a_start_sets_aside_what_was_in_flight(self, shelf: Shelf) -> None:
        """The machine must come up, whatever one row says."""
        entry = shelf.leased(push(1))
        spoil(shelf, entry.uid, "uid", "\x00")
        shelf.session.execute("UPDATE messages SET lane = x'', state = 'IN_FLIGHT', direction = 'out'")
        shelf.restart()
        assert shelf.kept(push(2))


class TestACopy:
    def test_makes_good_what_was_lost(self, shelf: Shelf) -> None:
        """Its sender has the bytes yet: sent again, the message goes after all."""
        uid = shelf.kept(push(1))
        shelf.session.execute("DELETE FROM bodies")
        shelf.lease()
        again = shelf.kept(push(1))
        assert [entry.uid for entry in shelf.lease()] == [again]
        assert (shelf.reader.overview().set_aside, shelf.reader.set_aside(1)[0].replaced_by) == (0, again)
        assert uid != again

    def test_says_that_the_first_one_may_have_arrived(self, shelf: Shelf) -> None:
        """It was under way once: the other side must be able to recognise the second."""
        shelf.put_back(shelf.leased(push(1)), unknown=True, after_s=0)
        shelf.session.execute("DELETE FROM bodies")
        shelf.lease()
        shelf.kept(push(1))
        assert [entry.unknown for entry in shelf.lease()] == [True]

    def test_of_one_that_was_delivered_is_not_delivered_again(self, shelf: Shelf) -> None:
        """What cannot be read now was delivered: a second prescription would be worse than an error."""
        entry = shelf.leased(push(1))
        shelf.settle(entry, Event.ACKNOWLEDGED)
        shelf.do(lambda session: set_aside(session, 1, "row: invented", shelf.at))
        assert shelf.keep(push(1)) == Known(uid=entry.uid, answer=None, code="EN-SET-ASIDE")

    def test_gets_the_first_answer_where_there_was_one(self, shelf: Shelf) -> None:
        """A sender that asks again hears what it heard."""
        entry = shelf.leased(push(1))
        shelf.do(lambda session: admission.answered(session, entry.uid, ANSWER))
        shelf.settle(entry, Event.ACKNOWLEDGED)
        shelf.do(lambda session: set_aside(session, 1, "row: invented", shelf.at))
        assert shelf.keep(push(1)) == Known(uid=entry.uid, answer=ANSWER)

    def test_of_one_nobody_can_tell_the_state_of_is_not_delivered(self, shelf: Shelf) -> None:
        """Without a state and a history it may have been delivered."""
        uid = shelf.kept(push(1))
        spoil(shelf, uid, "state", "FLOATING")
        shelf.session.execute("DELETE FROM history")
        shelf.lease()
        assert shelf.keep(push(1)) == Known(uid=uid, answer=None, code="EN-SET-ASIDE")


class TestTheEndOfAHandover:
    def test_of_a_message_set_aside_meanwhile_is_noted(self, shelf: Shelf) -> None:
        """It arrived: a copy must not go after it."""
        entry = shelf.leased(push(1))
        shelf.do(lambda session: set_aside(session, 1, "row: invented", shelf.at))
        shelf.settle(entry, Event.ACKNOWLEDGED)
        assert isinstance(shelf.keep(push(1)), Known)

    def test_that_failed_lets_a_copy_go(self, shelf: Shelf) -> None:
        """Nothing arrived for certain: its sender may send it again."""
        entry = shelf.leased(push(1))
        shelf.do(lambda session: set_aside(session, 1, "row: invented", shelf.at))
        shelf.put_back(entry)
        assert isinstance(shelf.keep(push(1)), Admitted)


class TestADamagedPage:
    def test_of_one_body_sets_one_message_aside(self, tmp_path: Path) -> None:
        """A bad sector under one letter must not stop the others."""
        shelf, uids = with_large_bodies(tmp_path / "store.db")
        overwrite_page(shelf, first_overflow_page(shelf, 2))
        leased = lease_all(shelf)
        assert set(leased) == {uids[0], uids[2]}
        assert [each.uid for each in shelf.reader.set_aside(10)] == [uids[1]]
        shelf.die()


def with_large_bodies(path: Path) -> tuple[Shelf, list[str]]:
    shelf = Shelf(path)
    uids = [shelf.kept(push(number, order=str(number), body=b"<m>" + b"x" * 200_000)) for number in (1, 2, 3)]
    shelf.session.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return shelf, uids


def first_overflow_page(shelf: Shelf, seq: int) -> int:
    """The page where the second part of a body begins, as SQLite says itself."""
    shelf.die()
    other = sqlite3.connect(shelf.path)
    try:
        found = other.execute(
            "SELECT pageno FROM dbstat WHERE name = 'bodies' AND pagetype = 'overflow' ORDER BY path"
        ).fetchall()
    finally:
        other.close()
        shelf.open()
    return int(found[(seq - 1) * len(found) // 3 + 1][0])


def overwrite_page(shelf: Shelf, page: int) -> None:
    """What a bad sector leaves: a chain of pages that leads nowhere."""
    shelf.die()
    with shelf.path.open("r+b") as file:
        file.seek((page - 1) * 16384)
        file.write(b"\xff" * 16384)
    shelf.open()


def lease_all(shelf: Shelf) -> list[str]:
    return [entry.uid for _ in range(3) for entry in shelf.lease()]
