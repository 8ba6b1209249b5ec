"""The targets of the fuzzing, without the machine: each finds the bug put into it, and none where there is none."""

import random
from collections.abc import Iterator
from contextlib import suppress

import pytest

from fuzz.mutating import mutate
from fuzz.target import Crash, Target, TooSlow
from fuzz.targets import TARGETS, WITH_A_BUG

RUNS = 1_500
FEW = 250


def inputs(target: Target, count: int) -> Iterator[bytes]:
    """The same at each run of the tests."""
    chance = random.Random(3)
    seeds = target.seeds
    return (mutate(chance.choice(seeds), target.words, chance) for _ in range(count))


def once(target: Target, data: bytes) -> bool:
    """Try one. How long it took is for the fuzzer to judge, not for a test on a busy machine."""
    with suppress(TooSlow):
        target.run(data)
    return True


def tried(target: Target, count: int) -> int:
    """Try so many; return how many that were."""
    return sum(once(target, data) for data in inputs(target, count))


@pytest.mark.parametrize("name", TARGETS)
class TestTarget:
    def test_finds_the_bug_that_was_put_in(self, name: str) -> None:
        """Who finds nothing might as well be blind."""
        with pytest.raises((Crash, KeyError)):
            tried(WITH_A_BUG[name], RUNS)

    def test_finds_nothing_where_nothing_is(self, name: str) -> None:
        """A crash that is none hides the one that is."""
        assert tried(TARGETS[name], FEW) == FEW

    def test_takes_its_good_inputs(self, name: str) -> None:
        """What begins with rubbish ends with rubbish."""
        target = TARGETS[name]
        assert all(once(target, seed) for seed in target.seeds)

    @pytest.mark.parametrize("data", [b"", b"\0", b"<" * 65_536, b"{" * 65_536, b"<x/>" * 16_384, b"- " * 32_768])
    def test_takes_the_worst_inputs_of_its_size(self, name: str, data: bytes) -> None:
        """What takes long when it is small takes for ever when it is large."""
        assert once(TARGETS[name], data)
