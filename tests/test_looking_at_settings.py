"""The settings on the disk beside those in force: seen in files, judged by the rule."""

from pathlib import Path

import pytest

from edge_node.choosing import read_settings
from edge_node.errors import SettingsInvalid
from edge_node.looking_at_settings import SettingsFiles
from edge_node.model.check import Outcome, Result
from edge_node.model.facts_identity import SettingsFacts
from edge_node.policy.check_identity import drift

from .settings.written import SMALL, write


class Site:
    """A node that was started with its settings, and looks at them."""

    def __init__(self, folder: Path) -> None:
        self.path = write(folder, SMALL)
        self.in_force = read_settings((self.path,)).settings.hash
        self.files = SettingsFiles()

    def look(self) -> Outcome:
        on_disk, complaints = self.files.look((self.path,))
        return drift(SettingsFacts(in_force=self.in_force, on_disk=on_disk, complaints=complaints), {})


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


class TestDrift:
    def test_is_none_while_nothing_changed(self, site: Site) -> None:
        """The usual day."""
        assert site.look().result is Result.GOOD

    def test_is_none_where_only_a_remark_changed(self, site: Site) -> None:
        """What counts is what the settings say."""
        site.path.write_text("# a remark\n" + SMALL)
        assert site.look().result is Result.GOOD

    def test_is_seen_when_somebody_edits_a_file(self, site: Site) -> None:
        """The next restart would take up what nobody approved."""
        site.look()
        site.path.write_text(SMALL + "checks: {every_s: 7.0}\n")
        outcome = site.look()
        assert (outcome.result, outcome.value) == (Result.VIOLATED, "changed")

    def test_is_over_when_it_is_taken_back(self, site: Site) -> None:
        """It clears by itself."""
        site.path.write_text(SMALL + "checks: {every_s: 7.0}\n")
        site.look()
        site.path.write_text(SMALL + "\n")
        assert site.look().result is Result.GOOD

    def test_names_what_makes_them_unusable(self, site: Site) -> None:
        """The node would not start with them: better known today than at night."""
        site.path.write_text(SMALL + "chekcs: {}\n")
        outcome = site.look()
        assert outcome.value == "unusable"
        assert "chekcs" in outcome.evidence[2][1]


class TestNames:
    def test_of_no_check_are_refused(self, tmp_path: Path) -> None:
        """A slip of the pen would leave a check as it was, and nobody would know."""
        path = write(tmp_path, SMALL + "checks: {actions: {disk-spaces: [BLOCK_OUT]}}\n")
        with pytest.raises(SettingsInvalid) as refused:
            read_settings((path,))
        assert "checks.actions.disk-spaces: no check has this name" in str(refused.value)
