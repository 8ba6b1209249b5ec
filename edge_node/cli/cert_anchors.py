"""The command on anchors of peers.

Knows: its options, how anchors are told to people.
Must not know: what an anchor is, how new ones are tried.
"""

import json
from pathlib import Path
from typing import Any

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.cert_asking import json_option, layers_option, socket_of, socket_option
from edge_node.cli.fields import why
from edge_node.cli.show import note, say, table
from edge_node.status import control_client


@click.command()
@layers_option
@socket_option
@click.option(
    "--accept",
    type=why,
    metavar="REASON",
    help="Have the anchors of the settings count as they are, untried; the reason is recorded with your name.",
)
@click.option("--peer", metavar="NAME", help="With --accept: only of this peer.")
@json_option
def anchors(
    config: tuple[Path, ...], socket: Path | None, accept: str | None, peer: str | None, as_json: bool
) -> int:
    """Say which anchors count for each peer, and what becomes of those that a reload brought.

    What the settings add counts at once. What they leave out counts until the peer was reached without it. Exits 1
    while a change is refused or waits.
    """
    if peer is not None and accept is None:
        raise click.UsageError("--peer goes with --accept")
    if accept is not None:
        return _accept({"verb": "cert.accept-anchors", "peer": peer, "why": accept}, (config, socket), as_json)
    found = _ask({"verb": "cert.anchors"}, (config, socket))
    if as_json:
        say(json.dumps(found))
    else:
        _tell(found)
    return exits.FINDING if any(one["change"] for one in found) else exits.GOOD


def _accept(request: dict[str, Any], place: tuple[tuple[Path, ...], Path | None], as_json: bool) -> int:
    accepted = _ask(request, place)
    if as_json:
        say(json.dumps(accepted))
    for one in () if as_json else accepted:
        say(f"{one['peer']}: without {', '.join(one['removed'])} from now on")
    if not as_json:
        note("Who is connected was judged anew. See with edge-node status whether the peer can still be reached.")
    return exits.GOOD


def _tell(found: list[dict[str, Any]]) -> None:
    table(("peer", "counts"), [(one["peer"], name) for one in found for name in one["counting"]])
    for change in (one["change"] for one in found if one["change"]):
        names = f"adds {', '.join(change['added']) or 'nothing'}, leaves out {', '.join(change['removed'])}"
        say(f"{change['peer']}: {change['phase']} since {change['since']}: {names}; {change['reason']}")


def _ask(request: dict[str, Any], place: tuple[tuple[Path, ...], Path | None]) -> Any:
    """Only the daemon knows what counts, and who is connected."""
    return control_client.ask(socket_of(*place), request)
