"""The checks among the parts of the node, and in its figures."""

from dataclasses import replace
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry

from edge_node.model.check import Maker, Origin, Outcome, Result, Verdict
from edge_node.policy import check_catalogue
from edge_node.status.check_part import checks
from edge_node.status.metrics import Metrics
from edge_node.status.snapshot import snapshot

from .doubles import facts

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def verdict(name: str, result: Result = Result.VIOLATED) -> Verdict:
    check = check_catalogue.load()[name]
    return Verdict(
        check=check,
        outcome=Outcome(result=result, value="seen"),
        since=NOON,
        looked_at=NOON,
        actions=check.actions,
        actions_origin=Origin(maker=Maker.PRODUCT),
    )


class TestParts:
    def test_tell_of_a_check_that_stops_messages(self) -> None:
        """Who sees that nothing goes out must see why."""
        (part,) = checks([verdict("cert-revoked")])
        assert (part.name, part.code, part.detail) == (
            "cert-revoked",
            "EN-CHECK-STOPPED",
            "BLOCK_IN, BLOCK_OUT: seen",
        )

    def test_are_quiet_about_what_only_warns(self) -> None:
        """A node whose backup is old does its work."""
        assert list(checks([verdict("backup-age")])) == []

    def test_leave_to_others_what_others_tell(self) -> None:
        """The link says who does not answer as himself."""
        assert list(checks([verdict("peer-is-zim")])) == []


class TestFigures:
    def test_count_the_checks_by_result(self) -> None:
        """A network with six thousand nodes looks at sums."""
        metrics = Metrics(CollectorRegistry())
        standing = (verdict("cert-revoked"), verdict("backup-age", Result.WARNED))
        given = facts()
        metrics.show(snapshot(replace(given, spoken=replace(given.spoken, standing=standing))))
        text = metrics.text().decode()
        assert 'edge_node_checks{result="violated"} 1.0' in text
        assert 'edge_node_check_violated{check="backup-age"} 0.5' in text
