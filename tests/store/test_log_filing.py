"""A full segment of the access log lies in a file of its own, and every record is somewhere once."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from edge_node.errors import StoreUnavailable
from edge_node.model.log_state import LogWanted
from edge_node.store import log_breaches, log_filing, log_keys, log_reading, log_segments, log_sources
from edge_node.store.log_line import Line
from edge_node.store.log_proof import prove
from edge_node.store.log_reading import Keys
from edge_node.store.surroundings import LogPlan
from tests.store.bent import fill
from tests.store.shelf import OTHER_PATIENT, PATIENT, Shelf, push

YEARS_S = 5 * 366 * 86_400.0


class Logged(Shelf):
    """A store with small segments."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.log._plan = LogPlan(node="post", segment_records=100, retention_s=YEARS_S)

    @property
    def log(self) -> Any:
        return self.session.log

    @property
    def folder(self) -> Path:
        return log_sources.folder_of(self.path)

    def file(self) -> int:
        """File all that is full, and remove the rows."""
        count = 0
        while (full := log_segments.in_state(self.session.connection, "full")) is not None:
            name = log_filing.write(self.session.connection, full, self.folder, lambda _: None)
            self.do(lambda session, of=full, name=name: log_filing.settle(session, of.number, name))
            count += 1
        self.clear()
        return count

    def clear(self) -> None:
        while self.do(lambda session: log_filing.clear(session, 0, self.at)):
            pass

    def found(self) -> list[tuple[str, int, int]]:
        lines = log_sources.of_all(self.path, self.folder)
        return [(each.bend.value, each.first, each.last) for each in prove(lines, [self.log.signer.public]).found]

    def records(self, **wanted: Any) -> list[dict[str, Any]]:
        ring = self.session.sealer.ring
        keys = Keys((ring.master,) if ring.master else (), self.session.key)
        return list(log_reading.read(self.session.connection, self.folder, keys, LogWanted(**wanted)))


@pytest.fixture
def shelf(tmp_path: Path):
    shelf = Logged(tmp_path / "store.db")
    yield shelf
    shelf.close()


class TestFiled:
    def test_every_record_is_there_once(self, shelf: Logged) -> None:
        """One that is in two places, or in none, cannot be explained to an auditor."""
        fill(shelf, 450)
        assert shelf.file() == 4
        seqs = [record["seq"] for record in shelf.records()]
        assert seqs == list(range(1, shelf.log.tip.seq + 1))
        assert shelf.found() == []

    def test_the_database_keeps_the_open_segment_only(self, shelf: Logged) -> None:
        """Five years of log in it would make each backup as large."""
        fill(shelf, 450)
        shelf.file()
        assert shelf.count("log_records") == shelf.log.tip.seq - shelf.log.tip.first + 1

    def test_a_file_is_readable_by_its_owner_only(self, shelf: Logged) -> None:
        """What is in it is sealed, and still nobody's business."""
        fill(shelf, 150)
        shelf.file()
        (path,) = shelf.folder.iterdir()
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)

    def test_no_file_holds_a_number_of_a_patient(self, shelf: Logged) -> None:
        """Copies of it go to an auditor, and to other disks."""
        fill(shelf, 150)
        shelf.file()
        assert b"999911120" not in b"".join(path.read_bytes() for path in shelf.folder.iterdir())

    def test_rows_that_were_not_removed_yet_are_not_read_twice(self, shelf: Logged) -> None:
        """They go a little at a time, and a node may be killed meanwhile."""
        fill(shelf, 150)
        full = log_segments.in_state(shelf.session.connection, "full")
        assert full is not None
        name = log_filing.write(shelf.session.connection, full, shelf.folder, lambda _: None)
        shelf.do(lambda session: log_filing.settle(session, full.number, name))
        assert len(shelf.records()) == shelf.log.tip.seq
        assert shelf.found() == []

    def test_a_file_the_store_does_not_know_of_is_not_read_twice(self, shelf: Logged) -> None:
        """The node was killed between the file and the commit."""
        fill(shelf, 150)
        full = log_segments.in_state(shelf.session.connection, "full")
        assert full is not None
        log_filing.write(shelf.session.connection, full, shelf.folder, lambda _: None)
        assert (len(shelf.records()), shelf.found()) == (shelf.log.tip.seq, [])
        assert (shelf.file(), shelf.found()) == (1, [])

    def test_a_disk_without_room_leaves_the_records_where_they_are(self, shelf: Logged) -> None:
        """The next round tries again; nothing is lost for it."""
        fill(shelf, 150)
        shelf.folder.write_text("in the way")
        with pytest.raises((StoreUnavailable, FileExistsError, NotADirectoryError)):
            shelf.file()
        shelf.folder.unlink()
        assert (shelf.file(), shelf.found()) == (1, [])

    def test_a_file_that_is_gone_is_found_out(self, shelf: Logged) -> None:
        """Removing a month is simpler than changing a record."""
        fill(shelf, 350)
        shelf.file()
        sorted(shelf.folder.iterdir())[1].unlink()
        assert shelf.found() == [("deleted", 101, 200)]

    def test_a_line_that_is_changed_in_a_file_is_found_out(self, shelf: Logged) -> None:
        """It lies on a disk like any other file."""
        fill(shelf, 250)
        shelf.file()
        path = sorted(shelf.folder.iterdir())[0]
        path.write_bytes(path.read_bytes().replace(b'"event.code":"n40"', b'"event.code":"m40"'))
        ((bend, first, last),) = shelf.found()
        assert (bend, first == last) == ("changed", True)

    def test_a_segment_ends_when_it_is_old_too(self, shelf: Logged) -> None:
        """A small practice fills one in years, and only whole ones can be pruned."""
        fill(shelf, 10)
        shelf.clock.advance(32 * 86_400)
        fill(shelf, 1)
        assert log_segments.in_state(shelf.session.connection, "full") is not None


