"""The blows follow from the seed."""

from collections import Counter

from edge_node.sandbox.crash_plan import Weather, plan

POINTS = {"inserted": 40, "before-commit": 40}


class TestPlan:
    def test_is_the_same_for_the_same_seed(self) -> None:
        """Who found a fault deals the same blows again."""
        assert plan(kills=30, cuts=10, seed=7, points=POINTS) == plan(kills=30, cuts=10, seed=7, points=POINTS)

    def test_is_another_for_another_seed(self) -> None:
        """Every run tries something else."""
        assert plan(kills=30, cuts=10, seed=7, points=POINTS) != plan(kills=30, cuts=10, seed=8, points=POINTS)

    def test_deals_as_many_as_asked(self) -> None:
        """Three hundred are three hundred."""
        blows = plan(kills=300, cuts=100, seed=1, points=POINTS)
        assert Counter(blow.is_cut for blow in blows) == {False: 300, True: 100}

    def test_comes_to_every_fail_point_and_in_all_weathers(self) -> None:
        """A place that is never hit is a place where nothing was proved."""
        blows = plan(kills=300, cuts=100, seed=1, points=POINTS)
        assert {blow.point for blow in blows} == {*POINTS, ""}
        assert {blow.weather for blow in blows} == set(Weather)
        assert {blow.is_early for blow in blows} == {True, False}

    def test_says_each_blow_in_words(self) -> None:
        """Whoever looks for the cause begins here."""
        blow = next(blow for blow in plan(kills=50, cuts=0, seed=1, points=POINTS) if blow.point)
        assert blow.words.startswith(f"kill {blow.number} at {blow.point}:{blow.nth}")
