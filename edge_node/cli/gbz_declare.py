"""The commands by which a named person accepts a violation, or declares what no machine can see.

Knows: their options.
Must not know: which declarations are taken.
"""

import json
from typing import Any

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.dutch_time import end_of_day
from edge_node.cli.fields import why_option
from edge_node.cli.show import say
from edge_node.cli.where import Where, where_options

_owner_option = click.option("--owner", required=True, metavar="NAME", help="Who answers for it, by name.")
_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@click.argument("check")
@where_options
@click.option("--owner", metavar="NAME", help="Who answers for it, by name.")
@click.option(
    "--until", callback=end_of_day, metavar="DATE", help="The last day on which it counts, such as 2027-01-31."
)
@click.option("--end", is_flag=True, help="Take the waiver back instead.")
@why_option
@_json_option
def waive(where: Where, check: str, owner: str | None, until: str | None, end: bool, why: str, as_json: bool) -> int:
    """Accept that a check is violated, until a date: it is shown as such, and does not block meanwhile.

    Owner, reason and end are all needed. What would not be safe (a certificate that was revoked, test mixed with
    production) cannot be waived.
    """
    if end:
        _ask(where, {"verb": "gbz.end-waiver", "check": check, "why": why})
        say(json.dumps({}) if as_json else f"{check}: no longer waived.")
        return exits.GOOD
    made = _ask(where, {"verb": "gbz.waive", "check": check, "owner": owner, "until": until, "why": why})
    say(json.dumps(made) if as_json else f"{check}: waived until {made['until']}, by {made['owner']}.")
    return exits.GOOD


@click.command()
@click.argument("check")
@where_options
@_owner_option
@click.option(
    "--until",
    callback=end_of_day,
    metavar="DATE",
    help="The last day on which it counts; left out: as long as the settings let it.",
)
@click.option("--not-met", is_flag=True, help="Declare that it is not so.")
@why_option
@_json_option
def attest(where: Where, check: str, owner: str, until: str | None, not_met: bool, why: str, as_json: bool) -> int:
    """Declare what no machine can see; --why says what was looked at. From its end on it is unknown again."""
    fields = {"check": check, "owner": owner, "until": until, "why": why, "not_met": not_met}
    made = _ask(where, {"verb": "gbz.attest", **fields})
    say(json.dumps(made) if as_json else f"{check}: attested until {made['until']}, by {made['owner']}.")
    return exits.GOOD


def _ask(where: Where, request: dict[str, Any]) -> Any:
    """Only the daemon takes declarations: it judges anew at once, and the line hears of it."""
    from edge_node.status import control_client

    return control_client.ask(where.socket, request)