class TestPruned:
    def test_not_before_its_time(self, shelf: Logged) -> None:
        """Five years are the least; the settings refuse fewer."""
        fill(shelf, 150)
        shelf.file()
        shelf.clock.advance(YEARS_S - 1)
        assert shelf.do(lambda session: log_filing.prune(session, shelf.at)) is None

    def test_after_it_whole_and_with_a_record(self, shelf: Logged) -> None:
        """Who misses these records finds that they went, when, and up to where."""
        fill(shelf, 250)
        shelf.file()
        shelf.clock.advance(YEARS_S)
        gone = shelf.do(lambda session: log_filing.prune(session, shelf.at))
        assert gone is not None
        assert log_filing.remove_files(shelf.session.connection, shelf.folder) == (gone.file,)
        told = [record for record in shelf.records() if record.get("event.code") == "log pruned"]
        assert told[0]["event.details"][0] == ["segment", str(gone.number)]

    def test_leaves_a_log_that_is_whole(self, shelf: Logged) -> None:
        """Its record says what came before the first record that is left."""
        fill(shelf, 250)
        shelf.file()
        shelf.clock.advance(YEARS_S)
        shelf.do(lambda session: log_filing.prune(session, shelf.at))
        log_filing.remove_files(shelf.session.connection, shelf.folder)
        assert shelf.found() == []

    def test_by_hand_is_found_out(self, shelf: Logged) -> None:
        """A file that goes before its time has no record."""
        fill(shelf, 250)
        shelf.file()
        sorted(shelf.folder.iterdir())[0].unlink()
        assert [bend for bend, _, _ in shelf.found()] == ["start cut off"]

    def test_destroys_the_key_of_the_segment(self, shelf: Logged) -> None:
        """A copy that somebody kept opens no more."""
        fill(shelf, 150)
        shelf.file()
        shelf.clock.advance(YEARS_S)
        gone = shelf.do(lambda session: log_filing.prune(session, shelf.at))
        assert gone is not None
        ring = shelf.session.sealer.ring
        assert log_keys.secret(shelf.session.connection, gone.number, (ring.master,)) is None


