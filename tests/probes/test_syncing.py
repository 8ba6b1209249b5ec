"""What a disk is, and how long it takes to have something on it."""

from itertools import count
from pathlib import Path

from edge_node.probes.syncing import file_system, sync_times_s

MOUNTS = """\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:26 / /dev/shm rw - tmpfs tmpfs rw
31 22 0:27 / /srv/with\\040blank rw,nosuid shared:5 - nfs4 server:/x rw
32 22 0:28 / /srv rw - xfs /dev/vdb rw
"""


class TestSyncTimes:
    def test_are_as_many_as_asked(self, tmp_path: Path) -> None:
        """The median of one sync would be luck."""
        ticks = count()
        assert sync_times_s(tmp_path, 5, lambda: next(ticks)) == [1, 1, 1, 1, 1]

    def test_leave_nothing_behind(self, tmp_path: Path) -> None:
        """It is somebody else's disk."""
        sync_times_s(tmp_path, 2, lambda: 0.0)
        assert list(tmp_path.iterdir()) == []


class TestFileSystem:
    def of(self, tmp_path: Path, folder: str) -> str:
        mounts = tmp_path / "mountinfo"
        mounts.write_text(MOUNTS)
        return file_system(Path(folder), mounts)

    def test_is_that_of_the_nearest_mount(self, tmp_path: Path) -> None:
        """A store in memory must not be taken for one on the disk around it."""
        assert self.of(tmp_path, "/dev/shm/store") == "tmpfs"
        assert self.of(tmp_path, "/var/lib") == "ext4"

    def test_of_a_place_with_a_blank_in_its_name_is_found(self, tmp_path: Path) -> None:
        """The kernel writes it as a number."""
        assert self.of(tmp_path, "/srv/with blank/store") == "nfs4"

    def test_of_a_place_that_only_begins_alike_is_another(self, tmp_path: Path) -> None:
        """`/srv2` is not in `/srv`."""
        assert self.of(tmp_path, "/srv2") == "ext4"

    def test_is_not_said_where_the_machine_does_not(self, tmp_path: Path) -> None:
        """No answer is better than a wrong one."""
        assert file_system(tmp_path, tmp_path / "missing") == ""
