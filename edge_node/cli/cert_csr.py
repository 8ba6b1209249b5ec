"""The command that asks for a certificate.

Knows: its options, where the request goes, what a person does with it.
Must not know: how a key is made or sealed, what stands in a request.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import rich_click as click

from edge_node.cli import exits, files
from edge_node.cli.cert_asking import ask, json_option, layers_option, socket_option
from edge_node.cli.fields import Reason, why
from edge_node.cli.show import note, say, table
from edge_node.errors import EdgeNodeError


@click.command("csr")
@layers_option
@socket_option
@click.option("--identity", metavar="NAME", help="The organisation, by its name in the settings.")
@click.option("--curve", type=click.Choice(["P-256"]), help="An EC key instead of RSA 4096, which the register asks.")
@click.option(
    "--for-tokens", is_flag=True, help="For the certificate that signs tokens (token_signing), not for that of TLS."
)
@click.option("--state", metavar="TEXT", help="ST of the subject; else as in the present certificate.")
@click.option("--locality", metavar="TEXT", help="L of the subject; else as in the present certificate.")
@click.option("--replace", is_flag=True, help="Destroy the key of a request that waits, and make a new one.")
@click.option(
    "--list",
    "lists",
    is_flag=True,
    help="Show the requests that wait, and make none; with --out their text goes there.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where the request goes, a file that is not there yet; else shown.",
)
@click.option("--why", cls=Reason, required=False, type=why, help="The reason; it is recorded with your name.")
@json_option
def csr(config: tuple[Path, ...], socket: Path | None, as_json: bool, **how: Any) -> int:
    """Make a key on this machine, and the request for its certificate, as the register's form takes it.

    The key lies sealed in the state directory from its first moment; it never leaves this machine.
    """
    if how["lists"]:
        with files.anew(how["out"]) as out:
            waiting = ask(config, socket, {"verb": "cert.requests", "identity": how["identity"]})
            return _listed(waiting, out, as_json)
    if how["identity"] is None:
        raise click.UsageError("Say which organisation with --identity, or --list.")
    if how["for_tokens"] and how["curve"] is not None:
        raise click.UsageError("--for-tokens goes without --curve: tokens are signed with RSA only.")
    if how["why"] is None:
        raise click.UsageError("Say --why: it is recorded with your name.")
    request = {
        "verb": "cert.request",
        "identity": how["identity"],
        "kind": how["curve"] or "RSA-4096",
        "state": how["state"],
        "locality": how["locality"],
        "replace": how["replace"] or None,
        "why": how["why"],
    }
    # A key that was made is not made again: a file that cannot be written is told before.
    with files.anew(how["out"]) as out:
        made = _made(config, socket, request)
        _give(made, out, as_json)
    if not as_json:
        _advise(made, for_tokens=how["for_tokens"])
    return exits.GOOD


def _made(config: tuple[Path, ...], socket: Path | None, request: Mapping[str, Any]) -> dict[str, Any]:
    try:
        made: dict[str, Any] = ask(config, socket, request)
    except EdgeNodeError as error:
        if error.code == "EN-CERT-WAITING":
            again = f"edge-node cert csr --list --identity {request['identity']} --out FILE"
            note(f"To get the text of that request again: {again}")
        raise
    return made


def _give(made: Mapping[str, Any], out: IO[str] | None, as_json: bool) -> None:
    if out is not None:
        _write(out, made["pem"])
    if as_json:
        say(json.dumps(made))
        return
    if out is None:
        say(made["pem"].rstrip())
    note(f"Request {made['number']} of {made['identity']}: {made['subject']}, for {made['fqdn']}, {made['key']}.")
    note("1. Hand it in at the register: paste it into the form, from -----BEGIN to END-----.")


def _advise(made: Mapping[str, Any], *, for_tokens: bool) -> None:
    """Say what follows. What signs tokens is shown to no peer, so there is no handshake to try it in."""
    identity, key = made["identity"], f"sealed:{made['identity']}.{made['number']}"
    if for_tokens:
        note(f"2. When the certificate is there: name it in the settings, under token_signing of {identity}, and")
        note("   have them read again (systemctl reload edge-node). It is not installed: that is for the one of TLS.")
        note("     certificate: FILE   # followed by its whole chain")
        note(f"     key: {key}")
    else:
        note(f"2. When the certificate is there: edge-node cert install --identity {identity} --certificate FILE")
    note(
        "Its key is on this machine only. It is in no backup; when the machine is gone, ask for another certificate."
    )


def _write(out: IO[str], pem: str) -> None:
    """Write a request; a disk that is full then keeps nothing from the person, for it can be had again."""
    try:
        out.write(pem)
        out.flush()
    except OSError as error:
        note("The request is made, and waits. To get its text again: edge-node cert csr --list --out FILE")
        raise click.FileError(out.name, error.strerror) from error


def _listed(waiting: list[dict[str, Any]], out: IO[str] | None, as_json: bool) -> int:
    if out is not None:
        _write(out, "".join(one["pem"] for one in waiting))
    if as_json:
        say(json.dumps(waiting))
    elif not waiting:
        say("no requests")
    else:
        columns = ("identity", "number", "fqdn", "key", "at", "subject")
        table(columns, ([one[name] for name in columns] for one in waiting))
        if out is None:
            note("To get the text of them: add --out FILE, or --json.")
    return exits.GOOD
