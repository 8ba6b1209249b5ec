"""Tables and lines for people; plain tab-separated text where nobody watches.

Knows: how rows and durations are written, that a terminal gets a table.
Must not know: what the rows are.
"""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import rich_click as click

_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "min"))
#: RFC 4514 writes an attribute without a short name of its own by its number.
_ATTRIBUTES: Final = {"2.5.4.5": "serialNumber", "2.5.4.97": "organizationIdentifier"}
_WAYS: Final = {
    "declared": "declared by this site; it is in no table of this release",
    "replaced": "declared by this site, over the row of the table",
    "retired": "retired by this site, in use by the table",
    "revived": "in use at this site, retired by the table",
}


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, err: bool = False) -> None:
    """Print rows under a header; `err`: beside the result."""
    lines = [[_cell(value) for value in row] for row in rows]
    if (sys.stderr if err else sys.stdout).isatty():
        _drawn(columns, lines, err=err)
        return
    for line in (columns, *lines):
        click.echo("\t".join(line), err=err)


def say(text: str) -> None:
    """Print a line of result."""
    click.echo(text)


def note(text: str) -> None:
    """Tell people something beside the result."""
    click.echo(text, err=True)


def duration(seconds: float | None) -> str:
    """The time in its largest unit: "3 h", "12 s"."""
    if seconds is None:
        return ""
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def of_interaction(otherwise: Mapping[str, Any]) -> str:
    """An interaction that is otherwise at this site than in the table, in a sentence."""
    columns = f" ({', '.join(otherwise['columns'])})" if otherwise["columns"] else ""
    return f"interaction {otherwise['id']}: {_WAYS[otherwise['way']]}{columns}"


def printable(text: str) -> str:
    """A line without what would steer a terminal."""
    return _cell(text)


def readable(name: str) -> str:
    """A name of a certificate with words for the numbers of its attributes that people meet."""
    for number, word in _ATTRIBUTES.items():
        name = re.sub(rf"(^|(?<![\\])[,+: ]){re.escape(number)}=", rf"\g<1>{word}=", name)
    return name


def _cell(value: object) -> str:
    # Control characters in a value from outside must not steer a terminal, nor a tab make a column.
    return "".join(char if char.isprintable() else "?" for char in str(value if value is not None else ""))


def _drawn(columns: Sequence[str], lines: Sequence[Sequence[str]], *, err: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for line in lines:
        drawn.add_row(*(Text(cell) for cell in line))  # Text: a value is never read as markup
    Console(stderr=err).print(drawn)
