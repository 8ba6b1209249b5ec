"""The commands of the sandbox and the demo.

Knows: their options.
Must not know: how certificates are made, or how a simulated party behaves.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import rich_click as click

from edge_node.cli import exits
from edge_node.sandbox.commands import his, switchboard

#: A file that is there.
_GIVEN: Final = click.Path(exists=True, dir_okay=False, path_type=Path)

_made = click.option(
    "--pki",
    "folder",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder made by `edge-node sandbox pki`.",
)


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


@sandbox.command("sign-csr")
@_made
@click.option("--csr", required=True, type=_GIVEN, help="The request.")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where the certificate goes."
)
@click.option("--begins-in-s", default=-3600.0, show_default=True, help="Seconds from now to its first moment.")
@click.option("--days", default=3 * 365, show_default=True, type=click.IntRange(1), help="How long it lasts.")
def sign_csr(folder: Path, csr: Path, out: Path, begins_in_s: float, days: int) -> int:
    """Give a certificate for a request of `edge-node cert csr`, as the register would: to rehearse a renewal."""
    from edge_node.sandbox.pki import Pki
    from edge_node.sandbox.pki_signing import sign_request

    now = datetime.now(UTC)
    try:
        pem = sign_request(
            Pki(out=folder), csr.read_bytes(), now, begins=now + timedelta(seconds=begins_in_s), days=days
        )
    except (ValueError, FileNotFoundError) as error:
        raise click.BadParameter(str(error), param_hint="--csr") from error
    out.write_bytes(pem)
    click.echo(str(out))
    return exits.GOOD


@sandbox.command("crl")
@_made
@click.option(
    "--revoke",
    "revoked",
    multiple=True,
    type=_GIVEN,
    help="Certificate to put on the list of its CA; may be given more than once.",
)
@click.option("--hours", default=48, show_default=True, type=click.IntRange(1), help="How long the lists last.")
def crl(folder: Path, revoked: tuple[Path, ...], hours: int) -> int:
    """Bring out new revocation lists, as the register does each hour; those of a sandbox end after two days."""
    from cryptography import x509

    from edge_node.sandbox.pki import Pki
    from edge_node.sandbox.pki_lists import NotOurs, bring_out

    named = []
    for path in revoked:
        try:
            named.append(x509.load_pem_x509_certificate(path.read_bytes()))
        except ValueError:
            raise click.BadParameter(f"{path}: holds no certificate in PEM", param_hint="--revoke") from None
    try:
        bring_out(Pki(out=folder), datetime.now(UTC), named, lasts=timedelta(hours=hours))
    except NotOurs as error:
        raise click.BadParameter(str(error), param_hint="--revoke") from error
    except (ValueError, KeyError, FileNotFoundError) as error:
        raise click.BadParameter(f"{folder}: is no sandbox, or half of one", param_hint="--pki") from error
    click.echo(str(folder / "crl"))
    return exits.GOOD


sandbox.add_command(switchboard)
sandbox.add_command(his)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Progress on standard error; the last line is one JSON object.")
@click.option("--keep", is_flag=True, help="Leave everything running, and print what to try.")
@click.option("--everything/--no-everything", default=True, help="Whether to send one of each kind first.")
@click.option("--pushes", type=click.IntRange(1), default=200, help="Pushes handed in while the line is cut.")
@click.option("--senders", type=click.IntRange(1), default=4, help="How many send them at the same time.")
@click.option("--kill", "kills", type=click.IntRange(0), default=0, help="Kill the node so often with signal 9.")
@click.option(
    "--misbehave",
    type=click.Choice(["drop", "double", "swap"]),
    help="Let the AIS account wrongly for one push, to see that the comparison finds it: exit code 1.",
)
def demo(as_json: bool, keep: bool, **choices: Any) -> int:
    """Show a node at work: send one of everything, cut the line, queue, restore it, and compare the ledgers."""
    from edge_node.sandbox.demo import Options, main

    return main(json=as_json, keep=keep, options=Options(**choices))
