"""Where this process listens, as the kernel has it.

Knows: the tables of sockets under /proc.
Must not know: which listener is for whom.
"""

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PROCESS: Final = Path("/proc/self")
_LISTENS: Final = "0A"
_WORD: Final = 4
#: How each table begins.
_HEAD: Final = ["sl", "local_address"]


def listening(process: Path = PROCESS) -> tuple[tuple[str, int], ...]:
    """Return address and port of each TCP listener of the process. Raises `OSError` and `ValueError`."""
    own = frozenset(_inodes(process / "fd"))
    found: list[tuple[str, int]] = []
    for table in ("tcp", "tcp6"):
        path = process / "net" / table
        if path.exists() or table == "tcp":
            found += [_address(words[1]) for words in rows(path) if words[3] == _LISTENS and words[9] in own]
    return tuple(sorted(found))


def rows(table: Path) -> list[list[str]]:
    """Return the words of each line of such a table. Raises `OSError`, and `ValueError` where it is none."""
    head, *lines = table.read_text("ascii").splitlines() or [""]
    if head.split()[:2] != _HEAD:
        raise ValueError("no table of sockets")
    return [line.split() for line in lines]


def _inodes(folder: Path) -> Iterator[str]:
    for entry in folder.iterdir():
        try:
            target = str(entry.readlink())
        except OSError:
            continue  # it was closed meanwhile
        if target.startswith("socket:["):
            yield target[8:-1]


def _address(written: str) -> tuple[str, int]:
    """Each word of four bytes is in the order of the machine, which is little-endian wherever we run."""
    host, _, port = written.partition(":")
    raw = bytes.fromhex(host)
    turned = b"".join(raw[at : at + _WORD][::-1] for at in range(0, len(raw), _WORD))
    return str(ipaddress.ip_address(turned)), int(port, 16)
