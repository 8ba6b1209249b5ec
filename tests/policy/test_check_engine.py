"""How a check is judged: by the thresholds of its row, for the worst of several, as strict as the site wants."""

from datetime import UTC, datetime, timedelta

import pytest

from edge_node.model.check import Action, Limits, Outcome, Result, Waiver
from edge_node.policy import check_catalogue, check_engine
from edge_node.policy.check_engine import Declared

from .check_limits import limits

CHECKS = check_catalogue.load()
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


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


class TestWaiver:
    @pytest.mark.parametrize(
        ("name", "counts"), [("disk-space", True), ("cert-revoked", False), ("card-valid", False)]
    )
    def test_counts_only_where_something_can_give_way(self, name: str, counts: bool) -> None:
        """One that was written down under an older release must not open what is shut now."""
        waiver = Waiver(check=name, owner="A. Beheerder", reason="x", until=NOON + timedelta(days=1), given_at=NOON)
        made = check_engine.verdict(CHECKS[name], Outcome(result=Result.VIOLATED), Declared(waiver=waiver), NOON)
        assert (made.waiver is not None) is counts


class TestActions:
    @pytest.mark.parametrize(
        ("name", "action", "can"),
        [
            ("clock-offset", Action.BLOCK_OUT, True),
            ("clock-offset", Action.BLOCK_MSG, False),
            ("role-allowed", Action.BLOCK_MSG, True),
            ("role-allowed", Action.BLOCK_OUT, False),
            ("card-valid", Action.BLOCK_MSG, True),
            ("role-allowed", Action.LOG, True),
        ],
    )
    def test_that_would_do_nothing_are_known(self, name: str, action: Action, can: bool) -> None:
        """A site that sets one believes to be safe, and is not."""
        assert CHECKS[name].can(action) is can

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
