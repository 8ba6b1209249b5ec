"""Who may read the files of the store: seen on the disk, judged by the rule."""

from pathlib import Path

import pytest

from edge_node.model.check import Outcome, Result
from edge_node.policy import check_machine
from edge_node.probes.file_modes import look


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with a log file and a published key beside it."""
    folder = tmp_path / "state"
    (folder / "access-log").mkdir(parents=True, mode=0o700)
    folder.chmod(0o700)
    store = folder / "store.db"
    for path in (store, folder / "store.db-wal", folder / "sealing.key", folder / "access-log" / "log.ndjson"):
        path.touch(mode=0o600)
    (folder / "node-signing.pub").touch(mode=0o444)
    return store


def judged(store: Path) -> Outcome:
    return check_machine.files(look(store, ("sealing.key", "access-log", "identities")), {})


class TestModes:
    def test_for_the_owner_alone_are_good(self, store: Path) -> None:
        """As the node makes them; the key that everybody checks with may be read."""
        assert judged(store).result is Result.GOOD

    @pytest.mark.parametrize("name", ["store.db", "store.db-wal", "sealing.key", "access-log/log.ndjson"])
    @pytest.mark.parametrize("mode", [0o604, 0o640, 0o620])
    def test_for_others_turn_the_check(self, store: Path, name: str, mode: int) -> None:
        """Somebody copied the store by hand, and gave everybody the copy."""
        (store.parent / name).chmod(mode)
        outcome = judged(store)
        assert (outcome.result, outcome.value) == (Result.VIOLATED, name)

    def test_of_a_folder_into_which_others_write_turn_the_check(self, store: Path) -> None:
        """Who may write there puts another file in its place."""
        (store.parent / "access-log").chmod(0o777)
        assert judged(store).result is Result.VIOLATED

    def test_of_a_store_that_is_gone_are_not_known(self, store: Path) -> None:
        """A look at nothing says nothing."""
        store.unlink()
        with pytest.raises(OSError, match="No such file"):
            judged(store)
