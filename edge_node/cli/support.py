"""The command that puts all that helps whoever helps a site into one file.

Knows: its options, where the file goes, what is shown of it.
Must not know: what is in a bundle, what is blanked.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.fields import why_option
from edge_node.cli.files import private_bytes
from edge_node.cli.show import note, say, table
from edge_node.cli.where import DEFAULT_SOCKET, DEFAULT_STORE, Where, config_option

_PATH: Final = click.Path(path_type=Path)
_WAIT_S: Final = 120.0


@click.command("support-bundle")
@config_option(required=False)
@click.option("--socket", type=_PATH, metavar="PATH", help=f"Control socket; else of --config, or {DEFAULT_SOCKET}.")
@click.option("--store", type=_PATH, metavar="PATH", help=f"Store; else of --config, or {DEFAULT_STORE}.")
@click.option(
    "--out",
    type=_PATH,
    default=Path(),
    metavar="PATH",
    help="File to write, or a folder; left out: the folder you are in. Nothing is written over a file that is there.",
)
@click.option(
    "--log",
    type=_PATH,
    metavar="FILE",
    help="While the daemon is down: take the last lines of its log from here; left out: from the journal of systemd.",
)
@why_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def support_bundle(
    config: tuple[Path, ...],
    out: Path,
    *,
    socket: Path | None,
    store: Path | None,
    log: Path | None,
    why: str,
    as_json: bool,
) -> int:
    """Put version, settings, status, checks, metrics, queue counts, certificates and log into one file to send away.

    No messages, patients, tokens, keys or secrets are in it, and nobody who works here; it is text, so read it before
    you send it. While the daemon is down, name the settings with --config: it then holds what can be read without it.
    """
    if out.exists() and not out.is_dir():
        raise click.UsageError(f"{out}: is there already; nothing is written over it")
    content, made = _made(_where(config, socket, store), config, (why, log))
    written = out / made["name"] if out.is_dir() else out
    private_bytes(written, content)
    if as_json:
        say(json.dumps({"file": str(written), **made}))
    else:
        _tell(written, made)
    return exits.GOOD


def _made(where: Where, config: tuple[Path, ...], asked: tuple[str, Path | None]) -> tuple[bytes, Mapping[str, Any]]:
    from edge_node.errors import Unavailable
    from edge_node.status.control_client import Bytes, ask

    why, log = asked
    heard = Bytes()
    try:
        made = ask(where.socket, {"verb": "support.bundle", "why": why}, hear=heard, timeout_s=_WAIT_S)
    except Unavailable as error:
        from edge_node.cli.support_offline import made_here

        note(f"The daemon does not make it ({error.code} {error.detail}); made here, of what can be read without it.")
        bundle = made_here(where, config, log, datetime.now(UTC))
        return bundle.content, bundle.document
    return heard.whole, made


def _where(config: tuple[Path, ...], socket: Path | None, store: Path | None) -> Where:
    """Where the daemon is: as the settings say, and where it mostly is when they are wrong."""
    from edge_node.errors import SettingsInvalid
    from edge_node.settings.load import load  # pydantic is slow to import

    found = Where(DEFAULT_SOCKET, DEFAULT_STORE)
    try:
        if config:
            settings = load(config)
            found = Where(settings.management.control_socket, settings.store_path)
    except SettingsInvalid:
        note("The settings are wrong; what is wrong stands in the bundle.")
    return Where(socket or found.socket, store or found.store)


def _tell(written: Path, made: Mapping[str, Any]) -> None:
    say(str(written))
    rows = [(it["name"], it["nbytes"], it["blanked"], it["sha256"]) for it in made["contents"]]
    table(("in it", "bytes", "blanked", "SHA-256"), rows, err=True)
    for name, code in made["left_out"].items():
        note(f"{name}: left out ({code})")
    note(f"{made['nbytes']} bytes, SHA-256 {made['sha256']}. Look at it before you send it: tar -xzOf FILE | less")
