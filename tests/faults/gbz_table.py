"""What came of each fault, as a table for people."""

import os
from pathlib import Path

from tests.faults.gbz_course import Course, meant, seen
from tests.faults.gbz_faults import Fault

#: Where the table goes; without it, to the standard output.
FILE = "EDGE_NODE_GBZ_TABLE"
_BEGIN, _END = "<!-- made by ./run gbz: begin -->", "<!-- made by ./run gbz: end -->"
_HEAD = (
    "| what is broken | check | turned after | blocks | side | sentence | a person's question | well again after |",
    "|---|---|---|---|---|---|---|---|",
)


class Table:
    """Gathers the rows, and writes them at the end."""

    def __init__(self) -> None:
        self._rows: list[str] = []

    def add(self, fault: Fault, found: Course) -> None:
        """Take one up."""
        was, should = seen(found), meant(fault, found)
        is_said = all(was[key] == should[key] for key in ("nl", "en", "printed", "told"))
        question = "answered" if found.query == "AA" else f"`{found.query}`"
        self._rows.append(
            f"| {fault.name} | `{fault.check}` {fault.result} | {_s(found.turned_s)} | {_blocks(found)} "
            f"| {found.side} | {'right' if is_said else 'WRONG'} | {question} | {_s(found.cleared_s)} |"
        )

    def write(self) -> None:
        """Put them where they are wanted."""
        text = "\n".join((*_HEAD, *self._rows))
        file = os.environ.get(FILE)
        if file is None:
            print(f"\n{text}")
            return
        before, _, rest = Path(file).read_text(encoding="utf-8").partition(_BEGIN)
        after = rest.partition(_END)[2]
        Path(file).write_text(f"{before}{_BEGIN}\n\n{text}\n\n{_END}{after}", encoding="utf-8")


def _s(seconds: float | None) -> str:
    return "not in time" if seconds is None else f"{seconds:.0f} s"


def _blocks(found: Course) -> str:
    return ", ".join(f"`{each}`" for each in found.blocks) or "–"
