"""How this process is shielded, and which old services the machine has.

Knows: what Linux tells of a process and of who listens.
Must not know: what is good.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from edge_node.model.facts_machine import ShieldFacts
from edge_node.probes.sockets import rows

#: Of services that send passwords and all else in the clear: ftp, telnet, rexec, rlogin, rsh.
_OLD: Final = frozenset({21, 23, 512, 513, 514})
_LISTENS: Final = "0A"
_CORE: Final = "Max core file size"
_UNLIMITED: Final = "unlimited"


def look(proc: Path, *, is_debugging: bool) -> ShieldFacts:
    """Look at the process itself. Raises `OSError`, `KeyError` or `ValueError` where it does not tell."""
    status = _status(proc / "self" / "status")
    return ShieldFacts(
        user=int(status["Uid"].split()[1]),
        umask=int(status["Umask"], 8),
        has_no_new_privileges=status["NoNewPrivs"] == "1",
        filters_calls=status["Seccomp"] != "0",
        capabilities=int(status["CapEff"], 16),
        core_bytes=_core_bytes(proc / "self" / "limits"),
        is_debugging=is_debugging,
        old_services=tuple(sorted(_listening(proc) & _OLD)),
    )


def _status(path: Path) -> Mapping[str, str]:
    lines = (line.partition(":") for line in path.read_text("utf-8").splitlines())
    return {name: value.strip() for name, _, value in lines}


def _core_bytes(path: Path) -> int | None:
    line = next(line for line in path.read_text("ascii").splitlines() if line.startswith(_CORE))
    soft = line[len(_CORE) :].split()[0]
    return None if soft == _UNLIMITED else int(soft)


def _listening(proc: Path) -> set[int]:
    return {port for name in ("tcp", "tcp6") for port in _ports(proc / "self" / "net" / name)}


def _ports(path: Path) -> Iterator[int]:
    try:
        found = rows(path)
    except FileNotFoundError:
        return  # without IPv6
    for fields in found:
        if fields[3] == _LISTENS:
            yield int(fields[1].rpartition(":")[2], 16)
