"""A search in years of access log reads what it is for, and believes no index that somebody else wrote."""

import errno
import os
from pathlib import Path
from typing import Any, ClassVar

import pytest

from edge_node.errors import EdgeNodeError
from edge_node.model.log_state import LogWanted
from edge_node.store import log_index, log_keys, log_reading, log_segments, log_sources
from edge_node.store.log_keys import SegmentKey
from edge_node.store.log_line import Line
from edge_node.store.log_reading import Keys
from edge_node.store.log_segments import Segment
from edge_node.store.surroundings import LogPlan
from tests.store.filed import file_all, lines_of, put
from tests.store.shelf import OTHER_PATIENT, PATIENT, Shelf

UZI = "900000101"


class Indexed(Shelf):
    """Three segments in files, with one record in ten of another patient."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.log._plan = LogPlan(node="post", segment_records=100)
        self.do(self._fill)
        file_all(self)
        self.make()

    @property
    def log(self) -> Any:
        return self.session.log

    @property
    def folder(self) -> Path:
        return log_sources.folder_of(self.path)

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.ndjson"))

    @property
    def keys(self) -> Keys:
        ring = self.session.sealer.ring
        return Keys((ring.master,) if ring.master else (), self.session.key)

    def make(self) -> None:
        while log_reading.make_index(self.session.connection, self.folder, (self.keys, lambda: None)):
            pass

    def of_file(self, number: int) -> tuple[Segment, SegmentKey]:
        """The segment of a file, and its key."""
        segment = log_segments.listed(self.session.connection)[number]
        secret = log_keys.secret(self.session.connection, segment.number, self.keys.masters)
        assert secret is not None
        return segment, SegmentKey.of(secret)

    def found(self, **wanted: Any) -> list[int]:
        records = log_reading.read(self.session.connection, self.folder, self.keys, LogWanted(**wanted))
        return [record["seq"] for record in records]

    def _fill(self, session: Any) -> None:
        key = session.key
        for number in range(330):
            patient = OTHER_PATIENT if number % 10 == 0 else PATIENT
            sealed = {"object.patient": patient.value}
            hashes = {"object.patient": key.patient(patient)}
            if number % 4 == 0:
                sealed, hashes = sealed | {"user.uzi": UZI}, hashes | {"user.uzi": key.name(UZI)}
            opened = {"event.type": "query", "correlation.id": f"c{number}"}
            session.log.append(Line(opened, sealed, hashes), self.at.now)


@pytest.fixture
def shelf(tmp_path: Path):
    shelf = Indexed(tmp_path / "store.db")
    yield shelf
    shelf.close()


def without(shelf: Indexed) -> None:
    for file in shelf.files:
        log_index.remove(file)


def full_disk() -> bytes:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def broken_disk() -> bytes:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def in_its_place(file: Path, content: bytes) -> None:
    """Another file of that name: two that are written within a tick of the clock differ in their number."""
    other = file.with_suffix(".other")
    other.write_bytes(content)
    other.rename(file)


SEARCHES: list[dict[str, Any]] = [
    {"sought": {"object.patient": OTHER_PATIENT.value}},
    {"sought": {"user.uzi": UZI}},
    {"sought": {"object.patient": OTHER_PATIENT.value, "user.uzi": UZI}},
    {"sought": {"object.patient": "999900225"}},
    {"open": {"correlation.id": "c77"}},
    {"open": {"event.type": "query", "correlation.id": "c77"}, "sought": {"object.patient": PATIENT.value}},
]


class TestASearch:
    @pytest.mark.parametrize("wanted", SEARCHES)
    def test_finds_the_same_with_an_index_and_without(self, shelf: Indexed, wanted: dict[str, Any]) -> None:
        """What a patient is told must not hang on a file that makes it faster."""
        found = shelf.found(**wanted)
        without(shelf)
        assert found == shelf.found(**wanted)

    def test_of_a_patient_and_a_user_finds_what_is_of_both(self, shelf: Indexed) -> None:
        """A record of the patient that names no user is not one of that user."""
        both = shelf.found(sought={"object.patient": OTHER_PATIENT.value, "user.uzi": UZI})
        assert len(both) == 17

    def test_reads_no_line_that_it_is_not_for(self, shelf: Indexed, monkeypatch: pytest.MonkeyPatch) -> None:
        """Five years of a practice are two million."""
        monkeypatch.setattr(log_sources, "of_file", lambda path: pytest.fail(f"all of {path} is read"))
        assert len(shelf.found(sought={"object.patient": OTHER_PATIENT.value})) == 33

    def test_passes_over_segments_of_another_time(self, shelf: Indexed, monkeypatch: pytest.MonkeyPatch) -> None:
        """One week of five years is asked for."""
        monkeypatch.setattr(log_sources, "of_file", lambda path: pytest.fail(f"{path} is read"))
        assert shelf.found(until="2020-01-01") == []
        assert shelf.found(since="2030-01-01") == []


class TestAPeriod:
    @pytest.mark.parametrize("begun_ahead", [0, 1, 3], ids=["the first file", "another", "what is in no file"])
    def test_finds_what_was_logged_after_a_clock_was_put_back(self, shelf: Indexed, begun_ahead: int) -> None:
        """A segment that began while the clock was years ahead has the records of today."""
        number = log_segments.listed(shelf.session.connection)[begun_ahead].number
        before = shelf.found(until="2030-01-01")
        ahead = "UPDATE log_segments SET began = began + 1e9 WHERE number = ?"
        shelf.do(lambda session: session.execute(ahead, (number,)))
        assert shelf.found(until="2030-01-01") == before

    def test_finds_what_was_logged_while_a_clock_was_ahead(self, shelf: Indexed) -> None:
        """Its records say so, also where a later one ended on the right day."""
        before = shelf.found(since="2020-01-01")
        behind = "UPDATE log_segments SET ended = ended - 1e9, began = began - 1e9 WHERE number = 2"
        shelf.do(lambda session: session.execute(behind))
        assert shelf.found(since="2020-01-01") == before


class TestWhatCannotBeRead:
    """A patient who is told that nobody looked at his data must be able to rely on it."""

    WANTED: ClassVar[dict[str, Any]] = {"sought": {"object.patient": OTHER_PATIENT.value}}

    def told(self, shelf: Indexed) -> list[str]:
        records = log_reading.read(shelf.session.connection, shelf.folder, shelf.keys, LogWanted(**self.WANTED))
        return [record["locked"] for record in records if "locked" in record]

    @pytest.mark.parametrize("is_indexed", [True, False])
    def test_is_told_of_a_file(self, shelf: Indexed, is_indexed: bool) -> None:
        """It is there, and gives nothing."""
        if not is_indexed:
            without(shelf)
        assert self.told(shelf) == []
        shelf.files[1].unlink()
        shelf.files[0].with_name("folder").mkdir()
        (shelf.files[0].with_name("folder")).rename(self.second(shelf))
        assert len(self.told(shelf)) == 1

    def test_is_told_of_a_segment_without_its_key(self, shelf: Indexed) -> None:
        """Nobody can say whether he is in it."""
        log_keys.destroy(shelf.session.connection, shelf.of_file(1)[0].number)
        assert len(self.told(shelf)) == 1

    def test_of_a_disk_is_no_answer(self, shelf: Indexed, monkeypatch: pytest.MonkeyPatch) -> None:
        """What the machine does not give now it may give later: half a list is never told for a whole one."""
        monkeypatch.setattr(log_sources, "_line", lambda _: broken_disk())
        with pytest.raises(EdgeNodeError) as found:
            self.told(shelf)
        assert found.value.code == "EN-LOG-UNREADABLE"

    def second(self, shelf: Indexed) -> Path:
        return shelf.folder / str(shelf.of_file(1)[0].file)


class TestAnIndex:
    @pytest.mark.parametrize(
        "spoil",
        [
            lambda path: path.write_bytes(path.read_bytes()[:-16]),
            lambda path: path.write_bytes(b""),
            lambda path: path.write_bytes(
                path.read_bytes()[:80] + bytes([path.read_bytes()[80] ^ 1]) + path.read_bytes()[81:]
            ),
            lambda path: path.write_bytes(path.read_bytes()[: 22 + 32 + 40]),
        ],
        ids=["shorter", "empty", "changed", "of nothing"],
    )
    def test_that_was_bent_hides_nothing(self, shelf: Indexed, spoil: Any) -> None:
        """Else whoever can write a file keeps from a patient who looked at his data."""
        wanted = {"sought": {"object.patient": OTHER_PATIENT.value}}
        before = shelf.found(**wanted)
        spoil(log_index.path_of(shelf.files[1]))
        assert shelf.found(**wanted) == before
        shelf.make()
        assert log_index.load(shelf.files[1], *shelf.of_file(1)) is not None

    def test_of_another_segment_is_not_believed(self, shelf: Indexed) -> None:
        """It is vouched for, only not for this one."""
        wanted = {"sought": {"object.patient": OTHER_PATIENT.value}}
        before = shelf.found(**wanted)
        one, two = (log_index.path_of(file) for file in shelf.files[:2])
        two.write_bytes(one.read_bytes())
        assert shelf.found(**wanted) == before

    def test_made_of_a_file_that_was_bent_for_a_moment_hides_nothing(self, shelf: Indexed) -> None:
        """The node vouches for what it read: it must be what lies there now."""
        wanted = {"sought": {"object.patient": OTHER_PATIENT.value}}
        before, file = shelf.found(**wanted), shelf.files[1]
        whole, times = file.read_bytes(), file.stat()
        log_index.remove(file)
        in_its_place(file, whole.replace(b'"marks":{"object.patient":"', b'"marks":{"object.patienT":"'))
        shelf.make()
        in_its_place(file, whole)
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert shelf.found(**wanted) == before

    def test_does_not_hide_what_was_moved_in_its_file(self, shelf: Indexed) -> None:
        """A file of the same length with its lines in another order: the places are of the one before."""
        wanted = {"sought": {"object.patient": OTHER_PATIENT.value}}
        before, file = shelf.found(**wanted), shelf.files[1]
        in_its_place(file, b"".join(lines_of(file)[::-1]))
        assert sorted(shelf.found(**wanted)) == before

    def test_that_is_a_pipe_holds_nobody_up(self, shelf: Indexed) -> None:
        """Whoever opens it would wait for ever."""
        wanted = {"sought": {"object.patient": OTHER_PATIENT.value}}
        before, index = shelf.found(**wanted), log_index.path_of(shelf.files[1])
        index.unlink()
        os.mkfifo(index)
        assert shelf.found(**wanted) == before

    def test_of_a_segment_without_its_key_keeps_none_of_the_others(self, shelf: Indexed) -> None:
        """Else one key that was lost makes every search of later years slow."""
        without(shelf)
        log_keys.destroy(shelf.session.connection, shelf.of_file(0)[0].number)
        shelf.make()
        assert [log_index.is_there(file) for file in shelf.files] == [False, True, True]

    def test_that_finds_no_room_takes_none(self, shelf: Indexed, monkeypatch: pytest.MonkeyPatch) -> None:
        """The last blocks of a full disk are for the questions of doctors."""
        without(shelf)
        monkeypatch.setattr(SegmentKey, "vouch", lambda *_: full_disk())
        with pytest.raises(OSError, match="No space"):
            log_reading.make_index(shelf.session.connection, shelf.folder, (shelf.keys, lambda: None))
        assert list(shelf.folder.glob("*.part")) == []

    def test_is_made_of_a_bent_file_too(self, shelf: Indexed) -> None:
        """What cannot be read is told by whoever proves the log."""
        without(shelf)
        lines = lines_of(shelf.files[1])
        put(shelf.files[1], [*lines[:20], b"garbage\n", b'{"hash":"zz\n', *lines[20:]])
        shelf.make()
        assert len(shelf.found(sought={"object.patient": OTHER_PATIENT.value})) == 33

    def test_holds_nothing_that_the_file_does_not_show(self, shelf: Indexed) -> None:
        """It is copied with the files: hashes with a key, and hashes of ids that stand there."""
        assert PATIENT.value.encode() not in log_index.path_of(shelf.files[0]).read_bytes()
