"""Whether what is written to a folder, or swapped out, lies encrypted on the disk.

Knows: mounts, block devices and what each lies on, as Linux shows them.
Must not know: whether encryption is asked for. A disk that encrypts by itself does not show here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge_node.model.check import Unseen
from edge_node.model.facts_machine import DiskFacts
from edge_node.model.notice import Words
from edge_node.probes.mounts import Mount, mount_of

#: Kinds of device-mapper targets that encrypt; others of that name only check (CRYPT-VERITY, CRYPT-INTEGRITY).
_ENCRYPTING: Final = frozenset({"LUKS1", "LUKS2", "PLAIN", "BITLK", "FVAULT2", "TCRYPT", "LOOPAES"})
_DEEP: Final = 16
_NO_SWAP: Final = "0"
#: How the list of swaps begins.
_SWAPS: Final = "Filename"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where Linux shows it."""

    proc: Path = Path("/proc")
    sys: Path = Path("/sys")


def look(folder: Path, ground: Ground) -> DiskFacts:
    """Look. Raises `Unseen` where no block device holds the folder, `OSError` where Linux shows nothing."""
    mount = mount_of(folder, ground.proc / "self" / "mountinfo")
    block = _block_of(mount, ground)
    if block is None:
        raise _no_device(mount)
    layers = _layers((block,), ground)
    return DiskFacts(
        device=f"{mount.source} ({mount.kind})",
        layers=layers or (),
        is_encrypted=bool(layers),
        swaps=_swaps(ground),
        may_swap=_may_swap(ground),
    )


def _block_of(mount: Mount, ground: Ground) -> Path | None:
    """What Linux shows of the device of a mount. Where its number is none (btrfs), by its name."""
    by_number = ground.sys / "dev" / "block" / mount.device
    return by_number.resolve() if by_number.exists() else _named(Path(mount.source), ground)


def _named(device: Path, ground: Ground) -> Path | None:
    """Find it by its name in /dev, or by the name that the device mapper gave it."""
    by_name = ground.sys / "class" / "block" / device.name
    if by_name.exists():
        return by_name.resolve()
    for named in ground.sys.glob("class/block/dm-*/dm/name"):
        if named.read_text("ascii").strip() == device.name:
            return named.parent.parent.resolve()
    return None


def _layers(blocks: Iterable[Path], ground: Ground, deep: int = _DEEP) -> tuple[str, ...] | None:
    """Name the layers of encryption under these; None where one of them lies bare on the disk."""
    found: list[str] = []
    for block in blocks:
        kind = _encrypts(block)
        below = [path.resolve() for path in sorted((block / "slaves").glob("*"))]
        if kind:
            found.append(kind)
        elif not below or not deep or (under := _layers(below, ground, deep - 1)) is None:
            return None
        else:
            found += under
    return tuple(dict.fromkeys(found))


def _encrypts(block: Path) -> str:
    try:
        uuid = (block / "dm" / "uuid").read_text("ascii").strip()
    except FileNotFoundError:
        return ""  # no target of the device mapper
    name, _, rest = uuid.partition("-")
    kind = rest.split("-")[0]
    return kind if name == "CRYPT" and kind in _ENCRYPTING else ""


def _swaps(ground: Ground) -> tuple[tuple[str, bool], ...] | None:
    try:
        head, *lines = (ground.proc / "swaps").read_text("utf-8").splitlines() or [""]
    except OSError:
        return None  # hidden from services by their shield
    if not head.startswith(_SWAPS):
        raise ValueError("no list of swaps")
    fields = [line.split() for line in lines if line.strip()]
    return tuple((name, _is_safe(name, kind, ground)) for name, kind, *_ in fields)


def _is_safe(name: str, kind: str, ground: Ground) -> bool:
    if Path(name).name.startswith("zram"):
        return True  # in memory
    path = Path(name)
    block = _named(path, ground) if kind == "partition" else _block_of(_mount_of_file(path, ground), ground)
    return block is not None and bool(_layers((block,), ground))


def _mount_of_file(path: Path, ground: Ground) -> Mount:
    return mount_of(path.parent, ground.proc / "self" / "mountinfo")


def _may_swap(ground: Ground) -> bool:
    """Whether the group of processes that this one is of may be swapped out."""
    try:
        groups = (ground.proc / "self" / "cgroup").read_text("utf-8").splitlines()
        place = next(line[len("0::") :] for line in groups if line.startswith("0::"))
        most = (ground.sys / "fs" / "cgroup" / place.lstrip("/") / "memory.swap.max").read_text("ascii")
    except (OSError, StopIteration):
        return True
    return most.strip() != _NO_SWAP


def _no_device(mount: Mount) -> Unseen:
    what = f"{mount.source} ({mount.kind})"
    return Unseen(
        Words(
            nl=f"De opslag ligt op {what}; van welke schijf dat is toont deze machine niet.",
            en=f"The store lies on {what}; this machine does not show on which disk that is.",
        )
    )
