"""The commands that lead a node out of use, step by step.

Knows: their options, which step is told by a person.
Must not know: when a step is done.
"""

import json
from typing import Any, Final

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.fields import why_option
from edge_node.cli.show import note, say, table
from edge_node.cli.where import Where, where_options

_STEPS: Final = ("begun", "patients-removed", "application-removed", "log-exported", "keys-wiped", "closed")
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def leave() -> None:
    """Put the node out of use: nothing of a patient, no key and no certificate is left behind."""


@leave.command()
@where_options
@_json_option
def show(where: Where, as_json: bool) -> int:
    """Show which steps were taken, and which are left. Exits 1 while one is left."""
    found = _ask(where, {"verb": "gbz.leaving"})
    if as_json:
        say(json.dumps(found))
    else:
        columns = ("step", "at", "owner", "note")
        table(columns, [tuple(one[name] for name in columns) for one in found["taken"]])
        if not found["taken"]:
            note("The node is in use; its first step out of use would be: begun.")
        say(f"to do: {', '.join(found['to_do']) or 'nothing'}")
    return exits.FINDING if found["to_do"] and found["taken"] else exits.GOOD


@leave.command()
@click.argument("step", type=click.Choice(_STEPS))
@where_options
@click.option("--owner", required=True, metavar="NAME", help="Who answers for it, by name.")
@why_option
@_json_option
def take(where: Where, step: str, owner: str, why: str, as_json: bool) -> int:
    """Say that a step was taken; --why says what was seen; of log-exported it names the head."""
    made = _ask(where, {"verb": "gbz.leave", "step": step, "owner": owner, "why": why})
    say(json.dumps(made) if as_json else f"{made['step']}: {made['owner']}.")
    return exits.GOOD


@leave.command()
@where_options
@why_option
@_json_option
def stay(where: Where, why: str, as_json: bool) -> int:
    """Keep the node in use after all: the steps are forgotten."""
    _ask(where, {"verb": "gbz.stay", "why": why})
    say(json.dumps({}) if as_json else "The node stays in use.")
    return exits.GOOD


def _ask(where: Where, request: dict[str, Any]) -> Any:
    from edge_node.status import control_client

    return control_client.ask(where.socket, request)
