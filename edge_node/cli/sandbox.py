"""The commands of the sandbox and the demo.

Knows: their options.
Must not know: how certificates are made, or how a simulated party behaves.
"""

from datetime import UTC, datetime
from pathlib import Path

import rich_click as click

from edge_node.cli import exits
from edge_node.sandbox.commands import his, switchboard


@click.group(no_args_is_help=False)
def sandbox() -> None:
    """Try the node without the care network: certificates, a simulated switchboard, a simulated local system."""


@sandbox.command()
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to make; keys go in it."
)
def pki(out: Path) -> int:
    """Make a development PKI in the UZI profile: authorities, certificates, lists of revoked ones, and bad cases."""
    from edge_node.sandbox.pki import make_pki

    try:
        make_pki(out, now=datetime.now(UTC))
    except FileExistsError as error:
        raise click.BadParameter(str(error), param_hint="--out") from error
    click.echo(str(out))
    return exits.GOOD


sandbox.add_command(switchboard)
sandbox.add_command(his)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Progress on standard error; the last line is one JSON object.")
@click.option("--keep", is_flag=True, help="Leave everything running, and print what to try.")
def demo(as_json: bool, keep: bool) -> int:
    """Show a node at work: send one of everything, cut the line, queue, restore it, and compare the ledgers."""
    from edge_node.sandbox.demo import main

    return main(json=as_json, keep=keep)
