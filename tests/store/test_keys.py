"""The key under patients' numbers."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge_node.errors import EdgeNodeError
from edge_node.model.identifiers import Bsn
from edge_node.store import keys
from tests.store.shelf import OTHER_PATIENT, PATIENT, Counting, Shelf


class TestPatientKey:
    def test_it_is_made_once_and_only_its_owner_reads_it(self, tmp_path: Path) -> None:
        """With another key every patient would be a stranger after a restart."""
        path = tmp_path / "patient.key"
        made = keys.load_or_make(path, Counting(7))
        assert keys.load_or_make(path, Counting(9)) == made
        assert path.stat().st_mode & 0o777 == 0o400

    def test_a_patient_has_one_hash_and_only_with_the_key(self) -> None:
        """There are few enough numbers to try them all: without the key that must not help."""
        one, other = keys.PatientKey(b"1" * 32), keys.PatientKey(b"2" * 32)
        assert one.patient(PATIENT) == one.patient(Bsn(PATIENT.value))
        assert len({one.patient(PATIENT), one.patient(OTHER_PATIENT), other.patient(PATIENT)}) == 3

    def test_a_content_has_one_hash_and_only_with_the_key(self) -> None:
        """The address of a search holds a patient number and little else: its plain digest could be guessed."""
        one, other = keys.PatientKey(b"1" * 32), keys.PatientKey(b"2" * 32)
        assert one.content(b"digest") == one.content(b"digest")
        assert len({b"digest", one.content(b"digest"), other.content(b"digest")}) == 3

    def test_a_mark_may_be_shown(self) -> None:
        """It tells contents apart, and says nothing of what the store compares."""
        key = keys.PatientKey(b"1" * 32)
        assert key.mark(b"one") != key.mark(b"two")
        assert key.mark(b"one") not in key.content(b"one").hex()

    def test_it_is_in_no_text(self) -> None:
        """A traceback must not give it away."""
        assert "1111" not in repr(keys.PatientKey(b"1" * 32))

    @pytest.mark.parametrize("content", [None, b"x" * 32, b"short"])
    def test_a_store_without_its_own_key_is_not_opened(self, tmp_path: Path, content: bytes | None) -> None:
        """A new key beside old hashes would silently lose order and recognition."""
        shelf = Shelf(tmp_path / "store.db")
        shelf.close()
        key = tmp_path / "patient.key"
        key.unlink()
        if_given = [content] if content is not None else []
        [key.write_bytes(each) for each in if_given]
        with pytest.raises(EdgeNodeError) as refused:
            shelf.open()
        assert refused.value.code == "EN-STORE-DAMAGED"


@contextmanager
def room_for(nbytes: int) -> Iterator[None]:
    """No file can be longer: what is beyond is not taken, as on a disk that is nearly full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (nbytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class TestWrite:
    def test_on_a_disk_with_too_little_room_leaves_the_key_as_it_was(self, tmp_path: Path) -> None:
        """Half a key in the place of a whole one is a certificate that can never be used again."""
        path = tmp_path / "1.key.sealed"
        keys.write(path, b"1" * 5000)
        with room_for(4096), pytest.raises(OSError, match="too large"):
            keys.write(path, b"2" * 5000)
        assert path.read_bytes() == b"1" * 5000
        assert list(tmp_path.iterdir()) == [path]
