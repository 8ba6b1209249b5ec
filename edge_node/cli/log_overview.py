"""The overview of the access log that a patient may ask for, in Dutch or English: to print, as a table, as text.

Knows: which events concern a patient, in which words they are told, that what belongs together is one line.
Must not know: how records are found.

What stands in a record is shown letter by letter: nothing in it runs in a browser or steers a terminal.
"""

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edge_node.cli.inbox_page import kind
from edge_node.cli.log_writing import cell
from edge_node.formats import programme
from edge_node.model.programme import ProgrammeExchange

Record = Mapping[str, Any]

#: Of the technical steps of one exchange a patient is told the exchange.
_TOLD: Final = frozenset({"query", "push", "refused", "reading", "consent", "emergency", "queue"})
_REQUESTS: Final = frozenset({"query", "push"})
#: What came of a request: it is told with that, not by itself.
_ENDS: Final = frozenset({"answer", "handover"})
_GAP: Final = "gap"
_OF_AN_END: Final = ("event.result", "event.code")
_COLUMNS: Final = ("when", "organisation", "role", "responsible", "what", "why", "result", "emergency_column")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How it is to look."""

    language: str
    form: str  # page, csv or text
    period: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the overview."""

    when: str
    organisation: str
    role: str
    responsible: str
    what: str
    why: str
    result: str
    is_emergency: bool

    def cells(self, words: Mapping[str, str]) -> tuple[str, ...]:
        """What stands in its columns."""
        emergency = words["yes"] if self.is_emergency else ""
        told = (self.when, self.organisation, self.role, self.responsible, self.what, self.why, self.result)
        return (*told, emergency)


def make(records: Iterable[Record], wish: Wish) -> str:
    """Return the overview."""
    words = _words()[wish.language]
    entries = [_entry(record, wish.language) for record in _together(records)]
    if wish.form == "csv":
        return _csv(entries, words)
    return _page(entries, wish) if wish.form == "page" else _text(entries, wish)


