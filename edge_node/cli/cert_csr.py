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
from edge_node.cli.cert_words import Language, Teller, language_option
from edge_node.cli.fields import Reason, why
from edge_node.cli.show import note, readable, say, table
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
@language_option
@json_option
def csr(config: tuple[Path, ...], socket: Path | None, language: Language, as_json: bool, **how: Any) -> int:
    """Make a key on this machine, and the request for its certificate, as the register's form takes it.

    The key lies sealed in the state directory from its first moment; it never leaves this machine.
    """
    tell = Teller(language)
    if how["lists"]:
        with files.anew(how["out"]) as out:
            waiting = ask(config, socket, {"verb": "cert.requests", "identity": how["identity"]}, tell)
            _write(out, "".join(one["pem"] for one in waiting), tell)
            say(json.dumps(waiting)) if as_json else _listed(waiting, tell, is_written=out is not None)
            return exits.GOOD
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
        made = _made(config, socket, request, tell)
        _write(out, made["pem"], tell)
    if as_json:
        say(json.dumps(made))
    else:
        if how["out"] is None:
            say(made["pem"].rstrip())
        _advise(made, tell, for_tokens=how["for_tokens"])
    return exits.GOOD


def _made(config: tuple[Path, ...], socket: Path | None, request: Mapping[str, Any], tell: Teller) -> dict[str, Any]:
    try:
        made: dict[str, Any] = ask(config, socket, request, tell)
    except EdgeNodeError as error:
        if error.code == "EN-CERT-WAITING":
            note(tell("csr.again", identity=request["identity"]))
        raise
    return made


def _advise(made: Mapping[str, Any], tell: Teller, *, for_tokens: bool) -> None:
    """Say what follows. What signs tokens is shown to no peer, so there is no handshake to try it in."""
    identity, key = made["identity"], f"sealed:{made['identity']}.{made['number']}"
    note(tell("csr.made", **{**made, "subject": readable(made["subject"])}))
    note(tell("csr.1"))
    if for_tokens:
        file = tell("csr.file")
        note(tell("csr.tokens"))
        note(f"   identities: [{{name: {identity}, token_signing: {{certificate: {file}, key: {key}}}}}]")
        note(tell("csr.yaml", key=key))
    else:
        note(tell("csr.2", identity=identity))
    note(tell("csr.key"))


def _write(out: IO[str] | None, pem: str, tell: Teller) -> None:
    """Write a request; a disk that is full then keeps nothing from the person, for it can be had again."""
    if out is None:
        return
    try:
        out.write(pem)
        out.flush()
    except OSError as error:
        note(tell("csr.unwritten"))
        raise click.FileError(out.name, error.strerror) from error


def _listed(waiting: list[dict[str, Any]], tell: Teller, *, is_written: bool) -> None:
    if not waiting:
        say(tell("csr.none"))
        return
    columns = ("identity", "number", "fqdn", "key", "at", "subject")
    table(
        [tell(f"column.{name}") for name in columns],
        ([readable(str(one[name])) for name in columns] for one in waiting),
    )
    if not is_written:
        note(tell("csr.text"))
