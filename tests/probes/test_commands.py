"""What a command says, and what becomes of one that says nothing sensible."""

from pathlib import Path

import pytest

from edge_node.model.check import Unseen
from edge_node.probes.commands import said

from .programs import none_at_all, put


class TestACommand:
    def test_is_heard(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Its answer, with whatever bytes it has."""
        put(monkeypatch, tmp_path, "tell", "printf 'a\\377b'")
        assert said(("tell",), 5) == "a\ufffdb"

    @pytest.mark.parametrize(
        ("script", "reason"),
        [("exit 3", "error 3"), ("exec sleep 60", "in time"), ("exec yes", "cannot be read")],
    )
    def test_that_fails_hangs_or_never_ends_is_unseen(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, reason: str
    ) -> None:
        """It costs its time limit and a little memory, and what it was to tell is unknown."""
        put(monkeypatch, tmp_path, "tell", script)
        with pytest.raises(Unseen) as unseen:
            said(("tell",), 0.2 if "sleep" in script else 30)
        assert reason in unseen.value.reason.en

    def test_that_is_not_there_is_unseen(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Not every machine has every program."""
        none_at_all(monkeypatch, tmp_path)
        with pytest.raises(Unseen, match="not there"):
            said(("tell",), 5)

    def test_is_killed_with_all_that_it_began(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """A look every half minute would else leave a process each time."""
        put(monkeypatch, tmp_path, "tell", "sleep 60 & wait")
        with pytest.raises(Unseen, match="in time"):
            said(("tell",), 0.2)
