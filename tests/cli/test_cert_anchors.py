"""`edge-node cert anchors`."""

import json
from pathlib import Path
from typing import Any

import pytest

from edge_node.status import control_client

from .conftest import Run

CHANGE = {
    "peer": "zim",
    "phase": "refused",
    "added": ["New Root"],
    "removed": ["Old Root"],
    "since": "2026-11-22T08:00:00Z",
    "reason": "EN-TLS-CHAIN: its issuer is not known here: CN=zim.example",
}


class Daemon:
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: Any = []
        self.asked: list[dict[str, Any]] = []

    def ask(self, socket: Path, request: dict[str, Any]) -> Any:
        self.asked.append(request)
        return self.answer


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Daemon:
    daemon = Daemon()
    monkeypatch.setattr(control_client, "ask", daemon.ask)
    return daemon


class TestAnchors:
    def test_names_what_counts(self, run: Run, daemon: Daemon) -> None:
        """An auditor asks whom the node trusts now, not what a file says."""
        daemon.answer = [{"peer": "zim", "counting": ["Old Root"], "change": None}]
        result = run("cert", "anchors", "--lang", "en")
        assert (result.exit_code, result.stdout) == (0, "peer\tcounts\nzim\tOld Root\n")

    def test_says_why_a_list_does_not_count(self, run: Run, daemon: Daemon) -> None:
        """Who pushed it must find the right one."""
        daemon.answer = [{"peer": "zim", "counting": ["Old Root"], "change": CHANGE}]
        result = run("cert", "anchors", "--lang", "en")
        assert result.exit_code == 1
        assert "zim: refused since 2026-11-22T08:00:00Z: adds New Root, leaves out Old Root;" in result.stdout

    def test_accepts_with_a_reason(self, run: Run, daemon: Daemon) -> None:
        """A CA that is compromised goes at once."""
        daemon.answer = [CHANGE]
        result = run("cert", "anchors", "--accept", "CA compromised", "--peer", "zim", "--json")
        assert (result.exit_code, json.loads(result.stdout)) == (0, [CHANGE])
        assert daemon.asked == [{"verb": "cert.accept-anchors", "peer": "zim", "why": "CA compromised"}]

    @pytest.mark.parametrize("arguments", [["--accept", ""], ["--peer", "zim"]])
    def test_changes_nothing_when_half_is_said(self, run: Run, daemon: Daemon, arguments: list[str]) -> None:
        """A slip of the pen must not change whom the node trusts."""
        assert run("cert", "anchors", *arguments).exit_code != 0
        assert daemon.asked == []
