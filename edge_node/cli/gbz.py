"""The commands on the checks of a well-managed care system.

Knows: which verbs there are; the longer ones are in files of their own, `gbz_<verb>.py`.
Must not know: how a check is judged.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.gbz_change import change
from edge_node.cli.gbz_declare import attest, waive
from edge_node.cli.gbz_incident import incident
from edge_node.cli.gbz_leave import leave
from edge_node.cli.gbz_report import report, verify
from edge_node.cli.show import note, printable, say, table
from edge_node.cli.where import Where, where_options
from edge_node.status.check_terms import evidence_in, source_in, value_in

_BAD: Final = frozenset({"violated"})
_TO_BE_SEEN: Final = frozenset({"violated", "warned", "unknown"})
_WORDS: Final = {
    "nl": {
        "violated": "niet goed",
        "warned": "let op",
        "unknown": "onbekend",
        "good": "goed",
        "not used": "n.v.t.",
        "waived": "aanvaard",
    },
    "en": {},
}
_COLUMNS: Final = {
    "nl": ("controle", "wat", "uitkomst", "gemeten", "sinds", "bij wie"),
    "en": ("check", "what", "result", "value", "since", "side"),
}
_CHANGES: Final = {"nl": ("sinds", "uitkomst", "gemeten"), "en": ("since", "result", "value")}
_DECLARED: Final = {
    "nl": {"waiver": "aanvaard door", "attestation": "verklaard door"},
    "en": {"waiver": "waiver", "attestation": "attestation"},
}
_OURS: Final = {"nl": "van dit product", "en": "this product"}
_SIDES: Final = {
    "local system": "uw systeem",
    "edge node": "dit kastje",
    "switchboard": "LSP",
    "care network": "zorgnetwerk",
    "operator": "beheerder",
}

language_option = click.option(
    "--lang",
    "language",
    type=click.Choice(["nl", "en"]),
    default="nl",
    show_default=True,
    help="Language of the text.",
)


@click.group()
def gbz() -> None:
    """Checks on a well-managed care system (GBZ): what stands, a signed report, what people declare."""


@gbz.command("list")
@where_options
@click.option("--all", "everything", is_flag=True, help="Also what is good or not used here.")
@language_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def listed(where: Where, everything: bool, language: str, as_json: bool) -> int:
    """List the checks that somebody should look at: violated, warned and unknown ones.

    Exits 0 when none is violated, 1 when one is, 69 when the daemon does not answer: the store then says what was
    found last.
    """
    from edge_node.status.control_client import Unreachable, ask

    try:
        found = ask(where.socket, {"verb": "gbz.list"})
    except Unreachable as error:
        return _remembered(where, error, language, as_json=as_json)
    if as_json:
        say(json.dumps(found))
    else:
        _tell(found, language, everything=everything)
    return exits.FINDING if any(check["result"] in _BAD for check in found["checks"]) else exits.GOOD


@gbz.command()
@click.argument("check")
@where_options
@language_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(where: Where, check: str, language: str, as_json: bool) -> int:
    """Show one check: what was seen, what it is held against, since when, what to do, and how it was before."""
    from edge_node.status.control_client import ask

    found = ask(where.socket, {"verb": "gbz.show", "check": check})
    if as_json:
        say(json.dumps(found))
    else:
        for line in _shown(found, language):
            say(printable(line))
        _history(found["history"], language)
    return exits.FINDING if found["result"] in _BAD else exits.GOOD


def _tell(found: Mapping[str, Any], language: str, *, everything: bool) -> None:
    words = _WORDS[language]
    rows = [check for check in found["checks"] if everything or check["result"] in _TO_BE_SEEN]
    table(
        _COLUMNS[language],
        [
            (
                it["name"],
                it["title"][language],
                _result(it, words),
                _value(it, language),
                it["since"],
                _side(it, language),
            )
            for it in rows
        ],
    )
    note(", ".join(f"{words.get(name, name)} {count}" for name, count in found["counts"].items() if count))


def _history(changes: Sequence[Mapping[str, Any]], language: str) -> None:
    words, (since, result, value) = _WORDS[language], _CHANGES[language]
    rows = [(it["at"], words.get(it["result"], it["result"]), value_in(it["value"], language)) for it in changes]
    table((since, result, value), rows)


def _side(check: Mapping[str, Any], language: str) -> str:
    return _SIDES.get(check["side"], check["side"]) if language == "nl" else str(check["side"])


def _result(check: Mapping[str, Any], words: Mapping[str, str]) -> str:
    said = words.get(check["result"], check["result"])
    if check["waiver"]:
        said = f"{said}, {words.get('waived', 'waived')}"
    return f"{said} ({', '.join(check['blocks'])})" if check["blocks"] else said


def _value(check: Mapping[str, Any], language: str) -> str:
    reason = check["reason"][language] if check["reason"] else ""
    value = value_in(check["value"], language)
    return f"{value}. {reason}" if value and reason else value or reason


def _shown(check: Mapping[str, Any], language: str) -> Iterator[str]:
    words = _WORDS[language]
    yield f"{check['name']}: {check['title'][language]}: {_result(check, words)}"
    yield check["meaning"][language]
    yield _value(check, language)
    for each in check["evidence"]:
        name, text = evidence_in(each["name"], each["text"], language)
        yield f"  {name}: {text}"
    for each in check["thresholds"]:
        unit, origin = value_in(each["unit"], language), value_in(each["origin"], language)
        yield f"  {each['name']} = {each['value']:g} {unit} ({origin})"
    source, origin = source_in(check["source"], language), value_in(check["actions_origin"], language)
    yield f"  {', '.join(check['actions'])} ({origin}); {source or _OURS[language]}"
    for kind, name in _DECLARED[language].items():
        if declared := check[kind]:
            said = declared["reason"] if kind == "waiver" else declared["statement"]
            yield f"  {name}: {declared['owner']}, {declared['until']}: {said}"
    if check["result"] in _TO_BE_SEEN:
        yield f"{_side(check, language)}: {check['do'][language]}"


def _remembered(where: Where, error: Exception, language: str, *, as_json: bool) -> int:
    """What was found last, where no daemon looks now."""
    if not where.store.exists():
        raise error
    from edge_node.machine import MachineClock
    from edge_node.status.check_document import of_change
    from edge_node.store import check_tables
    from edge_node.store.reader import Reader

    note(f"The daemon does not answer; what it found last was read from {where.store}.")
    last = Reader(where.store, MachineClock()).look(lambda connection, _: check_tables.memory(connection)).last
    found = [{"name": name, **of_change(change)} for name, change in sorted(last.items())]
    if as_json:
        say(json.dumps({"daemon": "down", "checks": found}))
    else:
        name, _, *rest, _ = _COLUMNS[language]
        words = _WORDS[language]
        rows = [
            (it["name"], words.get(it["result"], it["result"]), value_in(it["value"], language), it["at"])
            for it in found
        ]
        table((name, *rest), rows)
    return exits.UNREACHABLE


_VERBS: tuple[click.Command, ...] = (report, waive, attest, verify, incident, change, leave)
for _verb in _VERBS:
    gbz.add_command(_verb)
