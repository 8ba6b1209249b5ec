"""The command that says how the node is.

Knows: how parts and counts are shown to people, and the exit code of a verdict.
Must not know: how the node is judged.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.show import duration, note, readable, say, table
from edge_node.cli.status_words import Language, about_certificate, about_interaction, called
from edge_node.cli.where import Where, where_options

_GOOD: Final = frozenset({"up", "unknown"})
#: Sentences that tell people to look at a list, and which messages stand in it.
_BELOW: Final = frozenset({"not-delivered", "needs-signing", "over"})
_LEFT: Final = ("DEAD", "EXPIRED", "HELD", "NEEDS_TOKEN")
_CELLS: Final = ("interaction", "receiver", "code", "kept_at")
_MOST_BELOW: Final = 25


@click.command()
@where_options
@click.option(
    "--lang",
    "language",
    type=click.Choice(["nl", "en"]),
    envvar="EDGE_NODE_LANG",
    show_envvar=True,
    help="Language of the words around codes and details; else English, and what nobody may miss in both.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(where: Where, language: Language | None, as_json: bool) -> int:
    """Say how the node is: in one sentence, then the switchboard link, local systems, store, certificates and queue.

    Exits 0 when all is well, 1 when something is not, 69 when the daemon does not answer; the queue is then read from
    the store.
    """
    from edge_node.cli.daemon import counts
    from edge_node.status.control_client import Unreachable, ask

    try:
        now = ask(where.socket, {"verb": "status"})
    except Unreachable as error:
        queue, stopped = counts(where, error), _stopped(where)
        if as_json:
            say(json.dumps({"daemon": "down", "sentence": stopped, "detail": error.detail, "queue": queue}))
        else:
            _say_first(stopped, language)
            note(f"The daemon does not answer ({error.detail}); the queue was read from the store.")
            _show_queue(queue, language)
        return exits.UNREACHABLE
    if as_json:
        say(json.dumps(now))
    else:
        _shown(now, where, language)
    return exits.GOOD if now["verdict"] == "well" else exits.FINDING


def _stopped(where: Where) -> dict[str, Any]:
    """With whom to call, as the node knew it when it last ran: its settings may be what stops it."""
    from datetime import UTC, datetime

    from edge_node.model.sentence import Saying, Sentence
    from edge_node.status.document import of_sentence
    from edge_node.store.alert_memory import FILE, AlertMemory

    help_line = AlertMemory((where.state or where.store.parent) / FILE).take().help_line
    return of_sentence(Sentence(saying=Saying.STOPPED, said_at=datetime.now(UTC), help_line=help_line))


def _say_first(sentence: dict[str, Any], language: Language | None) -> None:
    """The one line that everybody reads; in both languages where none was chosen."""
    for one in (language,) if language else ("nl", "en"):
        say(sentence[one])
    say("")


def _shown(now: dict[str, Any], where: Where, language: Language | None) -> None:
    _say_first(now["sentence"], language)
    for one in now["also"]:
        say(f"- {one[language or 'en']}")
    if now["also"]:
        say("")
    _show_below(now, where, language)
    say(f"{now['node']} {now['version']} ({now['environment']}): {called(now['verdict'], language)}")
    for part in now["parts"]:
        for line in about_certificate(part.get("code", ""), language):
            say(line.format(name=part["name"], detail=part.get("detail", "")))
    say("")
    columns = [called(word, language) for word in ("part", "name", "health", "since", "what")]
    table(columns, (_part(part, language) for part in now["parts"]))
    # In Dutch the lines above say what to do.
    for line in _advice(now["parts"]) if language != "nl" else ():
        say(line)
    for each in now["interactions"]:
        say(about_interaction(each, language))
    say("")
    _show_queue(now["queue"] or [], language)


def _show_below(now: dict[str, Any], where: Where, language: Language | None) -> None:
    """The messages that a sentence means by "below"."""
    from edge_node.status.control_client import ask

    said = {one["state"] for one in (now["sentence"], *now["also"])}
    if not said & _BELOW:
        return
    asked = [ask(where.socket, {"verb": "queue.list", "direction": "out", "state": one}) for one in _LEFT]
    rows = [row for found in asked for row in found][:_MOST_BELOW]
    columns = ("id", "state", "interaction", "receiver", "code", "kept at")
    shown = ((row["uid"], called(row["state"], language), *map(row.get, _CELLS)) for row in rows)
    if rows:
        table([called(word, language) for word in columns], shown)
        say("")


def _advice(parts: list[dict[str, Any]]) -> Iterator[str]:
    """What to do about each part, said once for all of which the same is said."""
    same: dict[tuple[str, str, str], list[str]] = {}
    for part in parts:
        if part["health"] not in _GOOD and "do" in part:
            same.setdefault((part["kind"], part["side"], part["do"]), []).append(part["name"])
    for (kind, side, do), names in same.items():
        yield f"{kind} {', '.join(dict.fromkeys(names))} ({side}): {do}"


def _part(part: dict[str, Any], language: Language | None) -> tuple[object, ...]:
    what = " ".join(filter(None, (part.get("code"), readable(part.get("detail") or ""))))
    kind, health = called(part["kind"], language), called(part["health"], language)
    return kind, part["name"], health, duration(part.get("since_s")), what


def _show_queue(queue: list[dict[str, Any]], language: Language | None) -> None:
    rows = (
        (
            called(each["direction"], language),
            called(each["state"], language),
            each["messages"],
            duration(each["oldest_s"]),
        )
        for each in queue
    )
    table([called(word, language) for word in ("direction", "state", "messages", "oldest")], rows)
