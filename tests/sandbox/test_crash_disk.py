"""What outlives a power cut: the rules by which the harness forgets."""

import random
from pathlib import Path

import pytest

from edge_node.sandbox.crash_disk import Disk, image_of, put_back
from edge_node.sandbox.crash_trace import Deed, Note, TraceBroken

ROOT = Path("/invented/state")
SEEDS = range(40)


def note(deed: Deed, opening: int = 1, value: int = 0, data: bytes = b"", number: int = 0) -> Note:
    return Note(deed=deed, number=number, opening=opening, value=value, data=data)


def opened(name: str, opening: int = 1) -> Note:
    return note(Deed.OPENED, opening, data=str(ROOT / name).encode())


def wrote(data: bytes, at: int = 0) -> Note:
    return note(Deed.WROTE, value=at, data=data)


def synced(opening: int = 1) -> list[Note]:
    return [note(Deed.SYNC_BEGAN, opening, number=7), note(Deed.SYNCED, opening, value=7)]


def folder_synced() -> list[Note]:
    return [note(Deed.OPENED_FOLDER, 9, data=str(ROOT).encode()), *synced(9)]


def renamed(source: str, target: str) -> Note:
    return note(Deed.RENAMED, 0, data=f"{ROOT / source}\0{ROOT / target}".encode())


def ends(notes: list[Note], image: dict[str, bytes | None] | None = None) -> list[dict[str, bytes | None]]:
    """Return what is found after a cut, for many choices of chance."""
    disk = Disk(ROOT, image or {})
    for one in notes:
        disk.play(one)
    return [dict(disk.after_cut(random.Random(seed))) for seed in SEEDS]


class TestSynced:
    def test_bytes_and_name_are_always_there(self) -> None:
        """What the node promised on is never taken by the harness: else it would find faults that are none."""
        assert all(
            found == {"a": b"promise"}
            for found in ends([opened("a"), wrote(b"promise"), *synced(), *folder_synced()])
        )

    def test_bytes_under_an_unsynced_name_may_be_gone(self) -> None:
        """A key file whose folder was not synced is missing on a bad day: the harness must have such days."""
        found = ends([opened("a"), wrote(b"key"), *synced()])
        assert {} in found
        assert {"a": b"key"} in found

    def test_covers_only_what_was_written_before_it_began(self) -> None:
        """A commit that writes while another one syncs is not on the disk yet."""
        began, ended = synced()
        found = ends([opened("a"), *folder_synced(), wrote(b"one"), began, wrote(b"two"), ended])
        assert {"a": b"one"} in found


class TestUnsynced:
    def test_bytes_may_be_there_or_not(self) -> None:
        """The kernel writes when it likes."""
        found = ends([opened("a"), wrote(b"new")], {"a": b"old"})
        assert {"a": b"old"} in found
        assert {"a": b"new"} in found

    def test_bytes_may_be_torn_at_a_sector(self) -> None:
        """A page of which half arrived is what checksums are for."""
        found = ends([opened("a"), wrote(b"n" * 4096)], {"a": b"o" * 4096})
        torn = [data for one in found if (data := one["a"]) and len(set(data)) == 2]
        assert torn
        assert all(len(set(data[at : at + 512])) == 1 for data in torn for at in range(0, 4096, 512))

    def test_bytes_of_later_may_be_there_without_those_of_before(self) -> None:
        """Disks write in the order they like."""
        found = ends([opened("a"), wrote(b"1"), wrote(b"2", at=1)], {"a": b"--"})
        assert {"a": b"-2"} in found

    def test_rename_may_be_undone(self) -> None:
        """A file put in place of another is the old one again, never neither."""
        found = ends(
            [opened("new"), wrote(b"n"), *synced(), renamed("new", "a")],
            {"a": b"o"},
        )
        assert {"a": b"n"} in found
        assert all(one.get("a") in (b"o", b"n") for one in found)

    def test_removal_may_be_undone(self) -> None:
        """What was removed may stand there again."""
        found = ends([note(Deed.REMOVED, 0, data=str(ROOT / "a").encode())], {"a": b"o"})
        assert {} in found
        assert {"a": b"o"} in found

    def test_names_are_lost_from_the_last_one_backwards(self) -> None:
        """Journals of metadata keep their order: a later name without the earlier one would be an invention."""
        found = ends([opened("a", 1), opened("b", 2)])
        assert {"b": b""} not in found


class TestFolder:
    def test_takes_what_is_in_it_along(self) -> None:
        """Without its folder a file is nowhere."""
        made = note(Deed.MADE_FOLDER, 0, data=str(ROOT / "d").encode())
        found = ends([made, opened("d/a"), wrote(b"x"), *synced()])
        assert all("d" in one for one in found if "d/a" in one)

    def test_is_put_back_as_it_was(self, tmp_path: Path) -> None:
        """The node starts on what the disk held, and on nothing else."""
        (tmp_path / "left-over").write_bytes(b"gone")
        put_back(tmp_path, {"d": None, "d/a": b"x", "b": b""})
        assert image_of(tmp_path) == {"d": None, "d/a": b"x", "b": b""}

    def test_that_is_renamed_is_not_guessed_at(self) -> None:
        """A harness that plays what it does not understand finds faults that are none."""
        with pytest.raises(TraceBroken):
            ends([renamed("d", "e")], {"d": None})


class TestAsWritten:
    def test_is_all_that_was_written(self) -> None:
        """Held against the real folder, it shows whether the layer saw everything."""
        disk = Disk(ROOT, {"a": b"old"})
        for one in (opened("a"), wrote(b"new!"), note(Deed.CUT, value=2), note(Deed.RESERVED, value=3)):
            disk.play(one)
        assert disk.as_written() == {"a": b"ne\0"}
