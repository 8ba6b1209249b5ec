"""Starts that the machine makes hard: a long log, a full queue, little memory, limits on files."""

import resource
import sqlite3
import sys
import time
from pathlib import Path

from tests.faults.machine import MB, Process, process

_MILLION = 1_000_000


def seconds_to_ready(path: Path) -> float:
    begun_s = time.monotonic()
    with process(path) as store:
        assert store.ready == {"ready": True}
        took_s = time.monotonic() - begun_s
        assert store.ask("keep", **{"from": time.time_ns(), "n": 1}) == {"kept": 1}
        store.kill()
    return took_s


def keep_until_it_cannot(store: Process) -> int:
    kept = 0
    while (said := store.ask("keep", **{"from": kept + 1, "n": 10, "bytes": 100_000})).get("kept", 0) == 10:
        kept += 10
        assert kept < 3000
    return kept + int(said.get("kept", 0))


def multiply(path: Path, rows: int) -> None:
    """Make many messages of one, each in a lane of its own."""
    connection = sqlite3.connect(path)
    columns = [row[1] for row in connection.execute("PRAGMA table_info(messages)")]
    new = {"seq": "n + 10", "uid": "printf('%032x', n + 10)", "lane": "randomblob(16)", "extension": "n + 10"}
    chosen = ", ".join(new.get(name, name) for name in columns)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(
        f"""WITH RECURSIVE counting(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < {rows})
            INSERT INTO messages SELECT {chosen} FROM counting, (SELECT * FROM messages LIMIT 1)"""
    )
    connection.execute("UPDATE counters SET n = n + ?", (rows,))
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


class TestAStart:
    def test_with_a_log_of_200_mb(self, tmp_path: Path) -> None:
        """A reader sat on it while the node was killed: it is read once, and the node serves."""
        path = tmp_path / "store.db"
        with process(path) as store:
            reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM messages").fetchone()
            number = 1
            while Path(f"{path}-wal").stat().st_size < 200 * MB:
                store.ask("keep", **{"from": number, "n": 64, "bytes": 60_000})
                number += 64
            store.kill()
            reader.close()
        assert Path(f"{path}-wal").stat().st_size >= 200 * MB
        assert seconds_to_ready(path) < 10

    def test_with_a_million_waiting_is_as_quick_as_with_none(self, tmp_path: Path) -> None:
        """The morning after a night without a line."""
        empty, full = tmp_path / "empty.db", tmp_path / "full" / "store.db"
        for path in (empty, full):
            with process(path) as store:
                store.ask("keep", **{"from": 1, "n": 1})
                store.end()
        multiply(full, _MILLION)
        quick_s = min(seconds_to_ready(empty) for _ in range(3))
        assert min(seconds_to_ready(full) for _ in range(3)) < quick_s + 1


class TestLimits:
    def test_one_message_too_big_for_memory_is_refused_and_the_rest_goes_on(self, tmp_path: Path) -> None:
        """The machine has no memory for one letter: the others are kept."""
        path = tmp_path / "store.db"
        with process(path) as store:
            in_use = int(Path(f"/proc/{store.pid}/statm").read_text(encoding="ascii").split()[0]) * 4096
            most = in_use + 80 * MB
            resource.prlimit(store.pid, resource.RLIMIT_AS, (most, most))
            big = store.ask("keep", **{"from": 1, "n": 1, "bytes": 200 * MB})
            small = store.ask("keep", **{"from": 100, "n": 20})
        assert ("kept" not in big, small) == (True, {"kept": 20})

    def test_a_limit_on_the_size_of_files_loses_nothing(self, tmp_path: Path) -> None:
        """A limit somebody set on the service: the node ends or refuses, and what it said yes to is there."""
        path = tmp_path / "store.db"
        limited = [sys.executable, "-c", _LIMITED, str(40 * MB)]
        with process(path, before=limited) as store:
            kept = keep_until_it_cannot(store)
        with process(path) as again:
            delivered = again.ask("deliver", n=5000)["delivered"]
        assert 0 < kept <= len(delivered)

    def test_without_file_descriptors_the_store_goes_on(self, tmp_path: Path) -> None:
        """Its files are open: callers that come in thousands do not stop what was promised."""
        with process(tmp_path / "store.db") as store:
            store.ask("keep", **{"from": 1, "n": 10})
            open_now = len(list(Path(f"/proc/{store.pid}/fd").iterdir()))
            resource.prlimit(store.pid, resource.RLIMIT_NOFILE, (open_now, open_now))
            kept = store.ask("keep", **{"from": 100, "n": 200, "bytes": 30_000})
            delivered = store.ask("deliver", n=300)["delivered"]
        assert (kept, len(delivered)) == ({"kept": 200}, 210)


_LIMITED = """
import os, resource, signal, sys
most = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
os.execv(sys.argv[2], sys.argv[2:])
"""
