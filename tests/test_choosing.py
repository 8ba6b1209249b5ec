"""What a reload takes up, and what it cannot."""

from pathlib import Path

import pytest

from edge_node.choosing import needs_restart
from edge_node.settings.load import load
from edge_node.settings.schema import Settings
from tests.settings.written import SMALL, changed, write


def a_site(folder: Path, text: str = SMALL) -> Settings:
    return load([write(folder, text)])


class TestNeedsRestart:
    @pytest.mark.parametrize(
        ("old", "new", "part"),
        [
            ("port: 0}", "port: 8443}", "local.listeners"),
            ("local:\n", "local:\n  max_body_bytes: 1000000\n", "local.max_body_bytes"),
            ("local:\n", "local:\n  max_inflight_bytes: 100000000\n", "local.max_inflight_bytes"),
            ("state_dir: state", "state_dir: elsewhere", "node"),
        ],
    )
    def test_names_what_only_a_restart_takes_up(self, tmp_path: Path, old: str, new: str, part: str) -> None:
        """A setting that silently does nothing is found when it is needed, which is too late."""
        assert part in needs_restart(a_site(tmp_path), a_site(tmp_path, changed(old, new)))

    @pytest.mark.parametrize(
        "setting",
        [
            "retry: {first_pause_s: 3}",
            "destination_breaker: {failures: 4}",
            "out_concurrency: 5",
            "in_concurrency: 3",
            "backup: {keep: 3}",
            "bulk_per_s: 7",
            "disk_reserve_bytes: 1000000",
        ],
    )
    def test_does_not_name_what_a_reload_takes_up(self, tmp_path: Path, setting: str) -> None:
        """Nobody restarts a node for a pause that is in force already."""
        new = a_site(tmp_path, SMALL + f"store:\n  {setting}\n")
        assert needs_restart(a_site(tmp_path), new) == []

    def test_names_nothing_where_nothing_changed(self, tmp_path: Path) -> None:
        """An operator who sees it each time no longer looks."""
        assert needs_restart(a_site(tmp_path), a_site(tmp_path)) == []
