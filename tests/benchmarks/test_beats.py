"""How long a reactor was away, as its own beat tells."""

import io
from array import array
from pathlib import Path
from typing import Any

from twisted.internet.task import Clock

from benchmarks.beats import Beats, read, waiting_for_a_processor


def written(folder: Path, *beats: tuple[float, float, float, float]) -> Path:
    file = folder / "beats"
    file.write_bytes(array("d", [number for beat in beats for number in beat]).tobytes() + b"half")
    return file


class TestBeats:
    def test_go_on(self) -> None:
        """A beat that ended would find no stall, and a limit that is never measured is always met."""
        clock: Any = Clock()
        Beats(clock, io.BytesIO(), lambda: 0.0).beat()
        clock.advance(0.001)
        assert len(clock.getDelayedCalls()) == 1


class TestRead:
    def test_leaves_out_the_millisecond_that_was_meant(self, tmp_path: Path) -> None:
        """A reactor that does nothing has no stall."""
        (stall,) = read(written(tmp_path, (10.0, 0.001, 0.0005, 0.0)), 9.0, 11.0)
        assert (stall.wall_ms, stall.own_ms) == (0.0, 0.0)

    def test_counts_only_what_the_process_used_itself(self, tmp_path: Path) -> None:
        """What a busy machine does to everybody is not of the node's making."""
        (stall,) = read(written(tmp_path, (10.0, 0.051, 0.011, 0.0)), 9.0, 11.0)
        assert (round(stall.wall_ms), round(stall.own_ms)) == (50, 11)

    def test_does_not_count_what_another_thread_used_while_it_waited_for_a_processor(self, tmp_path: Path) -> None:
        """A commit on the other processor keeps no query waiting."""
        (stall,) = read(written(tmp_path, (10.0, 0.031, 0.025, 0.022)), 9.0, 11.0)
        assert (round(stall.wall_ms), round(stall.away_ms), round(stall.own_ms)) == (30, 8, 8)

    def test_shows_what_waited_with_a_processor_at_hand(self, tmp_path: Path) -> None:
        """A reactor that waits for a disk uses nothing, and is away all the same."""
        (stall,) = read(written(tmp_path, (10.0, 0.031, 0.002, 0.005)), 9.0, 11.0)
        assert (round(stall.away_ms), round(stall.own_ms)) == (25, 2)

    def test_leaves_out_what_was_before_and_after(self, tmp_path: Path) -> None:
        """The start of the node is another measurement."""
        file = written(tmp_path, (5.0, 0.1, 0.1, 0.0), (10.0, 0.1, 0.1, 0.0), (15.0, 0.1, 0.1, 0.0))
        assert [stall.at_s for stall in read(file, 9.0, 11.0)] == [10.0]


class TestWaiting:
    def test_for_a_processor_is_counted_by_the_system(self) -> None:
        """Without it a busy machine would be taken for a node that stops."""
        assert waiting_for_a_processor()() >= 0.0
