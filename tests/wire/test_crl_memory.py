"""What is remembered of sources from one start to the next."""

import contextlib
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from edge_node.wire.crl_memory import REMEMBERED, SourceMemory
from edge_node.wire.fetching import Validators

SAID = Validators(etag='"v1"', last_modified="Sun, 22 Nov 2026 10:00:00 GMT")


def kept(path: Path, written: str) -> SourceMemory:
    path.write_text(written, encoding="utf-8")
    return SourceMemory(path)


class TestMemory:
    def test_lasts_beyond_a_restart(self, tmp_path: Path) -> None:
        """A node that restarts does not fetch megabytes anew."""
        path = tmp_path / "crl" / "sources.json"
        memory = SourceMemory(path)
        memory.remember("http://crl.example/", SAID)
        memory.write(memory.text())
        assert SourceMemory(path).validators("http://crl.example/") == SAID

    def test_is_for_the_eyes_of_the_node(self, tmp_path: Path) -> None:
        """Like everything beside it."""
        memory = SourceMemory(tmp_path / "sources.json")
        memory.write(memory.text())
        assert (tmp_path / "sources.json").stat().st_mode & 0o777 == 0o600

    def test_says_whether_there_is_something_to_write(self, tmp_path: Path) -> None:
        """An hour without news writes nothing."""
        memory = SourceMemory(None)
        told = [memory.remember("http://crl.example/", SAID) for _ in range(2)]
        assert told == [True, False]

    def test_that_is_newer_is_what_stays(self, tmp_path: Path) -> None:
        """Threads write in whatever order they get their turn."""
        memory = SourceMemory(tmp_path / "sources.json")
        older = memory.text()
        memory.remember("http://crl.example/", SAID)
        memory.write(memory.text())
        memory.write(older)
        assert SourceMemory(tmp_path / "sources.json").addresses == ("http://crl.example/",)

    def test_is_written_by_one_thread_at_a_time(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Two that write the same file leave a mixture of both."""
        memory, opened, at_work = SourceMemory(tmp_path / "sources.json"), os.open, threading.Barrier(2, timeout=0.3)

        def open_together(*named: Any) -> int:
            with contextlib.suppress(threading.BrokenBarrierError):
                at_work.wait()  # broken: the other one is not here too
            return opened(*named)

        monkeypatch.setattr(os, "open", open_together)
        text = memory.text()
        threads = [threading.Thread(target=memory.write, args=(text,)) for _ in range(2)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert at_work.broken

    def test_is_bounded(self) -> None:
        """Addresses come from certificates."""
        memory = SourceMemory(None)
        told = [memory.remember(f"http://{number}.example/", SAID) for number in range(REMEMBERED + 5)]
        assert len(told) > len(memory.addresses) == REMEMBERED

    @pytest.mark.parametrize(
        "written",
        ["", "{", "[]", '{"version": 2, "sources": {"a": {}}}', '{"version": 1, "sources": []}', "[" * 100_000],
        ids=["empty", "half", "list", "newer", "no sources", "deep"],
    )
    def test_of_a_damaged_file_is_empty(self, tmp_path: Path, written: str) -> None:
        """A file that a full disk cut short keeps no node from starting."""
        assert kept(tmp_path / "sources.json", written).addresses == ()

    def test_of_an_odd_value_is_none(self, tmp_path: Path) -> None:
        """What cannot be sent as a header is not kept."""
        memory = kept(tmp_path / "sources.json", '{"version": 1, "sources": {"a": {"etag": "x\\n", "b": 1}}}')
        assert memory.validators("a") == Validators()

    def test_that_cannot_be_written_stops_nothing(self, tmp_path: Path) -> None:
        """The disk is full more often than anybody likes."""
        (tmp_path / "file").write_text("", encoding="utf-8")
        memory = SourceMemory(tmp_path / "file" / "sources.json")
        memory.remember("http://crl.example/", SAID)
        memory.write(memory.text())
        assert memory.addresses == ("http://crl.example/",)
