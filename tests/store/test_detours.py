"""A row on a damaged page stops neither its lane nor any other."""

import atexit
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from edge_node.errors import StoreUnavailable
from edge_node.model.lifecycle import Event
from edge_node.model.message import Direction
from edge_node.store import events, queue, traces
from edge_node.store.repair import repair
from edge_node.store.surroundings import Moment
from tests.store.shelf import Counting, Shelf, push
from tests.store.test_repair import PAGE, broken, pages_of, spoil

AT = Moment(1_790_000_100.0, 0)
MESSAGES = 400
LANES = 10
NEW = 9000


@cache
def whole() -> Path:
    """The folder of a store and its keys, made once: that takes longer than what is tested of it."""
    folder = Path(tempfile.mkdtemp(prefix="edge-node-detours-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shelf = Shelf(folder / "store.db")
    for number in range(MESSAGES):
        shelf.kept(push(number, order=str(number % LANES)))
    shelf.close()
    return folder


def damaged(path: Path, which: int) -> Shelf:
    """A store with lanes that all have messages on the page that is spoilt."""
    shutil.copytree(whole(), path.parent, dirs_exist_ok=True)
    shelf = Shelf(path, chance=Counting(start=1_000_000))
    shelf.close()
    page = pages_of(path, "messages")[which]
    path.with_name("good-page").write_bytes(path.read_bytes()[(page - 1) * PAGE : page * PAGE])
    spoil(path, page)
    shelf.open()
    return shelf


def heal(path: Path) -> None:
    """Give the page back as it was: nobody can have changed it meanwhile."""
    spoilt = path.read_bytes().index(b"\xff" * PAGE)
    with path.open("r+b") as file:
        file.seek(spoilt)
        file.write(path.with_name("good-page").read_bytes())


def deliver(shelf: Shelf) -> list[int]:
    """Lease and settle until nothing is due; return the numbers in the order they went."""
    numbers: list[int] = []
    while entries := shelf.lease():
        for entry in entries:
            shelf.settle(entry, Event.ACKNOWLEDGED)
            numbers.append(int(entry.message_id.extension))
    return numbers


def aside(shelf: Shelf) -> dict[int, str]:
    """The state in which each was set aside."""
    return {int(each.message_id.rpartition("/")[2]): each.state for each in shelf.reader.set_aside(1000)}


def lost(shelf: Shelf) -> set[int]:
    """Those that did not arrive; of one that did, only the end could not be written in its row."""
    return {number for number, state in aside(shelf).items() if state != "DELIVERED"}


def out_of_order(numbers: list[int]) -> list[int]:
    """Lanes whose messages did not go oldest first."""
    by_lane = [[number for number in numbers if number % LANES == lane] for lane in range(LANES)]
    return [lane for lane, went in enumerate(by_lane) if went != sorted(went)]


def prune_often(shelf: Shelf) -> None:
    """As the housekeeper does: what fails is tried again at its next round."""
    for _ in range(20):
        with suppress(StoreUnavailable):
            shelf.prune()


class TestADamagedPageOfTheQueue:
    @pytest.mark.parametrize("which", [0, 1, -1])
    def test_everything_else_goes_in_order(self, tmp_path: Path, which: int) -> None:
        """One bad sector must not keep a patient's next letter back until somebody repairs the store."""
        shelf = damaged(tmp_path / "store.db", which)
        went = deliver(shelf)
        gone = lost(shelf)
        shelf.die()
        assert (set(went) | gone, set(went) & gone) == (set(range(MESSAGES)), set())
        assert (len(gone) > LANES, out_of_order(went)) == (True, [])

    def test_each_lost_one_is_named_and_its_sender_told(self, tmp_path: Path) -> None:
        """The sender has the letter yet: it must hear which one to send again."""
        shelf = damaged(tmp_path / "store.db", 1)
        deliver(shelf)
        told = events.after(shelf.session.connection, ["300"], 0, 1000)
        told_of = {int(each.message_id.extension) for each in told if each.code == "EN-SET-ASIDE"}
        gone = set(aside(shelf))
        shelf.die()
        assert told_of == gone != set()

    def test_the_counters_say_what_is_left(self, tmp_path: Path) -> None:
        """A figure that stays above nothing has people look for a message that is listed elsewhere."""
        shelf = damaged(tmp_path / "store.db", 1)
        went = deliver(shelf)
        counts = {count.state.value: count.messages for count in shelf.reader.overview().counts if count.messages}
        listed = set(aside(shelf))
        shelf.die()
        assert counts == {"DELIVERED": len(set(went) - listed)}

    def test_what_comes_later_goes_behind_what_was_there(self, tmp_path: Path) -> None:
        """The lane goes on as one lane, whatever its name is now."""
        shelf = damaged(tmp_path / "store.db", 0)
        shelf.lease(1)  # meets the damage
        shelf.kept(push(NEW, order="3"))
        went = deliver(shelf)
        shelf.die()
        assert [number for number in went if number % LANES == 3 or number == NEW][-1] == NEW

    def test_a_start_goes_on_past_it(self, tmp_path: Path) -> None:
        """It is known from the store itself, not from the memory of a process."""
        shelf = damaged(tmp_path / "store.db", 0)
        before = [int(entry.message_id.extension) for entry in shelf.lease(LANES)]
        shelf.restart()
        shelf.kept(push(NEW, order="3"))
        went = deliver(shelf)
        gone = lost(shelf)
        shelf.die()
        assert set(went) | gone | set(before) == {*range(MESSAGES), NEW}
        assert out_of_order([number for number in went if number != NEW]) == []

    def test_a_copy_of_a_lost_one_makes_it_good(self, tmp_path: Path) -> None:
        """Sent again it goes; that it may have been under way is said with it."""
        shelf = damaged(tmp_path / "store.db", 0)
        deliver(shelf)
        number = min(lost(shelf))
        shelf.kept(push(number, order=str(number % LANES)))
        went = deliver(shelf)
        shelf.die()
        assert went == [number]

    def test_what_ended_elsewhere_is_still_removed_in_time(self, tmp_path: Path) -> None:
        """Letters of patients whose time is over must go, whatever one page says."""
        shelf = damaged(tmp_path / "store.db", 0)
        deliver(shelf)
        shelf.clock.advance(400 * 86_400)
        prune_often(shelf)
        left = shelf.count("bodies")
        shelf.die()
        assert left == 0

    def test_what_waits_elsewhere_is_woken(self, tmp_path: Path) -> None:
        """The line is back: the message that cannot be read must not keep the others asleep."""
        shelf = damaged(tmp_path / "store.db", 0)
        for entry in shelf.lease(LANES):
            shelf.put_back(entry, after_s=900)
        shelf.do(lambda session: queue.wake(session, Direction.OUT, 100, shelf.at))
        woken = len(shelf.lease(LANES))
        shelf.die()
        assert woken == LANES


class TestARepairAfterIt:
    def test_gives_each_lane_its_name_back(self, tmp_path: Path) -> None:
        """After it the store is as one that was never damaged, without what was lost."""
        path = tmp_path / "store.db"
        shelf = damaged(path, 0)
        shelf.lease(1)
        shelf.die()
        repair(path, AT, lambda table, rows: None)
        assert broken(path) == []
        shelf.open()
        assert shelf.count("detours") == 0
        assert out_of_order(deliver(shelf)) == []
        shelf.close()

    def test_does_not_send_what_others_went_past(self, tmp_path: Path) -> None:
        """A bad cable, not a bad sector: the row is there again, but its sender was told that it is lost."""
        path = tmp_path / "store.db"
        shelf = damaged(path, 0)
        went = deliver(shelf)
        gone = lost(shelf)
        shelf.close()
        heal(path)
        repair(path, AT, lambda table, rows: None)
        shelf.open()
        assert (deliver(shelf), lost(shelf), len(went) + len(gone)) == ([], gone, MESSAGES)
        shelf.close()


class TestTraces:
    def test_name_a_row_without_touching_it(self, tmp_path: Path) -> None:
        """What is asked for beside the row must not read the page that cannot be read."""
        shelf = damaged(tmp_path / "store.db", 0)
        found = traces.facts(shelf.session.connection, 1)
        shelf.die()
        assert (found["extension"], found["sender"], found["state"], found["direction"]) == (
            "0",
            "300",
            "KEPT",
            Direction.OUT.value,
        )

    def test_leave_out_what_is_nowhere(self, tmp_path: Path) -> None:
        """A guess would tell the wrong sender."""
        shelf = Shelf(tmp_path / "store.db")
        found = traces.facts(shelf.session.connection, 77), traces.lane(shelf.session.connection, 77)
        shelf.close()
        assert found == ({}, None)
