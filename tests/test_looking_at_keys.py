"""The checks on files with keys, broken on the disk: by their mode, by a copy beside the backups."""

from pathlib import Path

import pytest

from edge_node.looking_at_keys import looks
from edge_node.model.check import Outcome, Result
from edge_node.settings.load import load
from edge_node.settings.schema import Settings

from .look_ground import Site, outcome
from .settings.written import changed, write


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a site whose key lies in a file, with a folder for backups."""
    (tmp_path / "backups").mkdir()
    text = changed("credential:practice-key", str(tmp_path / "practice.key"))
    (tmp_path / "practice.key").write_text("-----BEGIN PRIVATE KEY-----\n")
    (tmp_path / "practice.key").chmod(0o600)
    return load((write(tmp_path, f"{text}store:\n  backup: {{folder: {tmp_path}/backups}}\n"),))


def judged(settings: Settings, check: str) -> Outcome:
    (look,) = looks(Site(settings))  # type: ignore[arg-type]
    return outcome(settings, look, check)


class TestAKey:
    @pytest.mark.breaks("key-permissions")
    def test_that_others_may_read_turns_its_check_and_back(self, settings: Settings, tmp_path: Path) -> None:
        """Whoever has an account on the machine would have the identity of the practice."""
        found = []
        for mode in (0o600, 0o644, 0o600):
            (tmp_path / "practice.key").chmod(mode)
            found.append(judged(settings, "key-permissions").result)
        assert found == [Result.GOOD, Result.VIOLATED, Result.GOOD]

    @pytest.mark.breaks("key-in-backup")
    def test_that_was_copied_to_the_backups_turns_its_check_and_back(
        self, settings: Settings, tmp_path: Path
    ) -> None:
        """Backups travel; a key that travels along is a key that is lost."""
        first = judged(settings, "key-in-backup")
        copy = tmp_path / "backups" / "old.pem"
        copy.write_bytes((tmp_path / "practice.key").read_bytes())
        after = judged(settings, "key-in-backup")
        copy.unlink()
        mended = judged(settings, "key-in-backup")
        assert [one.result for one in (first, after, mended)] == [Result.GOOD, Result.VIOLATED, Result.GOOD]