def _together(records: Iterable[Record]) -> list[Record]:
    """Of several records of one exchange one: who and when are those of the first, what came of it is of the last."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for number, record in enumerate(records):
        if _is_gap(record):
            found[(str(number),)] = {**record, "event.type": _GAP, "event.result": "unknown"}
            continue
        kind = str(record.get("event.type"))
        key = _exchange(record) if kind in _REQUESTS | _ENDS else ()
        if kind in _ENDS:
            if key in found:
                found[key] |= _end_of(record)
        elif kind in _TOLD:
            before = found.get(key) if key else None
            found[key or (str(number),)] = {**record, **(before or {}), **_end_of(record)}
    return sorted(found.values(), key=lambda record: str(record["at"]))


def _is_gap(record: Record) -> bool:
    """Whether it stands for records of which nobody can say whether they are of him."""
    return "locked" in record and "event.type" not in record


def _exchange(record: Record) -> tuple[str, ...]:
    """What the records of one exchange have in common; empty where nothing says so."""
    names = ("correlation.message", "correlation.request", "correlation.id")
    message = next((record[name] for name in names if record.get(name)), None)
    return (str(message), str(record.get("event.direction"))) if message else ()


def _end_of(record: Record) -> Record:
    return {name: record[name] for name in _OF_AN_END if name in record}


def _entry(record: Record, language: str) -> Entry:
    words = _words()[language]
    return Entry(
        when=_when(str(record["at"])),
        organisation=_organisation(record, words),
        role=_role(str(record.get("user.role", "")), language) or words.get(str(record.get("user.kind")), ""),
        responsible=_role(str(record.get("user.responsible_role", "")), language),
        what=_what(record, language),
        why=_why(record, words),
        result=words.get(f"result {record.get('event.result')}", str(record.get("event.result", ""))),
        is_emergency=record.get("event.situation") == "emergency",
    )


def _organisation(record: Record, words: Mapping[str, str]) -> str:
    if record.get("event.direction") != "in" or record["event.type"] in {"reading", "queue"}:
        return words["own"]
    named = record.get("counterparty.organisation")
    ura = record.get("counterparty.ura") or record.get("user.ura")
    application = record.get("counterparty.application")
    return str(named or (f"URA {ura}" if ura else f"{words['application']} {application}" if application else ""))


def _what(record: Record, language: str) -> str:
    words = _words()[language]
    event, direction = str(record["event.type"]), str(record.get("event.direction", ""))
    told = words.get(f"{event} {direction}") or words.get(event, event)
    interaction = record.get("event.interaction")
    return f"{told}: {_data(str(interaction), language)}" if interaction else told


def _data(interaction: str, language: str) -> str:
    """Which data, as the programme of the network calls them; the first of several that ask in one way."""
    exchange = _exchanges().get(interaction)
    if exchange is None:
        return kind(interaction, language)
    return f"{exchange.dutch if language == 'nl' else exchange.what} ({interaction})"


@cache
def _exchanges() -> Mapping[str, ProgrammeExchange]:
    every = reversed(tuple(programme.load().exchanges.values()))
    return {str(interaction): exchange for exchange in every for interaction in exchange.interactions}


def _why(record: Record, words: Mapping[str, str]) -> str:
    parts = [str(record.get(name, "")) for name in ("event.reason", "event.rule")]
    consent = record.get("event.consent")
    if consent:
        parts.append(f"{words['consent_column']} {consent}")
    return "; ".join(part for part in parts if part)


def _role(code: str, language: str) -> str:
    found = _words()["roles"].get(code) or _words()["roles"].get(code.partition(".")[0])
    if found is None:
        return code
    nl, _, en = found.partition(" | ")
    return f"{nl if language == 'nl' else en or nl} ({code})"


def _when(at: str) -> str:
    moment = datetime.fromisoformat(at.replace("Z", "+00:00"))
    return moment.astimezone(_zone()).strftime("%Y-%m-%d %H:%M:%S %Z")


@cache
def _zone() -> Any:
    try:
        return ZoneInfo("Europe/Amsterdam")
    except ZoneInfoNotFoundError:  # a machine without the table of zones
        return timezone.utc  # noqa: UP017  the name is shown


def _csv(entries: Sequence[Entry], words: Mapping[str, str]) -> str:
    stream = io.StringIO()
    out = csv.writer(stream)
    out.writerow([words[name] for name in _COLUMNS])
    out.writerows([[cell(value) for value in entry.cells(words)] for entry in entries])
    return stream.getvalue()


def _text(entries: Sequence[Entry], wish: Wish) -> str:
    words = _words()[wish.language]
    lines = [words["title"].upper(), _period(wish, words), ""]
    for entry in entries:
        told = zip(_COLUMNS, entry.cells(words), strict=True)
        lines += [f"{words[name]}: {value}" for name, value in told if value] + [""]
    lines += [] if entries else [words["nothing"], ""]
    return "\n".join(_printable(line) for line in [*lines, words["end"]]) + "\n"


def _page(entries: Sequence[Entry], wish: Wish) -> str:
    from jinja2 import Environment, StrictUndefined  # takes longer to import than most verbs run

    words = _words()[wish.language]
    source = files(__package__).joinpath("log_overview.html").read_text("utf-8")
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(source)
    rows = [
        {"cells": [_printable(value) for value in each.cells(words)], "is_emergency": each.is_emergency}
        for each in entries
    ]
    columns = [words[name] for name in _COLUMNS]
    return template.render(
        language=wish.language, words=words, period=_period(wish, words), columns=columns, rows=rows
    )


def _period(wish: Wish, words: Mapping[str, str]) -> str:
    since, until = wish.period
    return f"{words['from']} {since or words['start']} {words['to']} {until or words['now']}"


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads(files(__package__).joinpath("log_overview.toml").read_text("utf-8"))
