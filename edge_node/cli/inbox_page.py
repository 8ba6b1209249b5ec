"""One message of the inbox on a screen or on paper, in Dutch or English.

Knows: the words around a message, how lines become plain text and a page to print.
Must not know: how a message is read into lines, where it came from.

What stands in a message is shown letter by letter: nothing in it steers a terminal or runs in a browser.
"""

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

from edge_node.formats import notices
from edge_node.formats.interactions import load as interactions
from edge_node.formats.readable import Line

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "nl": {
        "title": "Bericht van het LSP dat nog niet is verwerkt",
        "warning": "Dit bericht staat nog in de edge node. Het eigen systeem heeft het niet, of heeft dat niet "
        "gemeld; lezen of afdrukken verandert daar niets aan. Dat het is gelezen, is met naam en reden vastgelegd.",
        "redelivery": "Het kan wel al in het eigen systeem staan: een eerdere bezorging bleef zonder antwoord.",
        "end": "Einde van het bericht.",
        "kind": "soort",
        "from": "van",
        "to": "voor",
        "received": "ontvangen",
        "message_id": "bericht-id",
        "uid": "nummer in de edge node",
        "state": "stand",
        "application": "applicatie",
    },
    "en": {
        "title": "Message from the LSP that has not been processed yet",
        "warning": "This message is still in the edge node. Your own system does not have it, or has not said so; "
        "reading or printing it changes nothing about that. That it was read is recorded, with name and reason.",
        "redelivery": "It may be in your own system already: an earlier handover went without an answer.",
        "end": "End of the message.",
        "kind": "kind",
        "from": "from",
        "to": "for",
        "received": "received",
        "message_id": "message id",
        "uid": "number in the edge node",
        "state": "state",
        "application": "application",
    },
}
_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "KEPT": ("bewaard, nog niet aangeboden", "kept, not offered yet"),
    "WAITING": ("wacht op het eigen systeem", "waits for your own system"),
    "IN_FLIGHT": ("bij het eigen systeem in behandeling", "in the hands of your own system"),
    "HELD": ("aangehouden", "held"),
}

Row = Mapping[str, Any]


def data(row: Row, lines: Sequence[Line], _language: str) -> str:
    """The message as JSON, for programs: its row, and its lines with their depth."""
    shown = [{"depth": line.depth, "label": line.label, "text": line.text} for line in lines]
    return json.dumps({**row, "lines": shown})


def text(row: Row, lines: Sequence[Line], language: str) -> str:
    """The message as plain text."""
    words = _WORDS[language]
    head = [words["title"].upper(), *(f"{label}: {value}" for label, value in _fields(row, language))]
    told = ("  " * line.depth + _said(line) for line in lines)
    shown = "\n".join([*head, "", *told, "", words["end"]])
    return "".join(char if char.isprintable() or char == "\n" else "?" for char in shown)


def page(row: Row, lines: Sequence[Line], language: str) -> str:
    """The message as a page that a browser shows and prints, and of which it runs nothing."""
    from jinja2 import Environment, StrictUndefined  # takes longer to import than most verbs run

    source = files(__package__).joinpath("inbox_page.html").read_text("utf-8")
    template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False).from_string(source)
    printable = [Line(line.depth, _printable(line.label), _printable(line.text)) for line in lines]
    fields = [(label, _printable(value)) for label, value in _fields(row, language)]
    return template.render(language=language, words=_WORDS[language], fields=fields, lines=printable)


def kind(interaction: str, language: str) -> str:
    """What sort of message it is, in a word of people, with its own name behind it."""
    found = interactions().get(interaction)
    groups = notices.load().groups
    words = groups.get(found.order, groups["other"]) if found is not None else groups["other"]
    return f"{words.nl if language == 'nl' else words.en} ({interaction})"


def _fields(row: Row, language: str) -> list[tuple[str, str]]:
    words, column = _WORDS[language], 0 if language == "nl" else 1
    state = _STATES.get(row["state"], (row["state"],) * 2)[column]
    return [
        (words["kind"], kind(row["interaction"], language)),
        (words["from"], f"{words['application']} {row['sender']}"),
        (words["to"], f"{words['application']} {row['receiver']}"),
        (words["received"], row["kept_at"]),
        (words["message_id"], row["message_id"]),
        (words["uid"], row["uid"]),
        (words["state"], state + (f". {words['redelivery']}" if row["unknown"] else "")),
    ]


def _said(line: Line) -> str:
    if not line.label:
        return line.text
    return f"{line.label}: {line.text}" if line.text else line.label


def _printable(value: str) -> str:
    # Also marks that turn the direction of writing: a page must not read otherwise than what stands in the message.
    return "".join(char if char.isprintable() else "?" for char in value)
