"""The commands on incidents: what went wrong, when it was found, whom it was reported to.

Knows: their options.
Must not know: within which term an incident is reported.
"""

import json
from typing import Any, Final

import rich_click as click

from edge_node.cli import dutch_time, exits
from edge_node.cli.fields import why_option
from edge_node.cli.show import say, table
from edge_node.cli.where import Where, where_options

_COLUMNS: Final = ("number", "found", "what", "breach", "owner", "reported", "to", "closed")
_number = click.argument("number", type=click.IntRange(1, 2**53))
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def incident() -> None:
    """Incidents: write one down, say whom it was reported to, close it."""


@incident.command("list")
@where_options
@click.option("--all", "everything", is_flag=True, help="Also those that are closed.")
@_json_option
def listed(where: Where, everything: bool, as_json: bool) -> int:
    """List the open incidents. Exits 1 while one is not reported."""
    found = _ask(where, {"verb": "gbz.incidents", "all": everything})
    if as_json:
        say(json.dumps(found))
    else:
        table(_COLUMNS, [_row(one) for one in found])
    waits = any(not one["is_reported"] and one["closed_at"] is None for one in found)
    return exits.FINDING if waits else exits.GOOD


@incident.command("open")
@where_options
@click.option("--owner", required=True, metavar="NAME", help="Who answers for it, by name.")
@click.option("--detected", callback=dutch_time.moment, metavar="MOMENT", help="When it was found; left out: now.")
@click.option("--breach", is_flag=True, help="Personal data were lost, changed or seen by who may not.")
@why_option
@_json_option
def open_(where: Where, owner: str, detected: str | None, breach: bool, why: str, as_json: bool) -> int:
    """Write an incident down; --why says what happened, without any patient."""
    request = {"verb": "gbz.incident-open", "owner": owner, "detected": detected, "breach": breach, "why": why}
    return _told(_ask(where, request), as_json=as_json)


@incident.command()
@_number
@where_options
@click.option(
    "--to",
    required=True,
    metavar="NAME",
    help="Whom it was reported to, such as VZVZ; a breach of personal data is told to AP.",
)
@why_option
@_json_option
def report(where: Where, number: int, to: str, why: str, as_json: bool) -> int:
    """Say that an incident was reported."""
    return _told(_ask(where, {"verb": "gbz.incident-report", "id": number, "to": to, "why": why}), as_json=as_json)


@incident.command()
@_number
@where_options
@why_option
@_json_option
def close(where: Where, number: int, why: str, as_json: bool) -> int:
    """Say that an incident is over."""
    return _told(_ask(where, {"verb": "gbz.incident-close", "id": number, "why": why}), as_json=as_json)


def _told(one: dict[str, Any], *, as_json: bool) -> int:
    if as_json:
        say(json.dumps(one))
    else:
        table(_COLUMNS, [_row(one)])
    return exits.GOOD


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    breach = "yes" if one["is_breach"] else ""
    moments = (one["detected_at"], one["reported_at"] or "", one["closed_at"] or "")
    found, reported, closed = moments
    return (str(one["id"]), found, one["what"], breach, one["owner"], reported, one["reported_to"], closed)


def _ask(where: Where, request: dict[str, Any]) -> Any:
    from edge_node.status import control_client

    return control_client.ask(where.socket, request)
