"""Bytes get the seal of today, and keys whose time is over are destroyed."""

import json
import os
from pathlib import Path

import pytest

from edge_node.model.keeping import Known
from edge_node.model.lifecycle import Event
from edge_node.store import admission, copies, resealing
from edge_node.store.aside import set_aside
from edge_node.store.bodies import get
from edge_node.store.surroundings import Retention
from tests.store.shelf import ANSWER, Shelf, push

DAY_S = 86_400
LIMIT = 3


@pytest.fixture
def shelf(tmp_path: Path):
    shelf = Shelf(tmp_path / "store.db")
    shelf.session.retention = Retention(day_key_s=10 * DAY_S, memory_s=60 * DAY_S)
    yield shelf
    shelf.close()


def old(shelf: Shelf, count: int) -> None:
    """What a release before sealing left behind: bodies, first answers, and the end of one."""
    entry = shelf.leased(push(1))
    shelf.settle(entry, Event.ACKNOWLEDGED, answer=ANSWER)
    for number in range(2, count + 1):
        shelf.keep(push(number), answer=ANSWER)
    shelf.begin(push(count + 1, order="other"))
    passed_on = push(count + 1, order="other")
    shelf.do(lambda session: admission.finish(session, passed_on, ANSWER, shelf.at))
    for seq, payload in [
        (seq, get(shelf.session, seq)) for (seq,) in shelf.session.execute("SELECT seq FROM bodies")
    ]:
        assert payload is not None
        values = (payload.path, payload.soap_action, payload.content_type, payload.body, seq)
        shelf.session.execute(
            """UPDATE bodies SET path = ?, soap_action = ?, content_type = ?, body = ?, format = 'soap',
               method = 'POST', headers = '[]', key = NULL WHERE seq = ?""",
            values,
        )
    plain = (ANSWER.status, ANSWER.content_type, json.dumps(ANSWER.headers), ANSWER.body)
    shelf.session.execute(
        "UPDATE answers SET status = ?, content_type = ?, headers = ?, body = ?, key = NULL, owner = NULL", plain
    )


def work(shelf: Shelf) -> int:
    """Do all there is to do, a little at a time; return in how many steps."""
    done = 0
    while sum(shelf.do(lambda session, step=step: step(session, LIMIT, shelf.at)) for step in STEPS):
        done += 1
    return done


STEPS = (resealing.seal_bodies, resealing.seal_answers, resealing.reseal)


class TestOldBytes:
    def test_are_read_as_they_are(self, shelf: Shelf) -> None:
        """The first start of this release delivers what the one before it kept."""
        old(shelf, 3)
        assert [entry.payload for entry in shelf.lease()] == [push(2).payload]
        known = shelf.keep(push(2))
        assert isinstance(known, Known)
        assert known.answer == ANSWER

    def test_are_sealed_a_little_at_a_time(self, shelf: Shelf) -> None:
        """A million of them must not hold up one sender."""
        old(shelf, 10)
        assert work(shelf) >= 10 / LIMIT
        assert shelf.do(resealing.is_all_sealed)
        assert shelf.do(lambda session: get(session, 4)) == push(4).payload
        known = [shelf.keep(push(number)) for number in (1, 2, 7)]
        assert [each.answer for each in known if isinstance(each, Known)] == [ANSWER] * 3

    def test_of_a_push_that_was_passed_on_are_sealed_too(self, shelf: Shelf) -> None:
        """It was not kept, so only its id says whose the answer is."""
        old(shelf, 2)
        work(shelf)
        known = shelf.begin(push(3, order="other"))
        assert isinstance(known, Known)
        assert known.answer == ANSWER

    def test_are_in_no_page_afterwards(self, shelf: Shelf) -> None:
        """Also not in those that are free now."""
        old(shelf, 10)
        work(shelf)
        shelf.session.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert b"<message>" not in shelf.path.read_bytes()

    def test_go_on_being_sealed_after_a_kill(self, shelf: Shelf) -> None:
        """How far it was is in the same commit."""
        old(shelf, 10)
        for step in STEPS:
            shelf.do(lambda session, step=step: step(session, LIMIT, shelf.at))
        shelf.restart()
        work(shelf)
        assert shelf.do(resealing.is_all_sealed)

    def test_of_nobody_are_removed(self, shelf: Shelf) -> None:
        """Without an owner nobody can ask for them, and nothing could bind a seal."""
        old(shelf, 2)
        shelf.session.execute(
            "INSERT INTO answers (status, content_type, headers, body) VALUES (200, '', '[]', x'00')"
        )
        shelf.session.execute(
            "INSERT INTO bodies (seq, path, soap_action, content_type, body) VALUES (99, '', '', '', x'00')"
        )
        work(shelf)
        assert shelf.do(resealing.is_all_sealed)
        assert shelf.count("bodies") == 2


