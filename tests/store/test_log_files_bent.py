"""Whoever has only the files of a log, and the node's public key, finds out who bent those, and where."""

import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from edge_node.model.log_state import Proof
from edge_node.store import chain, log_sources
from edge_node.store.log_proof import prove
from edge_node.store.node_key import NodePublic
from tests.store.bent import fill
from tests.store.filed import BendFile, a_filed_log, file_all, is_head, lines_of, put, with_line
from tests.store.shelf import Shelf

Where = tuple[str, int, int]
Log = tuple[Path, NodePublic, str]
#: As a record begins in a file.
RECORD = b'{"hash":"' + b"0" * 64 + b'","record":'


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Log:
    path = tmp_path_factory.mktemp("kept") / "store.db"
    return (path, *a_filed_log(path))


@pytest.fixture
def log(kept: Log, tmp_path: Path) -> Log:
    """A copy that a test may bend."""
    shutil.copytree(kept[0].parent, tmp_path / "copy")
    return tmp_path / "copy" / "store.db", kept[1], kept[2]


def files(path: Path) -> list[Path]:
    return sorted(path.with_name("access-log").iterdir())


def proof_of(log: Log, wanted: str = "") -> Proof:
    return prove(log_sources.of_all(log[0], log[0].with_name("access-log")), [log[1]], wanted)


def where(proof: Proof) -> list[Where]:
    return [(each.bend.value, each.first, each.last) for each in proof.found]


def swap(at: int, with_: int) -> BendFile:
    def bend(found: list[Path]) -> None:
        lines = lines_of(found[1])
        lines[at], lines[with_] = lines[with_], lines[at]
        put(found[1], lines)

    return bend


class TestALine:
    @pytest.mark.parametrize(
        ("bend", "told"),
        [
            (with_line(b"\xff\xfe\x00 no text\n"), [("inserted", 120, 120)]),
            (with_line(b"\n\n\n"), [("inserted", 120, 120)]),
            (with_line(b"x" * 3_000_000 + b"\n"), [("inserted", 120, 120)]),
            (with_line(RECORD + b"[" * 100_000 + b"}\n"), [("inserted", 120, 120)]),
            (with_line(RECORD + b'{"prev":"00","seq":1e999}}\n'), [("inserted", 120, 120)]),
            (with_line(RECORD + b'{"prev":"00","seq":' + b"9" * 5000 + b"}}\n"), [("inserted", 120, 120)]),
            (with_line(b'{"head":{"at":"","chain":"","hash":"","key":"","seq":1e999},"signature":""}\n'),
             [("inserted", 120, 120)]),
            (with_line(b'{"head":[1],"signature":""}\n'), [("inserted", 120, 120)]),
        ],
        ids=["bytes", "blank", "long", "deep", "endless", "digits", "endless head", "list"],
    )  # fmt: skip
    def test_that_is_no_record_is_located(self, log: Log, bend: BendFile, told: list[Where]) -> None:
        """Whoever bends a log may write anything into it: the proof goes on, and says after which record."""
        bend(files(log[0]))
        assert where(proof_of(log, log[2])) == told

    @pytest.mark.parametrize(("at", "with_", "moved"), [(20, 30, {121, 131}), (5, 55, {106, 156})])
    def test_that_changed_places_with_another_is_one_of_two(
        self, log: Log, at: int, with_: int, moved: set[int]
    ) -> None:
        """Not all between them: nobody looks into fifty records that are as they were."""
        swap(at, with_)(files(log[0]))
        assert {(bend, first) for bend, first, _ in where(proof_of(log))} == {("moved", each) for each in moved}

    def test_with_a_number_far_away_ends_the_look_all_the_same(self, log: Log) -> None:
        """A record of somebody's own may say any number, and has a hash that fits."""
        text = chain.text({"event.code": "forged", "prev": "00" * 32, "seq": 10**15})
        link = chain.Link(0, chain.next_hash(bytes(32), text), text)
        put(files(log[0])[3], [*lines_of(files(log[0])[3]), chain.line_of(link)])
        only_files = [line for path in files(log[0]) for line in log_sources.of_file(path)]
        assert where(prove(only_files, [log[1]])) == [("changed", 401, 401)]


