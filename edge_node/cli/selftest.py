"""The command that proves on the customer's own disk that the store keeps its promises.

Knows: its options, and how the result is told.
Must not know: how a store is killed, or what it promised.
"""

import json
from pathlib import Path

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.show import note, say
from edge_node.cli.where import DEFAULT_STORE, config_option


@click.command()
@click.option(
    "--crash",
    "kills",
    type=click.IntRange(1, 100_000),
    required=True,
    metavar="N",
    help="Kill a store of its own so often with signal 9, and look each time whether it kept its promises.",
)
@click.option(
    "--seed", type=click.IntRange(0), help="Of the moments; one that was printed before, to try them again."
)
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=f"Where to try it, on the disk in question; else node.state_dir of --config, or {DEFAULT_STORE.parent}.",
)
@config_option(required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; progress goes to standard error.")
def selftest(kills: int, seed: int | None, folder: Path | None, config: tuple[Path, ...], as_json: bool) -> int:
    """Try on this disk whether a store keeps what it promised when its process is killed.

    Works in a folder of its own, which it removes; the real store is not touched, and the daemon may go on. Ends with
    0 only when every kill was survived: nothing lost, nothing twice, everything in order.
    """
    from edge_node.cli.selftesting import Choice, no_room, prove

    chosen = folder or _state_dir(config)
    complaint = no_room(chosen)
    if complaint:
        note(complaint)
        return exits.TRY_LATER
    found = prove(Choice(folder=chosen, kills=kills, seed=seed), note)
    if as_json:
        click.echo(json.dumps(found.document()))
    else:
        for line in found.lines():
            say(line)
    return exits.GOOD if found.is_good else exits.FINDING


def _state_dir(config: tuple[Path, ...]) -> Path:
    if not config:
        return DEFAULT_STORE.parent
    from edge_node.settings.load import load  # pydantic is slow to import

    return load(config).store_path.parent