class TestKeysThatAreOver:
    def test_are_destroyed(self, shelf: Shelf) -> None:
        """What was removed stays on old blocks of the disk; without its key it is noise."""
        entry = shelf.leased(push(1))
        shelf.settle(entry, Event.ACKNOWLEDGED)
        shelf.clock.advance(12 * DAY_S)
        shelf.prune()
        work(shelf)
        assert shelf.session.execute("SELECT id FROM day_keys").fetchall() == [(2,)]
        assert shelf.session.execute("SELECT count(*) FROM wrapped_keys WHERE key = 1").fetchone() == (0,)

    def test_stay_until_what_they_sealed_is_sealed_anew(self, shelf: Shelf) -> None:
        """A message that waits for weeks is delivered all the same."""
        for number in range(1, 8):
            shelf.keep(push(number, order=str(number), lifetime_s=None), answer=ANSWER)
        shelf.clock.advance(12 * DAY_S)
        shelf.do(lambda session: resealing.reseal(session, LIMIT, shelf.at))
        assert shelf.count("day_keys") == 2
        work(shelf)
        assert shelf.count("day_keys") == 1
        assert [entry.payload for entry in shelf.lease()] == [push(number).payload for number in range(1, 8)]
        known = shelf.keep(push(5, order="5", lifetime_s=None))
        assert isinstance(known, Known)
        assert known.answer == ANSWER

    def test_stay_as_long_as_what_was_set_aside(self, shelf: Shelf) -> None:
        """Bytes kept for a person who may read them yet are worth nothing without their key; then both go."""
        shelf.kept(push(1, lifetime_s=None))
        shelf.do(lambda session: set_aside(session, 1, "row: invented", shelf.at))
        shelf.clock.advance(12 * DAY_S)
        shelf.kept(push(2, lifetime_s=None))
        work(shelf)
        while_kept = shelf.session.execute("SELECT count(*) FROM wrapped_keys WHERE key = 1").fetchone()[0]
        shelf.clock.advance(20 * DAY_S)
        shelf.prune()
        work(shelf)
        left = shelf.session.execute("SELECT count(*) FROM wrapped_keys WHERE key = 1").fetchone()[0]
        assert (while_kept > 0, left) == (True, 0)

    def test_of_days_to_come_go_too(self, shelf: Shelf) -> None:
        """A clock that was a year ahead must not leave a key that is never destroyed."""
        shelf.clock.wall_s += 365 * DAY_S
        uid = shelf.kept(push(1, lifetime_s=None))
        shelf.clock.wall_s -= 365 * DAY_S
        work(shelf)
        assert shelf.count("day_keys") == 1
        assert [entry.uid for entry in shelf.lease()] == [uid]

    def test_never_lend_their_number(self, shelf: Shelf) -> None:
        """A blob that was left behind must not meet another key."""
        shelf.clock.advance(12 * DAY_S)
        work(shelf)
        shelf.clock.advance(12 * DAY_S)
        shelf.do(lambda session: None)
        work(shelf)
        assert shelf.session.execute("SELECT id FROM day_keys").fetchall() == [(3,)]

    def test_do_not_wait_for_what_does_not_open(self, shelf: Shelf) -> None:
        """One damaged blob must not keep a key alive, nor be tried each minute for ever."""
        shelf.keep(push(1, lifetime_s=None), answer=ANSWER)
        shelf.keep(push(2, lifetime_s=None))
        shelf.session.execute("UPDATE bodies SET body = x'0100' WHERE seq = 1")
        shelf.session.execute("UPDATE answers SET body = x'0100'")
        shelf.clock.advance(12 * DAY_S)
        work(shelf)
        assert shelf.count("day_keys") == 1
        assert shelf.count("set_aside") == 1
        assert [entry.message_id.extension for entry in shelf.lease()] == ["2"]


class TestCopies:
    @pytest.fixture
    def copy(self, shelf: Shelf) -> Path:
        copy = shelf.path.with_name("store.db.before-0005")
        copy.write_bytes(b"<message>")
        os.utime(copy, (shelf.clock.wall_s, shelf.clock.wall_s))
        return copy

    def remove(self, shelf: Shelf) -> int:
        return shelf.do(lambda session: copies.remove_old(session, LIMIT, shelf.at))

    def test_go_when_the_new_release_has_proved_itself(self, shelf: Shelf, copy: Path) -> None:
        """It has every body of that day, readable by who finds it."""
        assert self.remove(shelf) == 0
        shelf.clock.advance(8 * DAY_S)
        assert self.remove(shelf) == 1
        assert not copy.exists()

    def test_stay_while_the_store_itself_is_not_sealed(self, shelf: Shelf, copy: Path) -> None:
        """Sealing has trouble: then the copy may be what saves a message."""
        old(shelf, 2)
        shelf.clock.advance(8 * DAY_S)
        assert self.remove(shelf) == 0
        assert copy.exists()

    def test_are_told_from_other_files(self, shelf: Shelf, copy: Path) -> None:
        """Only our own copies are removed."""
        mine = copy.with_name("store.db.before-holiday")
        mine.touch()
        shelf.clock.advance(8 * DAY_S)
        self.remove(shelf)
        assert mine.exists()


class TestLooking:
    def test_costs_nothing_where_all_is_sealed(self, shelf: Shelf) -> None:
        """It is done every few seconds, beside a million messages; only the keys of a month are walked."""
        shelf.keep(push(1), answer=ANSWER)
        ran: list[str] = []
        shelf.session.connection.set_trace_callback(ran.append)
        work(shelf)
        shelf.session.connection.set_trace_callback(None)
        asked = [sql for sql in ran if sql.lstrip().startswith("SELECT")]
        plans = [row[3] for sql in asked for row in shelf.session.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()]
        assert plans
        assert {plan for plan in plans if plan.startswith("SCAN")} <= {"SCAN day_keys"}
