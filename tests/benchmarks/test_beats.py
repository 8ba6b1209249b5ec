"""How long a reactor was away, as its own beat tells."""

import io
from array import array
from pathlib import Path
from typing import Any

from twisted.internet.task import Clock

from benchmarks.beats import Beats, read


def written(folder: Path, *beats: tuple[float, float, float]) -> Path:
    file = folder / "beats"
    file.write_bytes(array("d", [number for beat in beats for number in beat]).tobytes() + b"half")
    return file


class TestBeats:
    def test_go_on(self) -> None:
        """A beat that ended would find no stall, and a limit that is never measured is always met."""
        clock: Any = Clock()
        Beats(clock, io.BytesIO()).beat()
        clock.advance(0.001)
        assert len(clock.getDelayedCalls()) == 1


class TestRead:
    def test_leaves_out_the_millisecond_that_was_meant(self, tmp_path: Path) -> None:
        """A reactor that does nothing has no stall."""
        (stall,) = read(written(tmp_path, (10.0, 0.001, 0.0005)), 9.0, 11.0)
        assert (stall.wall_ms, stall.own_ms) == (0.0, 0.0)

    def test_counts_only_what_the_process_used_itself(self, tmp_path: Path) -> None:
        """What a busy machine does to everybody is not of the node's making."""
        (stall,) = read(written(tmp_path, (10.0, 0.051, 0.011)), 9.0, 11.0)
        assert (round(stall.wall_ms), round(stall.own_ms)) == (50, 11)

    def test_leaves_out_what_was_before_and_after(self, tmp_path: Path) -> None:
        """The start of the node is another measurement."""
        file = written(tmp_path, (5.0, 0.1, 0.1), (10.0, 0.1, 0.1), (15.0, 0.1, 0.1))
        assert [stall.at_s for stall in read(file, 9.0, 11.0)] == [10.0]
