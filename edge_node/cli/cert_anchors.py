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
from edge_node.cli.cert_words import Language, Teller, language_option
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
@language_option
@json_option
def anchors(config: tuple[Path, ...], socket: Path | None, language: Language, as_json: bool, **how: Any) -> int:
    """Say which anchors count for each peer, and what becomes of those that a reload brought.

    What the settings add counts at once. What they leave out counts until the peer was reached without it. Exits 1
    while a change is refused or waits.
    """
    tell = Teller(language)
    if how["peer"] is not None and how["accept"] is None:
        raise click.UsageError("--peer goes with --accept")
    if how["accept"] is not None:
        accepted = _ask({"verb": "cert.accept-anchors", "peer": how["peer"], "why": how["accept"]}, (config, socket))
        say(json.dumps(accepted)) if as_json else _accepted(accepted, tell)
        return exits.GOOD
    found = _ask({"verb": "cert.anchors"}, (config, socket))
    say(json.dumps(found)) if as_json else _shown(found, tell)
    return exits.FINDING if any(one["change"] for one in found) else exits.GOOD


def _accepted(accepted: list[dict[str, Any]], tell: Teller) -> None:
    for one in accepted:
        say(tell("anchors.without", peer=one["peer"], names=", ".join(one["removed"])))
    note(tell("anchors.judged"))


def _shown(found: list[dict[str, Any]], tell: Teller) -> None:
    columns = tell("anchors.peer"), tell("anchors.counts")
    table(columns, [(one["peer"], name) for one in found for name in one["counting"]])
    for change in (one["change"] for one in found if one["change"]):
        said = tell(
            "anchors.change",
            peer=change["peer"],
            phase=tell(f"anchors.{change['phase']}"),
            since=change["since"],
            added=", ".join(change["added"]) or tell("anchors.nothing"),
            removed=", ".join(change["removed"]),
            reason=change["reason"],
        )
        say(said)


def _ask(request: dict[str, Any], place: tuple[tuple[Path, ...], Path | None]) -> Any:
    """Only the daemon knows what counts, and who is connected."""
    return control_client.ask(socket_of(*place), request)
