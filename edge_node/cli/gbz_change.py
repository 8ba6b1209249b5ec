"""The command by which somebody says who approved the settings and the release in force.

Knows: its options.
Must not know: which settings are in force.
"""

import json
from typing import Any

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.fields import why_option
from edge_node.cli.show import say, table
from edge_node.cli.where import Where, where_options

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def change() -> None:
    """Approved changes: the settings and the release in force, and who approved them."""


@change.command("record")
@where_options
@click.option("--id", "number", required=True, metavar="NUMBER", help="Number of the change, as you have it.")
@click.option("--approver", required=True, metavar="NAME", help="Who approved it, by name.")
@why_option
@_json_option
def record(where: Where, number: str, approver: str, why: str, as_json: bool) -> int:
    """Record who approved the settings and the release that are in force now."""
    made = _ask(where, {"verb": "gbz.change", "change": number, "approver": approver, "why": why})
    say(json.dumps(made) if as_json else f"{made['change']}: approved by {made['approver']}, {made['release']}.")
    return exits.GOOD


@change.command("list")
@where_options
@_json_option
def listed(where: Where, as_json: bool) -> int:
    """List the changes that were recorded, newest first."""
    found = _ask(where, {"verb": "gbz.changes"})
    if as_json:
        say(json.dumps(found))
    else:
        columns = ("at", "change", "approver", "release", "digest", "why")
        table(columns, [tuple(one[name] for name in columns) for one in found])
    return exits.GOOD


def _ask(where: Where, request: dict[str, Any]) -> Any:
    from edge_node.status import control_client

    return control_client.ask(where.socket, request)
