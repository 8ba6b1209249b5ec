"""The inbox, joined to settings and line."""

from pathlib import Path
from typing import Any

import pytest
from twisted.internet.task import Clock

from edge_node.errors import StoreUnavailable
from edge_node.model.message import Direction
from edge_node.offering import Offering, Parts
from edge_node.settings.load import load
from edge_node.settings.schema import Settings
from tests.settings.written import changed, write


class Desk:
    """The store's side, in memory."""

    def __init__(self) -> None:
        self.fetching: list[frozenset[str]] = []
        self.over = 0
        self.looks = 0
        self.works = True
        self.came: Any = None

    async def fetched_by(self, receivers: frozenset[str]) -> None:
        self.fetching.append(receivers)

    async def end_locks(self) -> int:
        self.looks += 1
        if not self.works:
            raise StoreUnavailable("the disk is full")
        ended, self.over = self.over, 0
        return ended


class Node:
    """An offering, and time moved by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.desk = Desk()
        self.settings = self.with_delivery("inbox")
        self.woken: list[Direction] = []
        desk: Any = self.desk
        self.offering = Offering(
            Parts(
                desk=desk,
                settings=lambda: self.settings,
                applications_of=lambda _caller: frozenset(),
                wake=self.woken.append,
                reactor=self.clock,
            )
        )
        self.offering.begin()
        self.woken.clear()

    def with_delivery(self, delivery: str) -> Settings:
        text = changed("name: HIS", f"name: HIS\n        delivery: {delivery}")
        return load([write(self.folder, text)])


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path)


class TestOffering:
    def test_tells_the_store_to_whom_nothing_is_pushed(self, node: Node) -> None:
        """At the start, and again with new settings."""
        node.settings = node.with_delivery("push")
        node.offering.become()
        assert [len(receivers) for receivers in node.desk.fetching] == [1, 0]

    def test_looks_for_locks_that_are_over(self, node: Node) -> None:
        """A worker that died holds up nothing for long, also when nobody asks."""
        node.desk.over = 1
        node.clock.advance(5)
        assert node.woken == [Direction.IN]

    def test_goes_on_looking_when_the_store_cannot_record(self, node: Node) -> None:
        """A full disk is made room on; then locks end again."""
        node.desk.works = False
        node.clock.advance(5)
        node.desk.works, node.desk.over = True, 1
        node.clock.advance(5)
        assert (node.desk.looks, node.woken) == (2, [Direction.IN])

    def test_stops(self, node: Node) -> None:
        """Nothing of it keeps a node from ending."""
        node.offering.stop()
        assert node.clock.getDelayedCalls() == []

    def test_takes_its_limits_from_the_settings_as_they_are(self, node: Node) -> None:
        """A longer lock is there without a restart."""
        assert node.offering.api.limits().lock_s == 60
