"""Who may read a key, and whether it lies beside the backups: seen on the disk, judged by the rule."""

from pathlib import Path

import pytest

from edge_node.model.check import Result
from edge_node.policy import check_identity
from edge_node.probes import key_files


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "practice.key"
    path.write_text("-----BEGIN PRIVATE KEY-----\n")
    path.chmod(0o600)
    return path


class TestPermissions:
    def test_are_good_for_the_owner_alone(self, key: Path) -> None:
        """As the service makes it."""
        facts = key_files.look({"practice": key}, None)
        assert check_identity.key_permissions(facts, {}).result is Result.GOOD

    @pytest.mark.parametrize("mode", [0o604, 0o622, 0o666])
    def test_for_others_turn_the_check(self, key: Path, mode: int) -> None:
        """Whoever has an account on the machine would have the identity of the practice."""
        key.chmod(mode)
        outcome = check_identity.key_permissions(key_files.look({"practice": key}, None), {})
        assert (outcome.result, outcome.value) == (Result.VIOLATED, "practice")

    def test_of_a_file_that_is_gone_are_not_known(self, key: Path) -> None:
        """A look at nothing says nothing."""
        key.unlink()
        with pytest.raises(OSError, match="No such file"):
            key_files.look({"practice": key}, None)


class TestBackups:
    def test_that_hold_the_key_turn_the_check(self, key: Path, tmp_path: Path) -> None:
        """Backups travel; a key that travels along is a key that is lost."""
        folder = tmp_path / "backups"
        folder.mkdir()
        (folder / "old.pem").write_bytes(key.read_bytes())
        outcome = check_identity.key_in_backup(key_files.look({"practice": key}, folder), {})
        assert outcome.result is Result.VIOLATED

    def test_without_it_are_good(self, key: Path, tmp_path: Path) -> None:
        """A sealed backup is no key."""
        (tmp_path / "store.backup").write_bytes(b"sealed")
        folder = tmp_path / "backups"
        folder.mkdir()
        assert check_identity.key_in_backup(key_files.look({"practice": key}, folder), {}).result is Result.GOOD

    def test_that_are_not_made_are_not_used(self, key: Path) -> None:
        """There is nothing in which it could be."""
        assert check_identity.key_in_backup(key_files.look({"practice": key}, None), {}).result is Result.NOT_USED
