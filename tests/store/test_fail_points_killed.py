"""Signal 9 at every named fail point: a real process, a real file, and all that was promised."""

import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from edge_node.errors import EdgeNodeError
from edge_node.machine import MachineClock
from edge_node.model.keeping import Known
from edge_node.model.lifecycle import Event
from edge_node.store import log_sources, recovery
from edge_node.store.fail_points import ALL, SERVING
from edge_node.store.log_proof import prove
from edge_node.store.promises import unsound
from tests.store.shelf import Counting, Shelf, TwoClocks, push
from tests.store.test_crash import ROOT, run_until_killed
from tests.store.walking import NOWHERE, WAYS, backups, store_of

#: How often a point that every traffic passes is passed before it strikes.
NTH = 40
#: The way by which each other point is reached. One that is not here fails.
WAY = {
    **dict.fromkeys(["set-aside"], "set-aside"),
    **dict.fromkeys(["reserve-given-back"], "reserve"),
    **dict.fromkeys(["copying", "copied", "sealed", "verified", "placed"], "backup"),
    **dict.fromkeys(["restore-unpacking", "restore-ready", "restore-placing"], "restore"),
    **dict.fromkeys(["restore-aside", "restore-keys", "restore-placed"], "restore"),
    **dict.fromkeys(["repair-ready", "repair-placing", "repair-aside", "repair-placed"], "repair"),
    **dict.fromkeys(["rotate-written", "rotate-files", "rotate-announced", "rotate-placed"], "rotate"),
    **dict.fromkeys(["log-written", "log-placed", "log-filed", "log-clearing"], "log"),
    **dict.fromkeys(["rehash-written", "rehash-step", "rehash-ended", "rehash-placed"], "rehash"),
}
#: What the next start finds, where it is not a store that it serves and in which all fits together.
FOUND = {
    "restore-aside": ["EN-RESTORE-UNFINISHED"],
    "restore-keys": ["EN-RESTORE-UNFINISHED"],
    "repair-aside": ["EN-REPAIR-UNFINISHED"],
}
#: At which time a point strikes, where nothing was done yet at the first time.
LATER = {"rehash-step": 3}
#: The points after which a backup stands under its name.
PLACED = {"placed"}


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A store as a killed daemon leaves it, and what that had promised."""
    folder = tmp_path_factory.mktemp("killed")
    recovery.make(folder / "private.pem", folder / "public.pem")
    (folder / "backups").mkdir()
    return folder, run_until_killed(store_of(folder), "after-commit", NTH, folder / "public.pem")


def killed_at(folder: Path, point: str) -> int:
    """Have a process go the way to that point; return how it ended."""
    command = [sys.executable, "-m", "tests.store.walking", str(folder), WAY[point], f"{point}:{LATER.get(point, 1)}"]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, timeout=60, check=False).returncode


def spoil(path: Path) -> None:
    """The row of one message that waits is one that nobody can read."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(
            "UPDATE messages SET interaction = 'nonsense' WHERE seq = "
            "(SELECT min(seq) FROM messages WHERE state = 'KEPT' AND head = 0)"
        )
    assert connection.total_changes == 1
    connection.close()


def opened(path: Path) -> Shelf:
    """Today: what is sealed has a key for each day, and the processes that were killed had the machine's clock."""
    clock = TwoClocks()
    clock.wall_s = MachineClock().now()
    return Shelf(path, clock=clock, chance=Counting(50_000))


def found_at_start(path: Path, promises: list[str]) -> list[str]:
    """What a start says of the store, or what is not as it should be while that serves. Leaves the store alone."""
    copy = shutil.copytree(path.parent, path.parent.with_name(f"looked-at-{len(list(path.parents[1].iterdir()))}"))
    try:
        return broken(copy / path.name, promises)
    except EdgeNodeError as error:
        return [error.code]


def broken(path: Path, promises: list[str]) -> list[str]:
    """Deliver all that waits; return what does not fit, and every promise that was not kept."""
    shelf = opened(path)
    wrong = unsound(shelf.session.connection)
    before = Counter(promises)
    handed = Counter(f"d {extension}" for extension in deliver(shelf))
    kept = Counter(f"k {extension}" for extension, _ in rows(shelf))
    done = Counter(f"d {extension}" for extension, state in rows(shelf) if state == "DELIVERED")
    wrong += [f"lost: {one}" for one in before - (kept + done)]
    wrong += [f"doubled: {one}" for one in kept if kept[one] > 1]
    wrong += [f"handed over again: {one}" for one in before & handed]
    wrong += [f"taken for a new one: {one}" for one in before if one.startswith("k") and is_new(shelf, one)]
    wrong += unsound(shelf.session.connection)
    key = shelf.session.log.signer.public  # type: ignore[attr-defined]
    shelf.close()
    proof = prove(log_sources.of_all(path, log_sources.folder_of(path)), [key])
    return wrong + [f"{found.bend.value}: {found.first}-{found.last}" for found in proof.found]


def rows(shelf: Shelf) -> list[tuple[str, str]]:
    """Every message, in the line or beside it."""
    sql = "SELECT extension, state FROM messages UNION ALL SELECT extension, state FROM set_aside"
    return [tuple(row) for row in shelf.session.execute(sql)]


def deliver(shelf: Shelf) -> list[str]:
    delivered = []
    while entries := shelf.lease():
        for entry in entries:
            shelf.settle(entry, Event.ACKNOWLEDGED, "CA")
            delivered.append(entry.message_id.extension)
    return delivered


def is_new(shelf: Shelf, promise: str) -> bool:
    """Whether a copy is kept again; its sender may make good what was set aside."""
    extension = promise.removeprefix("k ")
    aside = shelf.session.execute("SELECT 1 FROM set_aside WHERE extension = ?", (extension,)).fetchone()
    copy = push(int(extension), order=str(int(extension) % 5))
    return aside is None and not isinstance(shelf.keep(copy), Known)


class TestKilledWhileItServes:
    @pytest.mark.parametrize("point", SERVING)
    def test_nothing_is_lost_or_doubled(self, killed: tuple[Path, list[str]], tmp_path: Path, point: str) -> None:
        """A hospital's machine room loses power in the middle of the morning."""
        folder, promises = shutil.copytree(killed[0], tmp_path / "copy"), list(killed[1])
        promises += run_until_killed(store_of(folder), point, NTH)
        assert found_at_start(store_of(folder), promises) == []


class TestKilledAtWhatHappensNowAndThen:
    @pytest.mark.parametrize("point", sorted(set(ALL) - set(SERVING)))
    def test_nothing_is_lost_or_doubled(self, killed: tuple[Path, list[str]], tmp_path: Path, point: str) -> None:
        """What was broken off is finished, or done anew, by the next one; a start never serves half a store."""
        folder, promises = shutil.copytree(killed[0], tmp_path / "copy"), killed[1]
        (spoil if point == "set-aside" else str)(store_of(folder))
        assert killed_at(folder, point) == -9
        assert (len(backups(folder)) == 1) == (point in PLACED or WAY[point] == "restore")
        assert found_at_start(store_of(folder), promises) == FOUND.get(point, [])
        WAYS[WAY[point]](folder, NOWHERE)
        assert found_at_start(store_of(folder), promises) == []
