"""Files on disk are looked at in time, and what is wrong with one is seen."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.task import Clock

from edge_node.certificates import Certificates
from edge_node.watching import OnDisk, Watching, WatchingParts

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
WRONG = (("identities", 0, "certificate"), "practice.pem: holds no certificates in PEM")
#: What staff are promised.
SHOWN_WITHIN_S = 5.0


async def _at_once(work: Callable[[], Any]) -> Any:
    return work()


class Disk:
    """One certificate file, and what reading it gives."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "practice.pem"
        self.path.write_bytes(b"as it was")
        self.good = Certificates(path_of=lambda _: self.path, now=NOW, files={self.path})
        self.found = self.good
        self.clock = Clock()
        self.watching = Watching(
            WatchingParts(held=lambda: self.good, read=lambda: self.found, aside=_at_once, clock=self.clock)
        )
        self.watching.begin()

    def spoil(self) -> None:
        """Half of it is written over."""
        self.path.write_bytes(b"half")
        self.found = replace(self.good, wrong=[WRONG])

    def mend(self) -> None:
        """It is whole again."""
        self.path.write_bytes(b"as it was, again")
        self.found = self.good


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


class TestAFileThatWasBrokenAtTheStart:
    def test_is_shown_from_the_first_moment(self, tmp_path: Path) -> None:
        """The index of what was installed is lost, and an older certificate serves: "well" would be a lie."""
        disk = Disk(tmp_path)
        disk.good.faults.append("index.json: is no index of certificates")
        disk.watching.begin()
        assert disk.watching.on_disk.broken == ("index.json: is no index of certificates",)


class TestAFileThatBreaks:
    def test_is_shown_within_five_seconds(self, disk: Disk) -> None:
        """Whoever copied it is still at the keyboard."""
        disk.clock.advance(1.0)
        disk.spoil()
        disk.clock.advance(SHOWN_WITHIN_S)
        assert disk.watching.on_disk.broken == (
            "identities.0.certificate: practice.pem: holds no certificates in PEM",
        )

    def test_and_is_mended_is_good_again_within_five_seconds(self, disk: Disk) -> None:
        """An alarm that stays on is one that nobody reads."""
        disk.spoil()
        disk.clock.advance(SHOWN_WITHIN_S)
        disk.mend()
        disk.clock.advance(SHOWN_WITHIN_S)
        assert disk.watching.on_disk == OnDisk()

    def test_is_not_looked_at_after_a_stop(self, disk: Disk) -> None:
        """A node that stops leaves nothing behind that runs."""
        disk.watching.stop()
        disk.spoil()
        disk.clock.advance(60)
        assert disk.watching.on_disk == OnDisk()
        assert disk.clock.getDelayedCalls() == []
