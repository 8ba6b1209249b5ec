"""The trial of a store on one disk: what counts as a broken promise, and that a bad store is found."""

from pathlib import Path

import pytest

from edge_node.sandbox.store_trial import Broken, Promises, Trial
from tests.crash.buggy_node import BUG


def heard(*lines: str) -> Promises:
    promises = Promises()
    for line in lines:
        promises.hear(line)
    return promises


class TestPromises:
    def test_that_are_held_are_good(self) -> None:
        """Kept and delivered, and the store says so."""
        heard("ready", "k 1", "h 1 0 0", "d 1", "c 1").check({"1-0": "DELIVERED"}, all_delivered=True)

    def test_of_a_second_handover_that_says_so_are_held(self) -> None:
        """Nobody knew whether the first one arrived."""
        heard("k 1", "h 1 0 0", "h 1 0 1", "d 1").check({"1-0": "DELIVERED"}, all_delivered=True)

    @pytest.mark.parametrize(
        ("lines", "words"),
        [
            (("h 1 0 0", "d 1", "h 1 0 1"), "after it was delivered"),
            (("h 1 0 0", "h 1 0 0"), "as if it were the first"),
            (("h 7 0 0", "h 1 0 0"), "overtaken"),
            (("k 1", "x 1"), "did not get the first answer"),
        ],
    )
    def test_that_are_broken_while_it_runs_are_heard(self, lines: tuple[str, ...], words: str) -> None:
        """Twice, or in the wrong order."""
        with pytest.raises(Broken, match=words):
            heard(*lines)

    @pytest.mark.parametrize(
        ("found", "words"),
        [
            ({}, "kept and gone: 1"),
            ({"1-0": "WAITING"}, "the store does not know it: 1"),
        ],
    )
    def test_that_the_store_forgot_are_found(self, found: dict[str, str], words: str) -> None:
        """What was promised is held against what is there."""
        with pytest.raises(Broken, match=words):
            heard("k 1", "d 1").check(found, all_delivered=False)

    def test_that_are_never_fulfilled_are_found(self) -> None:
        """In the end everything kept is delivered."""
        with pytest.raises(Broken, match="never delivered: 1"):
            heard("k 1").check({"1-0": "WAITING"}, all_delivered=True)


class TestTrial:
    def test_of_a_sound_store_survives(self, tmp_path: Path) -> None:
        """The same code path as on the customer's disk."""
        trial = Trial(folder=tmp_path, kills=2, seed=3)
        trial.run(lambda number: None)
        assert trial.survived == 2
        assert trial.messages > 0

    def test_of_a_store_in_memory_fails(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A trial that nothing can fail proves nothing."""
        monkeypatch.setenv(BUG, "memory-only")
        trial = Trial(folder=tmp_path, kills=6, seed=3, child="tests.crash.buggy_child")
        with pytest.raises(Broken):
            trial.run(lambda number: None)
