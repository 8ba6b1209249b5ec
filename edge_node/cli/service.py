"""The commands that start the daemon and look at its settings.

Knows: their options.
Must not know: how the daemon works, or what makes settings right.
"""

import json
from pathlib import Path

import rich_click as click

from edge_node import __version__
from edge_node.cli import exits
from edge_node.cli.floor import stand_on
from edge_node.cli.where import config_option


@click.command()
@config_option(required=True)
def run(config: tuple[Path, ...]) -> int:
    """Run the daemon until it is told to stop.

    Prints one JSON line with its addresses when it serves. SIGHUP reads the settings again, SIGTERM finishes what is
    in hand and stops.
    """
    stand_on(config)
    from edge_node import node

    return node.run(config)


@click.command()
@config_option(required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(config: tuple[Path, ...], as_json: bool) -> int:
    """Look at settings, files and certificates, and tell everything that is wrong. Changes nothing."""
    stand_on(config)
    from edge_node.cli.checking import look

    found = look(config)
    if as_json:
        click.echo(json.dumps(found.document()))
    else:
        for line in found.lines():
            click.echo(line)
    return exits.SETTINGS if found.complaints else exits.GOOD


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def version(as_json: bool) -> int:
    """Print the release."""
    click.echo(json.dumps({"version": __version__}) if as_json else __version__)
    return exits.GOOD
