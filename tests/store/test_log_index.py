"""A search in years of access log reads what it is for, and believes no index that somebody else wrote."""

from pathlib import Path
from typing import Any

import pytest

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
