"""The command that tries a certificate against the peers.

Knows: its options, which exit code says what.
Must not know: how a handshake is made.
"""

import json
from pathlib import Path
from typing import Any

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.cert_asking import ask, identity_option, json_option, layers_option, socket_option
from edge_node.cli.cert_trials import show_trials
from edge_node.cli.cert_words import Language, Teller, language_option
from edge_node.cli.show import say


@click.command("test")
@layers_option
@socket_option
@identity_option
@click.option("--peer", metavar="NAME", help="Only this peer, by its name in the settings.")
@language_option
@json_option
def test(config: tuple[Path, ...], socket: Path | None, language: Language, as_json: bool, **whom: Any) -> int:
    """Shake hands with every peer the node calls, with what is in use, what waits and what was refused.

    Each has a connection of its own: what is under way is not disturbed. Nothing is changed, but that one which was
    refused and is taken now is shown again.
    """
    tell = Teller(language)
    trials = ask(config, socket, {"verb": "cert.test", **whom}, tell)
    if as_json:
        say(json.dumps(trials))
    else:
        for trial in trials:
            say(f"{whom['identity']}, {tell('test.' + trial['standing'])} ({trial['certificate'][:16]}):")
            show_trials(trial["tried"], tell)
    outcomes = {one["outcome"] for trial in trials for one in trial["tried"]}
    if "refused" in outcomes:
        return exits.FINDING
    return exits.TRY_LATER if "unknown" in outcomes else exits.GOOD
