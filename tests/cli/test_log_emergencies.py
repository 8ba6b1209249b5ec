"""`edge-node log emergencies` and what is done to one."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from edge_node.store import journal

from ..store.shelf import Shelf
from ..store.test_emergencies import asked
from .conftest import Run
from .doubles import Daemon

WHY = ("--why", "she was unconscious")


class TestList:
    def test_shows_what_waits_and_ends_as_a_finding(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """A monthly job sees by the exit code that somebody has to look."""
        result = run("log", "emergencies", *place)
        assert result.stdout.splitlines()[1].split("\t")[:5] == [
            "7",
            "22-11-2026 04:04",
            "gevraagd door ons",
            "QUPC_IN990001NL",
            "his",
        ]
        assert (result.exit_code, result.stdout.splitlines()[1].endswith("nog niet gegeven\tnog te doen")) == (
            1,
            True,
        )

    def test_is_in_english_where_asked(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """The same table."""
        result = run("log", "emergencies", "--lang", "en", *place)
        assert result.stdout.splitlines()[0].startswith("number\twhen\tway\t")
        assert result.stdout.splitlines()[1].endswith("no\twaits")

    def test_is_good_when_none_waits(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """Nothing to do."""
        daemon.emergencies.held.clear()
        assert run("log", "emergencies", *place).exit_code == 0

    def test_works_while_the_daemon_is_down(self, run: Run, place: list[str], tmp_path: Path) -> None:
        """The list is there whether or not anything runs."""
        with closing(Shelf(tmp_path / "store.db")) as shelf:
            shelf.do(lambda session: journal.add(session, asked(), shelf.at.now))
        (one,) = json.loads(run("log", "emergencies", "--json", *place).stdout)
        assert (one["id"], one["system"], one["verdict"]) == (1, "his", None)


class TestReview:
    def test_begins_with_a_reason_by_name(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """The reason goes into the access log, the name into the list."""
        result = run("log", "explain", "7", *WHY, *place)
        assert "anna" in result.stdout
        assert [(change.verb, change.by.why) for change in daemon.changes] == [("emergency.explain", WHY[1])]

    @pytest.mark.parametrize("verdict", ["justified", "unjustified"])
    def test_ends_with_a_verdict(self, run: Run, daemon: Daemon, place: list[str], verdict: str) -> None:
        """Somebody takes it on himself."""
        result = run("log", "sign-off", "7", f"--{verdict}", "--lang", "en", *WHY, *place)
        assert f"{verdict} by anna" in result.stdout

    @pytest.mark.parametrize(("verdict", "said"), [("justified", "terecht"), ("unjustified", "onterecht")])
    def test_is_shown_in_dutch(self, run: Run, daemon: Daemon, place: list[str], verdict: str, said: str) -> None:
        """Who reviews it is a practice manager, and no administrator of machines."""
        result = run("log", "sign-off", "7", f"--{verdict}", *WHY, *place)
        assert result.stdout.splitlines()[1].endswith(f"\t{said}, volgens anna")

    def test_without_a_verdict_is_a_slip(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """Neither is the default: the one that signs says which."""
        assert run("log", "sign-off", "7", *WHY, *place).exit_code == 64

    def test_of_none_is_refused(self, run: Run, daemon: Daemon, place: list[str]) -> None:
        """With the code that says what is wrong."""
        result = run("log", "sign-off", "8", "--justified", *WHY, *place)
        assert (result.exit_code, "EN-NOT-FOUND" in result.stderr) == (1, True)

    def test_waits_for_the_daemon(self, run: Run, place: list[str], tmp_path: Path) -> None:
        """Without it a reason would lie unsealed on the disk."""
        with closing(Shelf(tmp_path / "store.db")) as shelf:
            shelf.do(lambda session: journal.add(session, asked(), shelf.at.now))
        assert run("log", "explain", "1", *WHY, *place).exit_code == 69
