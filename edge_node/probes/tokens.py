"""Tokens that stand on the disk outside what is sealed: the files of the store are searched, a part at a time.

Knows: which files there are, where the last search stopped, how the search is run.
Must not know: how a token looks, what a finding means.
"""

import json
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final

from edge_node.model.facts_users import TokenScan
from edge_node.probes import token_search

_PROGRAM: Final = (sys.executable, "-I", "-S", token_search.__file__)
#: Of files in one look: a second or two of one core, at the lowest priority.
_MOST_BYTES: Final = 128 * 1024 * 1024


class TokenSearch:
    """Goes through the files again and again; what is found in a pass stands until the next one is whole."""

    def __init__(self, program: Sequence[str] = _PROGRAM, passed_over: Collection[str] = ()) -> None:
        self._program = tuple(program)
        self._passed_over = frozenset(passed_over)  # names of files
        self._place = (0, 0)
        self._paths: list[str] = []
        self._found: set[str] = set()
        self._before: set[str] = set()  # of the pass before
        self._read_bytes = 0
        self._looks = 0
        self._passes = 0
        self._whole = (0, 0)  # bytes and looks of the last whole pass

    def look(self, folders: Sequence[Path], timeout_s: float, most_bytes: int = _MOST_BYTES) -> TokenScan:
        """Search so much, in that time. Raises `OSError`, `ValueError` or `subprocess.SubprocessError`."""
        if self._place == (0, 0):
            seen = {path for folder in folders for path in _files(folder) if path.name not in self._passed_over}
            self._paths = sorted(map(str, seen))
            self._found, self._read_bytes, self._looks = set(), 0, 0
        told = self._run(timeout_s, most_bytes)
        self._found.update(told["found"])
        self._read_bytes += told["read_bytes"]
        self._looks += 1
        if told["next"] is None:
            self._place, self._passes, self._before = (0, 0), self._passes + 1, self._found
            self._whole = (self._read_bytes, self._looks)
        else:
            self._place = (int(told["next"][0]), int(told["next"][1]))
        return TokenScan(
            found=tuple(sorted(self._found | self._before)),
            read_bytes=self._read_bytes,
            whole_passes=self._passes,
            files=len(self._paths),
            whole_bytes=self._whole[0],
            whole_looks=self._whole[1],
        )

    def _run(self, timeout_s: float, most_bytes: int) -> dict[str, Any]:
        asked = {"paths": self._paths, "start": self._place, "most_bytes": most_bytes}
        done = subprocess.run(  # noqa: S603  Python itself, with a file of ours
            self._program,
            input=json.dumps(asked).encode(),
            capture_output=True,
            check=True,
            timeout=timeout_s,
        )
        told = json.loads(done.stdout)
        if not isinstance(told, dict) or not {"found", "read_bytes", "next"} <= told.keys():
            raise ValueError("the search told nothing that is known")
        return told


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
