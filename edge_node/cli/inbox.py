"""The commands on the inbox: what waits for a local system, and what a person does while that system is down.

Knows: their options, where a message that was opened goes: a screen, or a file nobody else can read.
Must not know: where an answer came from, how a message is shown.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import rich_click as click

from edge_node.cli import exits, fields
from edge_node.cli.fields import why_option
from edge_node.cli.show import duration, note, say, table
from edge_node.cli.where import Where, where_options
from edge_node.errors import Unavailable

_COLUMNS: Final = ("id", "state", "interaction", "sender", "receiver", "attempts", "locked by", "for", "kept at")

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_language_option = click.option(
    "--lang", type=click.Choice(["nl", "en"]), default="nl", show_default=True, help="Language around the message."
)


@click.group(no_args_is_help=False)
def inbox() -> None:
    """Look at what waits for a local system; read or print it while that system is down."""


@inbox.command("list")
@where_options
@click.option("--receiver", metavar="ID", help="Only to this application id.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="At most so many.")
@_json_option
def list_(where: Where, as_json: bool, **filters: Any) -> int:
    """List what waits for local systems, oldest first. Shows nothing of what is in a message."""
    from edge_node.cli.daemon import look

    rows = look(where, {"verb": "inbox.list", **filters})
    if as_json:
        say(json.dumps(rows))
    else:
        table(_COLUMNS, (_line(row) for row in rows))
    return exits.GOOD


@inbox.command()
@where_options
@click.argument("uid", type=fields.uid)
@why_option
@_language_option
@_json_option
def read(where: Where, uid: str, why: str, lang: str, as_json: bool) -> int:
    """Show a message that waits, as text. Who reads it and why is recorded first.

    Reading takes nothing from the local system: it gets the message all the same.
    """
    from edge_node.cli import inbox_page

    say(_shown(where, (uid, why), (lang, inbox_page.data if as_json else inbox_page.text)))
    return exits.GOOD


@inbox.command("print")
@where_options
@click.argument("uid", type=fields.uid)
@why_option
@_language_option
@click.option(
    "--output",
    required=True,
    metavar="FILE",
    help="A new file for the page, which only you can read; - for standard output.",
)
def print_(where: Where, uid: str, why: str, lang: str, output: str) -> int:
    """Make a page of a message that waits, to print from a browser. Who does it and why is recorded first."""
    from edge_node.cli import inbox_page

    if output == "-":
        say(_shown(where, (uid, why), (lang, inbox_page.page)))
        return exits.GOOD
    path = Path(output)
    with _new_file(path) as stream:
        stream.write(_shown(where, (uid, why), (lang, inbox_page.page)))
    note(f"Written to {path}. Remove it when it is printed: it holds patient data.")
    return exits.GOOD


@inbox.command()
@where_options
@click.argument("uid", type=fields.uid)
@why_option
@_json_option
def confirm(where: Where, uid: str, why: str, as_json: bool) -> int:
    """Say that a person took the message over by hand: it counts as delivered, and comes to no system any more."""
    from edge_node.cli.daemon import change

    row = change(where, {"verb": "inbox.confirm", "uid": uid, "why": why})
    say(json.dumps(row) if as_json else f"{uid} {row['state']}")
    return exits.GOOD


def _shown(where: Where, what: tuple[str, str], how: tuple[str, Callable[..., str]]) -> str:
    from edge_node.cli.daemon import change
    from edge_node.formats.readable import lines
    from edge_node.status.control_client import Bytes

    (uid, why), (language, render) = what, how
    heard = Bytes()
    row = change(where, {"verb": "inbox.read", "uid": uid, "why": why}, hear=heard)
    body = heard.whole
    if len(body) != row["size_bytes"]:
        # The daemon ended between two parts. What was read is recorded; it is read once more.
        raise Unavailable("the message did not come whole: ask again", code="EN-CONTROL")
    shown: str = render(row, lines(body, row["content_type"], language), language)
    return shown


class _new_file:  # noqa: N801  used as a function
    """A file that was not there, for its owner only; gone again when nothing could be written to it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Any:
        try:
            handle = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            raise click.BadParameter(f"{self._path} is there already", param_hint="--output") from None
        except OSError as error:
            raise click.BadParameter(f"{self._path}: {error.strerror}", param_hint="--output") from error
        self._stream = os.fdopen(handle, "w", encoding="utf-8")
        return self._stream

    def __exit__(self, kind: Any, *_: Any) -> None:
        self._stream.close()
        if kind is not None:
            self._path.unlink(missing_ok=True)


def _line(row: dict[str, Any]) -> tuple[object, ...]:
    return (
        row["uid"],
        row["state"] + (" (outcome unknown)" if row["unknown"] else ""),
        row["interaction"],
        row["sender"],
        row["receiver"],
        row["attempts"],
        row["locked_by"],
        duration(row["lock_ends_in_s"]),
        row["kept_at"],
    )
