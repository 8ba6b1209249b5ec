"""`edge-node gbz incident`, `change` and `leave`."""

from typing import Any

import pytest

from .conftest import Run
from .test_gbz import Daemon, daemon

__all__ = ["daemon"]

INCIDENT = {
    "id": 3, "detected_at": "2026-11-22T12:00:00+00:00", "what": "laptop left in a train", "is_breach": True,
    "owner": "M. Manager", "opened_at": "2026-11-22T12:00:00+00:00", "opened_by": "jansen", "reported_at": None,
    "reported_to": "", "closed_at": None, "closed_by": "", "is_reported": False,
}  # fmt: skip


class TestIncident:
    @pytest.mark.parametrize(("is_reported", "code"), [(False, 1), (True, 0)])
    def test_list_exits_1_while_one_is_not_reported(
        self, run: Run, daemon: Daemon, is_reported: bool, code: int
    ) -> None:
        """A script that watches needs no reading."""
        daemon.answer = [{**INCIDENT, "is_reported": is_reported}]
        result = run("gbz", "incident", "list")
        assert (result.exit_code, "laptop left in a train" in result.stdout) == (code, True)

    def test_open_reads_a_moment_as_one_here(self, run: Run, daemon: Daemon) -> None:
        """Who writes down what happened at two o'clock means two o'clock in the Netherlands."""
        daemon.answer = INCIDENT
        options = ("--owner", "M", "--detected", "2026-11-22T14:00", "--breach", "--why", "w")
        run("gbz", "incident", "open", *options)
        asked = daemon.asked[0]
        assert (asked["detected"], asked["breach"]) == ("2026-11-22T13:00:00+00:00", True)

    @pytest.mark.parametrize("moment", ["0001-01-01T00:00", "2026-03-29T02:30", "gisteren", "2026-13-01"])
    def test_open_refuses_a_moment_that_there_was_not(self, run: Run, daemon: Daemon, moment: str) -> None:
        """In spring an hour is skipped; who names it made a mistake, and a term would count from it."""
        result = run("gbz", "incident", "open", "--owner", "M", "--detected", moment, "--why", "w")
        assert (result.exit_code, daemon.asked) == (64, [])

    def test_open_takes_the_first_of_an_hour_that_comes_twice(self, run: Run, daemon: Daemon) -> None:
        """The term begins with the earlier one."""
        daemon.answer = INCIDENT
        run("gbz", "incident", "open", "--owner", "M", "--detected", "2026-10-25T02:30", "--why", "w")
        assert daemon.asked[0]["detected"] == "2026-10-25T00:30:00+00:00"

    @pytest.mark.parametrize(
        ("words", "asked"),
        [
            (("report", "3", "--to", "AP", "--why", "w"), {"verb": "gbz.incident-report", "id": 3, "to": "AP"}),
            (("close", "3", "--why", "w"), {"verb": "gbz.incident-close", "id": 3}),
        ],
    )
    def test_goes_on(self, run: Run, daemon: Daemon, words: tuple[str, ...], asked: dict[str, Any]) -> None:
        """Reported, then closed; each with who and why."""
        daemon.answer = INCIDENT
        result = run("gbz", "incident", *words)
        assert (result.exit_code, daemon.asked[0]) == (0, {**asked, "why": "w"})


class TestChange:
    def test_record_says_what_was_approved(self, run: Run, daemon: Daemon) -> None:
        """Who records it sees at once for which release."""
        daemon.answer = {"change": "CHG-7", "approver": "M. Manager", "release": "1.0"}
        result = run("gbz", "change", "record", "--id", "CHG-7", "--approver", "M. Manager", "--why", "w")
        assert result.stdout == "CHG-7: approved by M. Manager, 1.0.\n"

    def test_list_shows_them(self, run: Run, daemon: Daemon) -> None:
        """For an auditor."""
        names = ("at", "change", "approver", "release", "digest", "why")
        daemon.answer = [dict.fromkeys(names, "x") | {"change": "CHG-7"}]
        assert "CHG-7" in run("gbz", "change", "list").stdout


class TestLeave:
    def test_show_exits_1_while_a_step_is_left(self, run: Run, daemon: Daemon) -> None:
        """A machine that is carried away too early takes keys along."""
        taken = {"step": "begun", "at": "2026-11-22T12:00:00+00:00", "owner": "M", "note": "w"}
        daemon.answer = {"taken": [taken], "to_do": ["keys-wiped"]}
        result = run("gbz", "leave", "show")
        assert (result.exit_code, "to do: keys-wiped" in result.stdout) == (1, True)

    def test_show_says_that_nobody_leaves(self, run: Run, daemon: Daemon) -> None:
        """A list of what is to be done must not look like an order."""
        daemon.answer = {"taken": [], "to_do": ["keys-wiped"]}
        result = run("gbz", "leave", "show")
        assert (result.exit_code, "The node is in use" in result.stderr) == (0, True)

    def test_take_asks_for_a_step_of_the_list(self, run: Run, daemon: Daemon) -> None:
        """A slip of the pen is no step."""
        assert run("gbz", "leave", "take", "key-wiped", "--owner", "M", "--why", "w").exit_code != 0
        assert daemon.asked == []

    def test_stay_takes_it_back(self, run: Run, daemon: Daemon) -> None:
        """The practice stays after all."""
        assert run("gbz", "leave", "stay", "--why", "w").stdout == "The node stays in use.\n"
