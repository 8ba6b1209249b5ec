"""A store that was there and is gone is not made anew: an empty queue would look as if all were well."""

from pathlib import Path

import pytest

from edge_node.errors import EdgeNodeError
from edge_node.store import presence
from edge_node.store.opening import open_offline
from edge_node.store.surroundings import Surroundings
from tests.store.shelf import Counting, Shelf, TwoClocks, push


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store in which a message waits, closed."""
    shelf = Shelf(tmp_path / "store.db")
    shelf.kept(push(1))
    shelf.close()
    return shelf.path


def refused(store: Path) -> EdgeNodeError:
    with pytest.raises(EdgeNodeError) as error:
        Shelf(store)
    return error.value


class TestGone:
    def test_a_start_is_refused_and_makes_nothing(self, store: Path) -> None:
        """The disk was not mounted, or somebody tidied: the file may be found yet."""
        store.unlink()
        assert refused(store).code == "EN-STORE-GONE"
        assert not store.exists()

    def test_an_empty_file_is_no_store(self, store: Path) -> None:
        """What a power cut or a check of the file system can leave of it."""
        store.write_bytes(b"")
        assert refused(store).code == "EN-STORE-GONE"

    def test_it_names_what_lies_there(self, store: Path) -> None:
        """These are the files to move away for whoever begins anew on purpose."""
        store.unlink()
        assert str(refused(store)).endswith("store.db is not there, but beside it: patient.key, sealing.key")

    @pytest.mark.parametrize("left", ["patient.key", "sealing.key", "store.db-wal", "store.db.reserve"])
    def test_any_of_them_tells(self, tmp_path: Path, left: str) -> None:
        """The key of the store may be lent by systemd, and lie elsewhere."""
        (tmp_path / left).write_bytes(b"x" * 32)
        assert refused(tmp_path / "store.db").code == "EN-STORE-GONE"

    def test_a_command_makes_none_either(self, store: Path) -> None:
        """A message held by hand would make the store that the daemon was kept from."""
        store.unlink()
        with (
            pytest.raises(EdgeNodeError, match="EN-STORE-GONE"),
            open_offline(store, Surroundings(clock=TwoClocks(), chance=Counting())),
        ):
            pass
        assert not store.exists()

    def test_when_they_are_moved_away_it_begins_anew(self, store: Path, tmp_path: Path) -> None:
        """The way out for whoever has no backup, taken by name."""
        for name in ("store.db", "patient.key", "sealing.key"):
            (tmp_path / name).unlink()
        shelf = Shelf(store)
        assert shelf.lease() == []
        shelf.close()


class TestThere:
    def test_a_first_start_that_was_cut_short_is_gone_on_with(self, tmp_path: Path) -> None:
        """The name was made and nothing else: no message was ever in it."""
        (tmp_path / "store.db").write_bytes(b"")
        presence.check(tmp_path / "store.db")

    def test_what_a_restore_left_beside_a_store_is_no_matter(self, store: Path) -> None:
        """It was to replace this one, and did not come to it."""
        store.with_name("store.db.restoring").mkdir()
        presence.check(store)
