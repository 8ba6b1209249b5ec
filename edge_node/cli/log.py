"""The commands on the access log: proven, searched, exported, told to a patient.

Knows: their options, where what was found goes: a screen, or a file nobody else can read.
Must not know: how a log is chained or proven, how an overview looks.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.fields import why_option
from edge_node.cli.log_emergencies import emergencies, emergency, explain, sign_off
from edge_node.cli.log_verify import verify
from edge_node.cli.show import note, say, table
from edge_node.cli.where import Where, where_options

_COLUMNS: Final = ("record", "at", "event", "result", "code", "who", "other side", "message")
_MANY: Final = 1000
Filters = dict[str, Any]


@click.group(no_args_is_help=False)
def log() -> None:
    """Prove, search and export the access log. Every look at it is recorded, with who and why."""


log.add_command(verify)
for command in (emergencies, emergency, explain, sign_off):
    log.add_command(command)

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, a line for each record.")
_patient_option = click.option(
    "--patient",
    metavar="BSN",
    callback=lambda _context, _option, value: _typed(value),
    help="Of this patient. - reads the number from standard input, so that it stands in no list of commands.",
)
_period_options = (
    click.option("--since", metavar="DAY", help="From this day or moment on, in UTC: 2026-11-22."),
    click.option("--until", metavar="DAY", help="Up to this day or moment, which is not in it."),
)
_output_option = click.option(
    "--output",
    default="-",
    show_default=True,
    metavar="FILE",
    help="A new file, which only you can read; - for standard output.",
)


def _filters(command: Callable[..., int]) -> Callable[..., int]:
    options = (
        _patient_option,
        click.option("--uzi", metavar="NUMBER", help="Done by the holder of this card. - reads it.", callback=_read),
        click.option("--account", metavar="NAME", help="Done by this person at this machine."),
        click.option("--event", metavar="KIND", help="Of this kind: query, push, reading, log and so on."),
        click.option("--code", metavar="CODE", help="With this outcome."),
        click.option("--situation", type=click.Choice(["normal", "emergency"]), help="Only these."),
        click.option("--message", metavar="ROOT/EXT", help="About this message."),
        *_period_options,
    )
    for option in reversed(options):
        command = option(command)
    return command


def _typed(value: str | None) -> str | None:
    return sys.stdin.readline().strip() if value == "-" else value


def _read(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    return _typed(value)


@log.command()
@where_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def head(where: Where, as_json: bool) -> int:
    """Show the newest signed head, and the key to check it with: write both down elsewhere."""
    from edge_node.status import control_client
    from edge_node.status.control_client import Unreachable

    try:
        found = control_client.ask(where.socket, {"verb": "log.head"})
    except Unreachable as error:
        found = _head_of(where, error)
    if as_json:
        say(json.dumps(found))
        return exits.GOOD
    say(found["head"] or "no head is signed yet")
    if found["head"]:
        note(f"signed at {found['signed_at']} by key {found['signed_by']}")
    note(found["public_key"].rstrip())
    return exits.GOOD


@log.command()
@where_options
@_filters
@click.option("--limit", type=click.IntRange(1, 100_000), default=_MANY, show_default=True, help="At most so many.")
@why_option
@_json_option
def search(where: Where, as_json: bool, why: str, **filters: Any) -> int:
    """List records, oldest first."""
    records = _asked(where, "log.search", why, filters)
    if as_json:
        for record in records:
            say(json.dumps(record, ensure_ascii=False))
    else:
        table(_COLUMNS, (_line(record) for record in records))
    if len(records) == filters["limit"]:
        note(f"Only the first {len(records)} are shown: ask for a shorter period, or export them.")
    return exits.GOOD


@log.command()
@where_options
@_filters
@click.option(
    "--format", "form", type=click.Choice(["ndjson", "csv"]), default="ndjson", show_default=True, help="Form."
)
@_output_option
@why_option
def export(where: Where, form: str, output: str, why: str, **filters: Any) -> int:
    """Write records, with what is sealed in them, to a file."""
    from edge_node.cli.log_writing import writer

    with opened(output) as stream:
        write = writer(stream, form)
        count = _heard(where, "log.export", why, filters, write)
    note(f"{count} records. They hold patient data: remove the file when it has served.")
    return exits.GOOD


@log.command()
@where_options
@_patient_option
@click.option("--since", metavar="DAY", help="From this day or moment on, in UTC: 2026-11-22.")
@click.option("--until", metavar="DAY", help="Up to this day or moment, which is not in it.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["page", "csv", "text"]),
    default="page",
    show_default=True,
    help="A page to print, a table, or plain text.",
)
@click.option("--lang", type=click.Choice(["nl", "en"]), default="nl", show_default=True, help="Language.")
@_output_option
@why_option
def patient(where: Where, form: str, lang: str, output: str, why: str, **filters: Any) -> int:
    """Make the overview that a patient may ask for: who saw or sent what of him, when and why."""
    from edge_node.cli import log_overview

    records: list[dict[str, Any]] = []
    _heard(where, "log.patient", why, filters, records.append)
    made = log_overview.make(records, log_overview.Wish(language=lang, form=form, period=_period(filters)))
    with opened(output) as stream:
        stream.write(made)
    if output != "-":
        note(f"Written to {output}. Remove it when it is handed over: it holds patient data.")
    return exits.GOOD


@log.command()
@where_options
@why_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def seen(where: Where, why: str, as_json: bool) -> int:
    """Say that somebody knows where the log was bent: the alarm ends, and messages are taken in again."""
    from edge_node.cli.daemon import change

    done = change(where, {"verb": "log.seen", "why": why})
    say(json.dumps(done) if as_json else f"{done['seen']} seen")
    return exits.GOOD


def _head_of(where: Where, error: Exception) -> dict[str, Any]:
    """What the store and the file beside it say."""
    from edge_node.status.log_verbs import of_head
    from edge_node.store import log_segments, node_key
    from edge_node.store.database import open_readonly

    if not where.store.exists():
        raise error
    with open_readonly(where.store) as connection:
        newest = log_segments.newest_head(connection)
    file = where.store.with_name(node_key.FILE)
    pem = file.read_text("ascii") if file.exists() else ""
    return of_head(None if newest is None else newest.shown) | {"public_key": pem}


def _asked(where: Where, verb: str, why: str, filters: Filters) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = []
    _heard(where, verb, why, filters, records.append)
    return records


def _heard(where: Where, verb: str, why: str, filters: Filters, take: Callable[[dict[str, Any]], object]) -> int:
    """Ask the daemon, and take each record as it comes; without one, read the store under its lock."""
    from edge_node.cli.daemon import change

    def hear(part: Mapping[str, Any]) -> None:
        for record in part.get("records", ()):
            take(record)

    done: dict[str, int] = change(where, {"verb": verb, "why": why, **filters}, hear=hear)
    return done["records"]


def _period(filters: Filters) -> tuple[str, str]:
    return filters["since"] or "", filters["until"] or ""


def _line(record: Mapping[str, Any]) -> tuple[object, ...]:
    who = record.get("user.name") or record.get("user.uzi") or record.get("user.role") or record.get("user.kind")
    other = record.get("counterparty.organisation") or record.get("counterparty.application")
    return (
        record.get("seq"),
        record.get("at"),
        record.get("event.type"),
        record.get("event.result"),
        record.get("event.code") or record.get("locked"),
        who,
        other,
        record.get("correlation.message"),
    )


@contextmanager
def opened(output: str) -> Iterator[IO[str]]:
    """Standard output, or a file that was not there, for its owner only; gone again when it was not finished."""
    from edge_node.cli import files

    if output == "-":
        yield sys.stdout
        return
    with files.private(Path(output)) as stream:
        yield stream
