"""The commands on emergency accesses (noodtoegang): which wait, one with its lines, why, signed off.

Knows: their options, how an access is shown.
Must not know: how accesses are kept, what makes one of an emergency.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.fields import why_option
from edge_node.cli.show import note, say, table
from edge_node.cli.where import Where, where_options

_COLUMNS: Final = ("number", "when", "way", "interaction", "system", "role", "other side", "explained", "review")
_MANY: Final = 1000
_number = click.argument("number", type=click.IntRange(1, 2**53))
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@where_options
@click.option("--all", "all_", is_flag=True, help="Those that were reviewed too, the newest first.")
@_json_option
def emergencies(where: Where, all_: bool, as_json: bool) -> int:
    """List the emergency accesses that nobody signed off yet."""
    from edge_node.cli.daemon import look

    found = look(where, {"verb": "emergency.list", "all": all_, "limit": _MANY})
    if as_json:
        say(json.dumps(found))
    else:
        table(_COLUMNS, (_row(one) for one in found))
    waiting = [one for one in found if not one["signed_at"]]
    if waiting and not as_json:
        note(f"{len(waiting)} to review: `log emergency` shows one, `log explain` and `log sign-off` end it.")
    return exits.FINDING if waiting else exits.GOOD


@click.command()
@where_options
@_number
@why_option
@_json_option
def emergency(where: Where, number: int, why: str, as_json: bool) -> int:
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
    table(_COLUMNS, [_row(found[number])])
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
def explain(where: Where, number: int, why: str, as_json: bool) -> int:
    """Write down why an emergency access was needed; --why is that reason, sealed in the access log."""
    return _changed(where, {"verb": "emergency.explain", "id": number, "why": why}, as_json=as_json)


@click.command("sign-off")
@where_options
@_number
@click.option("--justified", "verdict", flag_value="justified", help="It was an emergency.")
@click.option("--unjustified", "verdict", flag_value="unjustified", help="It was none, or nobody can say why.")
@why_option
@_json_option
def sign_off(where: Where, number: int, verdict: str | None, why: str, as_json: bool) -> int:
    """Sign an emergency access off after review."""
    if verdict is None:
        raise click.UsageError("say --justified or --unjustified")
    request = {"verb": "emergency.sign-off", "id": number, "verdict": verdict, "why": why}
    return _changed(where, request, as_json=as_json)


def _changed(where: Where, request: Mapping[str, Any], *, as_json: bool) -> int:
    from edge_node.status import control_client

    # Only the running daemon: a reason must not lie unsealed on the disk until the next start.
    done = control_client.ask(where.socket, request)
    if as_json:
        say(json.dumps(done))
    else:
        table(_COLUMNS, [_row(done)])
    return exits.GOOD


def _row(one: Mapping[str, Any]) -> tuple[object, ...]:
    review = f"{one['verdict']} by {one['signed_by']}" if one["signed_at"] else "waits"
    explained = (one["explained_by"] or "with the message") if one["explained_at"] else "no"
    return (one["id"], one["at"], one["direction"], one["interaction"], one["system"], one["role"],
            one["counterparty"], explained, review)  # fmt: skip
