"""The commands on emergency accesses (noodtoegang): which wait, one with its lines, why, signed off.

Knows: their options, how an access is shown.
Must not know: how accesses are kept, what makes one of an emergency.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.cert_words import Language, language_option
from edge_node.cli.fields import why_option
from edge_node.cli.show import note, say, table
from edge_node.cli.where import Where, where_options
from edge_node.model.moment import DUTCH_TIME
from edge_node.model.notice import Words
from edge_node.model.sentence_words import in_language

_COLUMNS: Final = {
    "en": ("number", "when", "way", "interaction", "system", "role", "other side", "explained", "review"),
    "nl": ("nummer", "wanneer", "richting", "soort", "systeem", "rol", "andere kant", "reden", "beoordeling"),
}
_WAYS: Final = {
    "in": Words(nl="gevraagd aan ons", en="in"),
    "out": Words(nl="gevraagd door ons", en="out"),
}
_VERDICTS: Final = {
    "justified": Words(nl="terecht, volgens {}", en="justified by {}"),
    "unjustified": Words(nl="onterecht, volgens {}", en="unjustified by {}"),
}
_WAITS: Final = Words(nl="nog te doen", en="waits")
_NO_REASON: Final = Words(nl="nog niet gegeven", en="no")
_WITH_MESSAGE: Final = Words(nl="bij het bericht", en="with the message")
_TO_REVIEW: Final = Words(
    nl="{} na te kijken: `log emergency` toont er een, `log explain` en `log sign-off` ronden die af.",
    en="{} to review: `log emergency` shows one, `log explain` and `log sign-off` end it.",
)
_MANY: Final = 1000
_number = click.argument("number", type=click.IntRange(1, 2**53))
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@where_options
@click.option("--all", "all_", is_flag=True, help="Those that were reviewed too, the newest first.")
@_json_option
@language_option
def emergencies(where: Where, all_: bool, as_json: bool, language: Language) -> int:
    """List the emergency accesses that nobody signed off yet."""
    from edge_node.cli.daemon import look

    found = look(where, {"verb": "emergency.list", "all": all_, "limit": _MANY})
    if as_json:
        say(json.dumps(found))
    else:
        table(_COLUMNS[language], (_row(one, language) for one in found))
    waiting = [one for one in found if not one["signed_at"]]
    if waiting and not as_json:
        note(in_language(_TO_REVIEW, language).format(len(waiting)))
    return exits.FINDING if waiting else exits.GOOD


@click.command()
@where_options
@_number
@why_option
@_json_option
@language_option
def emergency(where: Where, number: int, why: str, as_json: bool, language: Language) -> int:
    """Show one with its lines in the access log: who asked, about whom, and what was said of it."""
    from edge_node.cli.daemon import change, look

    found = {one["id"]: one for one in look(where, {"verb": "emergency.list", "all": True, "limit": _MANY})}
    if number not in found:
        note(f"EN-NOT-FOUND: no emergency access {number} among the last {_MANY}")
        return exits.FINDING
    lines: list[dict[str, Any]] = []

    def hear(part: Mapping[str, Any]) -> None:
        lines.extend(part.get("records", ()))

    request = {"verb": "log.search", "correlation": found[number]["correlation"], "why": why}
    change(where, request, hear=hear)
    if as_json:
        say(json.dumps({"emergency": found[number], "records": lines}, ensure_ascii=False))
        return exits.GOOD
    table(_COLUMNS[language], [_row(found[number], language)])
    say("")
    for line in lines:
        for name, value in line.items():
            say(f"{name}: {value}")
        say("")
    return exits.GOOD


@click.command()
@where_options
@_number
@why_option
@_json_option
@language_option
def explain(where: Where, number: int, why: str, as_json: bool, language: Language) -> int:
    """Write down why an emergency access was needed; --why is that reason, sealed in the access log."""
    request = {"verb": "emergency.explain", "id": number, "why": why}
    return _changed(where, request, None if as_json else language)


@click.command("sign-off")
@where_options
@_number
@click.option("--justified", "verdict", flag_value="justified", help="It was an emergency.")
@click.option("--unjustified", "verdict", flag_value="unjustified", help="It was none, or nobody can say why.")
@why_option
@_json_option
@language_option
def sign_off(where: Where, number: int, verdict: str | None, why: str, as_json: bool, language: Language) -> int:
    """Sign an emergency access off after review."""
    if verdict is None:
        raise click.UsageError("say --justified or --unjustified")
    request = {"verb": "emergency.sign-off", "id": number, "verdict": verdict, "why": why}
    return _changed(where, request, None if as_json else language)


def _changed(where: Where, request: Mapping[str, Any], language: Language | None) -> int:
    """Without a language as JSON."""
    from edge_node.status import control_client

    # Only the running daemon: a reason must not lie unsealed on the disk until the next start.
    done = control_client.ask(where.socket, request)
    if language is None:
        say(json.dumps(done))
    else:
        table(_COLUMNS[language], [_row(done, language)])
    return exits.GOOD


def _row(one: Mapping[str, Any], language: Language) -> tuple[object, ...]:
    review = in_language(_VERDICTS.get(one["verdict"] or "", _WAITS), language).format(one["signed_by"])
    by = one["explained_by"] or in_language(_WITH_MESSAGE, language)
    explained = by if one["explained_at"] else in_language(_NO_REASON, language)
    way = in_language(_WAYS[one["direction"]], language)
    return (one["id"], _when(one["at"], language), way, one["interaction"], one["system"], one["role"],
            one["counterparty"], explained, review)  # fmt: skip


def _when(at: str, language: Language) -> str:
    """As clocks in the Netherlands show it; scripts have UTC in the JSON."""
    local = datetime.fromisoformat(at).astimezone(DUTCH_TIME)
    return f"{local:%d-%m-%Y %H:%M}" if language == "nl" else f"{local:%Y-%m-%d %H:%M} (Dutch time)"
