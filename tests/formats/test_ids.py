"""Ids and moments of our own messages."""

from datetime import UTC, datetime

import pytest

from edge_node.formats.ids import creation_time, message_root, stamp
from edge_node.model.identifiers import ApplicationId, Oid

PRACTICE = ApplicationId("700001")
NORTH, SOUTH = Oid("2.16.840.1.113883.2.4.6.6.700001.1"), Oid("2.16.840.1.113883.2.4.6.6.700001.2")
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


class TestARoot:
    def test_is_below_the_node_and_of_one_application_alone(self) -> None:
        """Two applications, or two nodes with one application, must never give the same id."""
        roots = [
            message_root(node, ApplicationId(id_)).value for node in (NORTH, SOUTH) for id_ in ("700001", "700002")
        ]
        assert roots[0] == "2.16.840.1.113883.2.4.6.6.700001.1.700001"
        assert len(set(roots)) == 4


class TestAnId:
    def test_differs_by_moment_and_by_chance(self) -> None:
        """An id is never used again, not even after a clock step."""
        root = message_root(NORTH, PRACTICE)
        assert stamp(root, NOON, "0" * 16).id != stamp(root, NOON, "1" * 16).id

    def test_needs_enough_chance(self) -> None:
        """A short random part would one day come again."""
        with pytest.raises(ValueError, match="chance"):
            stamp(message_root(NORTH, PRACTICE), NOON, "abcd")

    def test_needs_an_aware_moment(self) -> None:
        """A moment without a zone is a guess."""
        with pytest.raises(ValueError, match="time zone"):
            stamp(message_root(NORTH, PRACTICE), datetime(2026, 7, 1), "0" * 16)  # noqa: DTZ001


class TestTheCreationTime:
    @pytest.mark.parametrize(
        ("at", "written"),
        [(NOON, "20260701140000"), (datetime(2026, 12, 31, 23, 30, 59, 999999, tzinfo=UTC), "20270101003059")],
    )
    def test_is_dutch_local_time_to_the_second(self, at: datetime, written: str) -> None:
        """The switchboard compares it with its own clock."""
        assert creation_time(at) == written