class TestRead:
    def test_by_patient_from_files_and_store(self, shelf: Logged) -> None:
        """A patient asks for all of five years."""
        shelf.kept(push(1))
        fill(shelf, 150)
        shelf.file()
        shelf.kept(push(2, order="b"))
        shelf.kept(push(3, patient=OTHER_PATIENT))
        found = shelf.records(sought={"object.patient": OTHER_PATIENT.value})
        assert [record["object.patient"] for record in found] == [OTHER_PATIENT.value]
        mine = shelf.records(sought={"object.patient": PATIENT.value}, open={"event.type": "push"})
        assert [record["correlation.message"].rpartition("/")[2] for record in mine] == ["1", "2"]

    def test_by_patient_after_the_hashes_got_another_key(self, shelf: Logged) -> None:
        """What is chained keeps its mark; the key knows what it was made with."""
        shelf.kept(push(1))
        shelf.session.key = shelf.session.key.longer(shelf.chance)
        shelf.kept(push(2, order="b"))
        found = shelf.records(sought={"object.patient": PATIENT.value})
        assert len(found) == 2

    def test_says_of_a_file_that_is_gone_which_records_were_in_it(self, shelf: Logged) -> None:
        """After a restore on another machine the rest must be found all the same."""
        fill(shelf, 250)
        shelf.file()
        gone = sorted(shelf.folder.iterdir())[0]
        gone.unlink()
        first, *rest = shelf.records()
        assert first["locked"] == f"{gone.name} is not here: records 1 to 100"
        assert [record["seq"] for record in rest] == list(range(101, shelf.log.tip.seq + 1))

    def test_of_a_period(self, shelf: Logged) -> None:
        """Somebody wants to know of one afternoon."""
        fill(shelf, 5)
        shelf.clock.advance(3600)
        fill(shelf, 3)
        assert len(shelf.records(since="2026-09-21T15:00:00Z", open={"event.type": "query"})) == 3
        assert len(shelf.records(until="2026-09-21T15:00:00Z", open={"event.type": "query"})) == 5


class TestSealedOff:
    def test_a_new_chain_begins_after_what_was_bent(self, shelf: Logged) -> None:
        """What comes after is vouched for again, and what was found stays to be seen."""
        fill(shelf, 50)
        shelf.session.execute("UPDATE log_records SET record = replace(record, '\"n20', '\"m20') WHERE seq = 22")
        before = shelf.log.tip.chain
        proof = prove(log_sources.of_all(shelf.path, shelf.folder), [shelf.log.signer.public])
        assert shelf.do(lambda _: shelf.log.seal_off(proof.found, shelf.at.now))
        assert shelf.log.tip.chain != before
        fill(shelf, 50)
        assert shelf.found() == [("changed", 22, 22)]

    def test_the_same_is_found_once(self, shelf: Logged) -> None:
        """Each look at the log finds it again; one alarm is enough."""
        fill(shelf, 50)
        shelf.session.execute("DELETE FROM log_records WHERE seq = 22")
        for expected in (True, False):
            proof = prove(log_sources.of_all(shelf.path, shelf.folder), [shelf.log.signer.public])
            assert shelf.do(lambda _, of=proof: shelf.log.seal_off(of.found, shelf.at.now)) is expected
        (breach,) = log_breaches.listed(shelf.session.connection)
        assert [each.key for each in breach.found] == [("deleted", 22, 22)]

    def test_is_filed_as_it_was_found(self, shelf: Logged) -> None:
        """It is evidence: nothing is mended in it."""
        fill(shelf, 50)
        shelf.session.execute("DELETE FROM log_records WHERE seq = 22")
        proof = prove(log_sources.of_all(shelf.path, shelf.folder), [shelf.log.signer.public])
        shelf.do(lambda _: shelf.log.seal_off(proof.found, shelf.at.now))
        assert (shelf.file(), shelf.found()) == (1, [("deleted", 22, 22)])


