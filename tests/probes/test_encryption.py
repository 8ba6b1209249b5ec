"""Whether the disk is encrypted, seen on trees such as Linux shows them, judged by the rule."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from edge_node.model.check import Outcome, Result, Unseen
from edge_node.policy import check_machine
from edge_node.probes.encryption import Ground, look


@dataclass
class Machine:
    """A machine whose disks lie as the test wants."""

    folder: Path

    def __post_init__(self) -> None:
        self.ground = Ground(proc=self.folder / "proc", sys=self.folder / "sys")
        self.store = self.folder / "var"
        self.store.mkdir()
        self.put("proc/swaps", "Filename Type Size Used Priority\n")
        (self.folder / "sys/class/block").mkdir(parents=True)

    def put(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def block(self, name: str, *, uuid: str = "", number: str = "", on: tuple[str, ...] = ()) -> None:
        """A block device: what the device mapper calls it, its number, what it lies on."""
        place = self.folder / "sys/devices" / name
        (place / "slaves").mkdir(parents=True)
        (self.folder / "sys/class/block" / name).symlink_to(place)
        for below in on:
            (place / "slaves" / below).symlink_to(self.folder / "sys/devices" / below)
        if uuid:
            self.put(f"sys/devices/{name}/dm/uuid", f"{uuid}\n")
            self.put(f"sys/devices/{name}/dm/name", f"named-{name}\n")
        if number:
            (self.folder / "sys/dev/block").mkdir(parents=True, exist_ok=True)
            (self.folder / "sys/dev/block" / number).symlink_to(place)

    def mount(self, number: str, kind: str = "ext4", source: str = "/dev/root") -> None:
        self.put("proc/self/mountinfo", f"22 1 {number} / {self.folder} rw - {kind} {source} rw\n")

    def outcome(self) -> Outcome:
        return check_machine.disk(look(self.store, self.ground), {})


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Its store lies on a logical volume, that on LUKS, that on a partition: as an installer makes it."""
    machine = Machine(tmp_path)
    machine.block("sda2")
    machine.block("dm-0", uuid="CRYPT-LUKS2-0123456789abcdef-crypt", on=("sda2",))
    machine.block("dm-1", uuid="LVM-abcdef", number="253:1", on=("dm-0",))
    machine.mount("253:1")
    return machine


class TestADisk:
    def test_under_a_volume_is_found_to_be_encrypted(self, machine: Machine) -> None:
        """The volume itself is in the clear; what it lies on is not."""
        outcome = machine.outcome()
        assert (outcome.result, outcome.value) == (Result.GOOD, "LUKS2")

    def test_that_is_bare_turns_the_check(self, machine: Machine) -> None:
        """A stolen machine in a practice is a stolen archive."""
        machine.block("sda1", number="8:1")
        machine.mount("8:1")
        assert machine.outcome().result is Result.VIOLATED

    @pytest.mark.parametrize("uuid", ["CRYPT-VERITY-0123-root", "CRYPT-INTEGRITY-0123-x", "LVM-0123"])
    def test_that_is_only_checked_is_bare(self, machine: Machine, uuid: str) -> None:
        """The name says crypt, and everything can be read."""
        machine.block("dm-7", uuid=uuid, number="253:7", on=("sda2",))
        machine.mount("253:7")
        assert machine.outcome().result is Result.VIOLATED

    def test_of_which_half_is_encrypted_is_bare(self, machine: Machine) -> None:
        """A mirror of which one half lies open is open."""
        machine.block("sdb1")
        machine.block("md0", number="9:0", on=("dm-0", "sdb1"))
        machine.mount("9:0")
        assert machine.outcome().result is Result.VIOLATED

    def test_without_a_number_is_found_by_its_name(self, machine: Machine) -> None:
        """btrfs shows a number that no device has."""
        machine.mount("0:30", "btrfs", "/dev/mapper/named-dm-1")
        assert machine.outcome().result is Result.GOOD

    def test_that_does_not_show_is_unknown(self, machine: Machine) -> None:
        """A container sees no disk: nobody says that it is good."""
        machine.mount("0:45", "overlay", "overlay")
        with pytest.raises(Unseen, match="does not show on which disk"):
            machine.outcome()


class TestSwap:
    def test_that_lies_bare_is_told_of(self, machine: Machine) -> None:
        """Memory holds keys, and swap space is a disk."""
        machine.block("sda3")
        machine.put("proc/swaps", "Filename Type Size Used Priority\n/dev/sda3 partition 99 0 -2\n")
        assert machine.outcome().result is Result.WARNED

    def test_on_an_encrypted_volume_is_good(self, machine: Machine) -> None:
        """As an installer makes it."""
        machine.put("proc/swaps", "Filename Type Size Used Priority\n/dev/dm-1 partition 99 0 -2\n")
        assert machine.outcome().result is Result.GOOD

    def test_in_a_file_is_as_its_disk(self, machine: Machine) -> None:
        """A swap file lies on some disk too."""
        machine.put("proc/swaps", f"Filename Type Size Used Priority\n{machine.store}/swap file 99 0 -2\n")
        assert machine.outcome().result is Result.GOOD

    def test_that_does_not_show_is_unknown(self, machine: Machine) -> None:
        """What the shield of the service hides is not called good."""
        (machine.folder / "proc/swaps").unlink()
        assert machine.outcome().result is Result.UNKNOWN

    def test_is_no_matter_where_the_node_is_never_swapped_out(self, machine: Machine) -> None:
        """As the service that comes with it has it."""
        (machine.folder / "proc/swaps").unlink()
        machine.put("proc/self/cgroup", "0::/system.slice/edge-node.service\n")
        machine.put("sys/fs/cgroup/system.slice/edge-node.service/memory.swap.max", "0\n")
        assert machine.outcome().result is Result.GOOD
