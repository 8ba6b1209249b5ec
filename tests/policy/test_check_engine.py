"""How a check is judged: by the thresholds of its row, for the worst of several, as strict as the site wants."""

import pytest

from edge_node.model.check import Action, Limits, Outcome, Result
from edge_node.policy import check_catalogue, check_engine

from .check_limits import limits

CHECKS = check_catalogue.load()


class TestJudge:
    def test_gives_a_rule_only_the_thresholds_of_its_row(self) -> None:
        """A number that the report does not show must not decide."""

        def greedy(facts: object, given: Limits) -> Outcome:
            return Outcome(result=Result.GOOD, value=str(given["queue_warn_s"].value))

        with pytest.raises(KeyError):
            check_engine.judge(greedy, CHECKS["cert-expiry"], None, limits())


class TestWorst:
    def test_is_what_is_wrong_and_with_whom(self) -> None:
        """One organisation of two."""
        outcomes = {
            "practice": Outcome(result=Result.GOOD),
            "pharmacy": Outcome(result=Result.VIOLATED, value="ended"),
        }
        worst = check_engine.worst(outcomes)
        assert (worst.result, worst.value, worst.concerns) == (Result.VIOLATED, "ended", {"pharmacy"})

    def test_is_of_the_whole_node_where_all_have_it(self) -> None:
        """Then nothing goes out at all."""
        both = {"practice": Outcome(result=Result.VIOLATED), "pharmacy": Outcome(result=Result.VIOLATED)}
        assert check_engine.worst(both).concerns == frozenset()

    def test_takes_what_is_not_known_for_worse_than_good(self) -> None:
        """Half seen is not seen."""
        both = {"practice": Outcome(result=Result.GOOD), "pharmacy": Outcome(result=Result.UNKNOWN)}
        assert check_engine.worst(both).result is Result.UNKNOWN


class TestActions:
    @pytest.mark.parametrize(
        ("name", "chosen", "done"),
        [
            ("disk-space", (Action.BLOCK_IN,), {Action.BLOCK_IN}),
            ("disk-space", (Action.LOG,), {Action.LOG}),
            ("cert-revoked", (Action.WARN,), {Action.WARN, Action.BLOCK_IN, Action.BLOCK_OUT}),
            ("card-valid", (Action.WARN,), {Action.WARN, Action.BLOCK_MSG}),
        ],
    )
    def test_of_a_site_only_add_where_care_would_not_be_safe(
        self, name: str, chosen: tuple[Action, ...], done: set[Action]
    ) -> None:
        """No line in a file turns off what keeps patients safe, or the proof of a token."""
        actions, _ = check_engine.actions_of(CHECKS[name], chosen)
        assert set(actions) == done