class TestTheEndOfAChain:
    """Somebody changes the table of a node that runs, where its next record comes."""

    def put(self, shelf: Logged, seq: int) -> None:
        shelf.session.execute("INSERT INTO log_records (seq, hash, record) VALUES (?, x'00', 'forged')", (seq,))

    @pytest.mark.parametrize("beyond", [1, 1000, 2**63 - 1 - 51])
    def test_with_a_record_of_another_behind_it_stops_nobody(self, shelf: Logged, beyond: int) -> None:
        """Else one row put in would keep every message from being logged, and so from being taken."""
        fill(shelf, 50)
        self.put(shelf, shelf.log.tip.seq + beyond)
        fill(shelf, 5)
        (breach,) = log_breaches.listed(shelf.session.connection)
        assert [each.key for each in breach.found] == [("inserted", 51 + beyond, 51 + beyond)]
        assert (shelf.found(), shelf.count("log_strangers")) == ([], 1)

    def test_without_its_last_records_is_found_at_once(self, shelf: Logged) -> None:
        """The node knows where it was, until the next look at the whole of it is a day."""
        fill(shelf, 50)
        shelf.session.execute("DELETE FROM log_records WHERE seq > 40")
        fill(shelf, 5)
        (breach,) = log_breaches.listed(shelf.session.connection)
        assert [each.key for each in breach.found] == [("deleted", 41, 51)]
        assert shelf.found() == [("deleted", 41, 51)]

    def test_is_looked_at_without_a_new_record_too(self, shelf: Logged) -> None:
        """On a quiet night the next one may be hours away."""
        fill(shelf, 50)
        shelf.session.execute("UPDATE log_records SET hash = x'00' WHERE seq = 51")
        shelf.do(lambda _: shelf.log.look_back(shelf.at.now))
        assert [each.found[0].key for each in log_breaches.listed(shelf.session.connection)] == [("changed", 51, 51)]

    def test_that_was_sealed_off_by_what_failed_is_sealed_off_again(self, shelf: Logged) -> None:
        """What is undone never happened: the next unit finds it."""
        fill(shelf, 50)
        self.put(shelf, 52)
        with pytest.raises(ZeroDivisionError):
            shelf.do(lambda session: (session.log.append(Line({}), shelf.at.now), 1 / 0))
        fill(shelf, 5)
        assert len(log_breaches.listed(shelf.session.connection)) == 1
        assert shelf.found() == []


class TestAStoreThatIsOpenedAgain:
    def test_goes_on_in_the_same_chain(self, shelf: Logged) -> None:
        """A restart is no break."""
        fill(shelf, 50)
        chain, seq = shelf.log.tip.chain, shelf.log.tip.seq
        shelf.restart()
        fill(shelf, 5)
        assert (shelf.log.tip.chain, shelf.log.tip.seq, shelf.found()) == (chain, seq + 5, [])

    def test_takes_up_the_lines_of_the_release_before(self, shelf: Logged) -> None:
        """An upgrade that is taken back and tried again loses none of what was logged meanwhile."""
        put = "INSERT INTO journal VALUES (1, 1.5e9, 'out', 'query', 'Q', 'm/1', '300', '400', 'ok', 'c', x'00')"
        shelf.session.execute(put)
        shelf.restart()
        taken = [record for record in shelf.records() if record.get("taken_up") == "journal 1"]
        assert (len(taken), shelf.count("journal"), shelf.found()) == (1, 0, [])

    def test_from_which_the_end_was_cut_off_is_found_out(self, shelf: Logged) -> None:
        """It goes on under the same numbers; what was signed under them before does not fit."""
        fill(shelf, 50)
        shelf.do(lambda session: session.log.sign(shelf.at.now))  # type: ignore[attr-defined]
        shelf.session.execute("DELETE FROM log_records WHERE seq > 40")
        shelf.restart()
        fill(shelf, 30)
        shelf.do(lambda session: session.log.sign(shelf.at.now))  # type: ignore[attr-defined]
        assert shelf.found() == [("rewritten", 2, 51)]

    def test_without_its_signing_key_begins_a_new_chain(self, shelf: Logged) -> None:
        """Nobody can sign for the old one any more; the new one says so."""
        fill(shelf, 5)
        shelf.session.execute("DELETE FROM log_keys WHERE segment = 0")
        shelf.restart()
        begun = [record for record in shelf.records() if record.get("event.code") == "chain begun"]
        assert ["why", "the key that signs was lost"] in begun[-1]["event.details"]

    def test_whose_last_commit_was_undone_publishes_no_head_of_it(self, shelf: Logged) -> None:
        """A head that was told and is in no log would look like a cut for ever."""
        fill(shelf, 5)

        def fail(session: Any) -> None:
            session.log.append(Line({"event.type": "query"}), shelf.at.now)
            session.log.sign(shelf.at.now)
            raise sqlite3.OperationalError("no")

        before = shelf.log.published
        with pytest.raises(StoreUnavailable):
            shelf.do(fail)
        assert (shelf.log.published, shelf.found()) == (before, [])
