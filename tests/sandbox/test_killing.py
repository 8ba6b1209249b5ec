"""When the node is killed: spread over the work, by a seed."""

import random

import pytest

from edge_node.sandbox import killing
from edge_node.sandbox.killing import Killer


def moments(seed: int, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How far the work was at each kill, looked at in steps of a hundredth."""
    monkeypatch.setattr(killing, "_PHASE_S", 0.0)
    kills: list[float] = []
    done = 0.0
    killer = Killer(lambda: kills.append(done), 5, random.Random(seed))
    for step in range(101):
        done = step / 100
        killer.at(done)
    return kills


class TestKiller:
    def test_kills_as_often_as_asked_before_the_work_is_done(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A kill when everything is delivered tries nothing."""
        assert (len(moments(1, monkeypatch)), max(moments(1, monkeypatch)) < 1) == (5, True)

    def test_a_seed_kills_at_the_same_moments_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What went wrong once must be possible to try again."""
        assert moments(7, monkeypatch) == moments(7, monkeypatch) != moments(8, monkeypatch)
