"""What signal 9 leaves behind: a second process, a real file, the promises it made."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.store.shelf import Shelf

ROOT = Path(__file__).parents[2]
CHANCE = random.Random(20261121)
MOMENTS = [CHANCE.randrange(1, 400) for _ in range(6)]


def run_until_killed(path: Path, point: str, nth: int, *recovery: Path) -> list[str]:
    """Return the promises of a process that killed itself at a fail point."""
    command = [sys.executable, "-m", "tests.store.crashing", str(path), point, str(nth), *map(str, recovery)]
    ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, timeout=60, check=False)
    assert ended.returncode == -9
    return ended.stdout.decode().splitlines()


def run_and_kill(path: Path, promises: int) -> list[str]:
    """Return the promises of a process killed after it had made that many."""
    command = [sys.executable, "-m", "tests.store.crashing", str(path), "never", "1"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        lines = [running.stdout.readline() for _ in range(promises)]
        running.kill()
        lines += running.stdout.readlines()
    return [line.decode().strip() for line in lines if line.endswith(b"\n")]


def broken(path: Path, promises: list[str]) -> set[str]:
    """Return the promises that the store does not hold."""
    shelf = Shelf(path)
    rows = shelf.session.execute(
        "SELECT messages.extension, messages.state FROM messages JOIN bodies USING (seq) JOIN duplicates USING (uid)"
    ).fetchall()
    shelf.close()
    held = {f"k {number}" for number, _ in rows} | {f"d {number}" for number, state in rows if state == "DELIVERED"}
    return set(promises) - held


def inconsistencies(path: Path) -> list[object]:
    """Return what does not fit together in the file."""
    shelf = Shelf(path)
    found = [
        shelf.session.execute(sql).fetchall()
        for sql in (
            "SELECT direction, state, count(*) FROM messages GROUP BY 1, 2 EXCEPT SELECT * FROM counters",
            "SELECT lane FROM messages WHERE head IS NOT NULL GROUP BY lane HAVING sum(head) <> 1",
            "SELECT uid FROM messages WHERE (head IS NULL) = (state NOT IN ('DELIVERED'))",
            "SELECT lane FROM messages m WHERE head = 0 AND seq < "
            "(SELECT seq FROM messages WHERE lane = m.lane AND head = 1)",
            "SELECT count(*) FROM log_records WHERE record ->> '$.\"event.type\"' = 'push' "
            "EXCEPT SELECT count(*) FROM messages",
            "SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
        )
    ]
    shelf.close()
    return [rows for rows in found if rows]


class TestKilled:
    @pytest.mark.parametrize("nth", [1, 40])
    @pytest.mark.parametrize("point", ["inserted", "before-commit", "after-commit"])
    def test_at_each_point_of_a_commit(self, tmp_path: Path, point: str, nth: int) -> None:
        """What was acknowledged is there when the power comes back; the rest is there whole or not at all."""
        path = tmp_path / "store.db"
        promises = run_until_killed(path, point, nth)
        assert broken(path, promises) == set()
        assert inconsistencies(path) == []

    @pytest.mark.parametrize("moment", MOMENTS)
    def test_at_any_moment(self, tmp_path: Path, moment: int) -> None:
        """A power cut chooses its own moment."""
        path = tmp_path / "store.db"
        promises = run_and_kill(path, moment)
        assert len(promises) >= moment
        assert broken(path, promises) == set()
        assert inconsistencies(path) == []

    def test_again_and_again(self, tmp_path: Path) -> None:
        """A machine that keeps failing keeps its promises too."""
        path = tmp_path / "store.db"
        promises = [line for moment in (30, 90, 60) for line in run_and_kill(path, moment)]
        assert broken(path, promises) == set()
        assert inconsistencies(path) == []
