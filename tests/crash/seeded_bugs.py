"""Each guarantee has a bug that breaks it, and the harness must find every one; the node as it is must pass.

Run by `./run crash --self-test`: it takes some minutes, so that the name of this file keeps it out of `./run test`.
"""

from pathlib import Path
from typing import Final

import pytest

from edge_node.sandbox.crash import Options, Report, crash
from edge_node.sandbox.store_trial import Broken, Trial
from edge_node.sandbox.telling import Teller
from tests.crash.buggy_node import BUG

SEED: Final = 20261122
#: Every bug must be found within these, and the sound node must pass them.
KILLS: Final = 24
CUTS: Final = 12


def tried(*, kills: int = KILLS, cuts: int = CUTS) -> Report:
    options = Options(kills=kills, cuts=cuts, seed=SEED, node="tests.crash.buggy_node", drain_s=60)
    return crash(options, Teller(json=True))


def faults_of_a_working_node() -> frozenset[str]:
    """Return the faults found. A node that does nothing at all loses everything too, and proves nothing."""
    report = tried()
    assert report.account.delivered > 0, report.problem
    return frozenset(report.account.faults)


class TestTheTrialOfADisk:
    """What `edge-node selftest --crash` runs."""

    @pytest.mark.parametrize(
        ("bug", "words"),
        [
            ("acknowledge-before-commit", "kept and gone"),
            ("forget-duplicates", "did not get the first answer"),
            ("reorder", "overtaken"),
            ("memory-only", "kept and gone"),
        ],
    )
    def test_finds(self, bug: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A proof that cannot fail would be worse than none."""
        monkeypatch.setenv(BUG, bug)
        trial = Trial(folder=tmp_path, kills=KILLS, seed=SEED, child="tests.crash.buggy_child")
        with pytest.raises(Broken, match=words):
            trial.run(lambda number: None)


class TestTheHarness:
    def test_finds_nothing_in_the_node_as_it_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Otherwise what it finds elsewhere means nothing."""
        monkeypatch.delenv(BUG, raising=False)
        report = tried()
        assert report.is_good, (report.problem, report.account.faults)

    def test_finds_a_yes_said_before_the_commit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A prescription that was acknowledged and is gone: nobody sends it again."""
        monkeypatch.setenv(BUG, "acknowledge-before-commit")
        assert "lost" in faults_of_a_working_node()

    def test_finds_a_memory_that_forgets(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A copy that is taken for a new message is dispensed twice."""
        monkeypatch.setenv(BUG, "forget-duplicates")
        assert {"doubled", "answered_otherwise"} & faults_of_a_working_node()

    def test_finds_messages_that_overtake(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A stop that arrives before the prescription it stops, stops nothing."""
        monkeypatch.setenv(BUG, "reorder")
        assert "out_of_order" in faults_of_a_working_node()

    def test_finds_a_store_in_memory_only(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It looks like a store until the process ends."""
        monkeypatch.setenv(BUG, "memory-only")
        assert "lost" in faults_of_a_working_node()

    def test_finds_commits_that_are_not_on_the_disk(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The power fails in the evening, and the day's last reports are gone."""
        monkeypatch.setenv(BUG, "synchronous-off")
        report = tried()
        assert report.problem or report.account.faults

    def test_finds_names_that_are_not_on_the_disk(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A key whose bytes were synced and whose name was not, is gone all the same."""
        monkeypatch.setenv(BUG, "names-not-synced")
        report = tried(kills=0)
        assert report.problem or report.account.faults

    def test_needs_a_power_cut_for_what_signal_9_leaves_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What the kernel has in memory outlives the process: kills alone prove nothing about the disk."""
        monkeypatch.setenv(BUG, "synchronous-off")
        assert tried(cuts=0).is_good
