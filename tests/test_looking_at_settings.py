"""The settings on the disk beside those in force: their files are changed, and looked at."""

from pathlib import Path

import pytest

from edge_node.choosing import read_settings
from edge_node.errors import SettingsInvalid
from edge_node.looking_at_settings import looks
from edge_node.model.check import Outcome, Result

from .look_ground import Site, outcome
from .settings.written import SMALL, write


class Started:
    """A node that was started with its settings, and looks at them."""

    def __init__(self, folder: Path) -> None:
        self.path = write(folder, SMALL)
        self._site = Site(read_settings((self.path,)).settings, parts={"layers": (self.path,)})
        (self._look,) = looks(self._site)  # type: ignore[arg-type]

    def look(self) -> Outcome:
        return outcome(self._site.settings, self._look, "config-drift")


@pytest.fixture
def started(tmp_path: Path) -> Started:
    return Started(tmp_path)


class TestDrift:
    def test_is_none_while_nothing_changed(self, started: Started) -> None:
        """The usual day."""
        assert started.look().result is Result.GOOD

    def test_is_none_where_only_a_remark_changed(self, started: Started) -> None:
        """What counts is what the settings say."""
        started.path.write_text("# a remark\n" + SMALL)
        assert started.look().result is Result.GOOD

    @pytest.mark.breaks("config-drift")
    def test_is_seen_when_somebody_edits_a_file(self, started: Started) -> None:
        """The next restart would take up what nobody approved."""
        started.look()
        started.path.write_text(SMALL + "checks: {every_s: 7.0}\n")
        found = started.look()
        assert (found.result, found.value) == (Result.VIOLATED, "changed")

    def test_is_over_when_it_is_taken_back(self, started: Started) -> None:
        """It clears by itself."""
        started.path.write_text(SMALL + "checks: {every_s: 7.0}\n")
        started.look()
        started.path.write_text(SMALL + "\n")
        assert started.look().result is Result.GOOD

    def test_names_what_makes_them_unusable(self, started: Started) -> None:
        """The node would not start with them: better known today than at night."""
        started.path.write_text(SMALL + "chekcs: {}\n")
        found = started.look()
        assert found.value == "unusable"
        assert "chekcs" in found.evidence[2][1]


class TestNames:
    def test_of_no_check_are_refused(self, tmp_path: Path) -> None:
        """A slip of the pen would leave a check as it was, and nobody would know."""
        path = write(tmp_path, SMALL + "checks: {actions: {disk-spaces: [BLOCK_OUT]}}\n")
        with pytest.raises(SettingsInvalid) as refused:
            read_settings((path,))
        assert "checks.actions.disk-spaces: no check has this name" in str(refused.value)

    def test_of_interactions_that_no_role_can_send_are_refused(self, tmp_path: Path) -> None:
        """A list of roles for a message that is not there holds nobody back."""
        path = write(tmp_path, SMALL + 'checks: {roles: {PORX_IN932000: ["01"]}}\n')
        with pytest.raises(SettingsInvalid) as refused:
            read_settings((path,))
        assert "checks.roles.PORX_IN932000: this interaction is in no table" in str(refused.value)

    def test_of_actions_that_do_nothing_are_refused(self, tmp_path: Path) -> None:
        """Who has a clock stop single messages believes that it does."""
        path = write(tmp_path, SMALL + "checks: {actions: {clock-offset: [BLOCK_MSG]}}\n")
        with pytest.raises(SettingsInvalid) as refused:
            read_settings((path,))
        assert "checks.actions.clock-offset: BLOCK_MSG would do nothing" in str(refused.value)