class TestAFile:
    def test_of_another_node_is_foreign_from_its_first_record_on(self, log: Log, tmp_path: Path) -> None:
        """All of its records follow from each other: that proves nothing here."""
        (tmp_path / "other").mkdir()
        a_filed_log(tmp_path / "other" / "store.db", chances_from=5000)
        shutil.copy(files(tmp_path / "other" / "store.db")[1], files(log[0])[1])
        found = where(proof_of(log))
        assert found[0][:2] == ("rewritten", 101)
        assert {
            seq for bend, first, last in found if bend in {"rewritten", "changed"} for seq in range(first, last + 1)
        } == set(range(101, 201))

    def test_that_is_there_twice_is_too_much_once(self, log: Log) -> None:
        """The first one begins a chain, which must not begin twice."""
        first = files(log[0])[0]
        shutil.copy(first, first.with_name("log-000009-" + first.name[11:]))
        assert where(proof_of(log)) == [("inserted", 1, 100)]

    def test_that_was_put_elsewhere_is_told_as_one(self, log: Log) -> None:
        """A hundred lines about one file are not read."""
        one, two = files(log[0])[1:3]
        aside = one.with_name("aside")
        one.rename(aside)
        two.rename(one)
        aside.rename(two)
        assert len(proof_of(log).found) == 1

    @pytest.mark.parametrize(
        "replace",
        [
            lambda path: path.mkdir(),
            lambda path: path.symlink_to(path),
            lambda path: path.symlink_to("/nowhere/at/all"),
            lambda path: path.symlink_to("/dev/zero"),
            lambda path: os.mkfifo(path),
        ],
        ids=["folder", "loop", "dangling", "device", "pipe"],
    )
    def test_that_is_none_is_named_and_the_rest_looked_at(self, log: Log, replace: Any) -> None:
        """Else one such name would hide what was done to all other files, or keep the node reading for ever."""
        second = files(log[0])[1]
        second.unlink()
        replace(second)
        lines = lines_of(files(log[0])[2])
        lines[20] = lines[20].replace(b'"n', b'"m')
        put(files(log[0])[2], lines)
        proof = proof_of(log)
        assert where(proof) == [("unreadable", 101, 101), ("deleted", 101, 200), ("changed", 221, 221)]
        assert proof.found[0].place == second.name


class TestHeads:
    def test_that_were_taken_out_are_missed(self, log: Log) -> None:
        """Fewer heads make what is rewritten later less closely located."""
        path = files(log[0])[1]
        put(path, [line for line in lines_of(path) if not is_head(line)])
        assert where(proof_of(log)) == [("heads removed", 101, 264)]

    def test_are_not_missed_where_the_site_wants_fewer(self, tmp_path: Path) -> None:
        """The setting may change at any start: that bends nothing."""
        shelf = Shelf(tmp_path / "store.db")
        log: Any = shelf.session.log
        for every in (64, 10, 200, 5):
            log._plan = type(log._plan)(node="post", head_records=every)
            fill(shelf, 250)
        shelf.close()
        lines = log_sources.of_all(shelf.path, shelf.path.with_name("access-log"))
        assert prove(lines, [log.signer.public]).found == ()


class TestChains:
    @pytest.fixture
    def two(self, tmp_path: Path) -> Log:
        """A log of 250 records, sealed off, and another chain of 250."""
        shelf = Shelf(tmp_path / "store.db")
        log: Any = shelf.session.log
        log._plan = type(log._plan)(node="post", segment_records=100)
        fill(shelf, 249)
        shelf.do(lambda session: log.begin_chain(shelf.at.now, "the log was bent"))
        fill(shelf, 250)
        shelf.do(lambda session: log.sign(shelf.at.now))
        file_all(shelf)
        shelf.close()
        return tmp_path / "store.db", log.signer.public, log.published.shown.name

    def test_follow_each_other(self, two: Log) -> None:
        """Two chains are one log."""
        assert where(proof_of(two, two[2])) == []

    def test_of_which_the_first_is_gone_are_not_whole(self, two: Log) -> None:
        """Nothing but the second says that there was one."""
        first = {path.name[11:] for path in files(two[0])[:1]}.pop()
        for path in [each for each in files(two[0]) if each.name.endswith(first)]:
            path.unlink()
        (found,) = where(proof_of(two, two[2]))
        assert found[:2] == ("start cut off", 1)

    def test_of_which_the_first_lost_its_end_are_not_whole(self, two: Log) -> None:
        """It ends with a head, as a whole one does: the next one names a later record."""
        files(two[0])[2].unlink()
        assert where(proof_of(two, two[2])) == [("deleted", 201, 252)]

    def test_begin_with_something_signed(self, log: Log) -> None:
        """Else a record of somebody's own, in the midst of a chain, would begin another one."""
        text = chain.text(
            {"event.code": "chain begun", "event.details": [["chain", "00" * 8]], "prev": "00" * 32, "seq": 121}
        )
        link = chain.Link(121, chain.next_hash(bytes(32), text), text)
        with_line(chain.line_of(link))(files(log[0]))
        assert where(proof_of(log)) == [("inserted", 121, 121)]


class TestTheStore:
    def test_with_another_idea_of_its_segments_is_told(self, log: Log) -> None:
        """Which records are leftovers is what the table of segments says: a bent one hides nothing."""
        with sqlite3.connect(log[0]) as connection:
            connection.execute("UPDATE log_segments SET state = 'full' WHERE number = 2")
        assert where(proof_of(log)) == [("deleted", 101, 200)]
