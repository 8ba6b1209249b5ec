"""The commands that get a signed report on the checks, and that verify one offline.

Knows: their options, in which files a report, its signature and the public key are put.
Must not know: what stands in a report, how one is signed.
"""

import base64
import json
from pathlib import Path
from typing import Any, Final

import rich_click as click

from edge_node.cli import exits
from edge_node.cli import files as named
from edge_node.cli.show import note, say
from edge_node.cli.where import Where, where_options

_PATH: Final = click.Path(path_type=Path)
_MAX_BYTES: Final = 16_777_216
_SIGNATURE: Final = ".sig"


@click.command()
@where_options
@click.option("--html", "is_page", is_flag=True, help="A page to print instead of JSON.")
@click.option(
    "--lang",
    "language",
    type=click.Choice(["nl", "en"]),
    default="nl",
    show_default=True,
    help="Language of the page.",
)
@click.option("--connect", is_flag=True, help="Only the five conditions to be connected.")
@click.option(
    "--out",
    type=_PATH,
    metavar="PATH",
    help="File to write, or a folder; the signature is put beside it, with .sig behind its name. Left out: the "
    "report is printed, without its signature.",
)
@click.option("--json", "as_json", is_flag=True, help="With --out: tell in JSON what was written.")
def report(where: Where, is_page: bool, language: str, connect: bool, out: Path | None, as_json: bool) -> int:
    """Report on every check: result, value, threshold and whose it is, evidence, since when, what to do.

    Signed with the node's own key. Whoever has its public half verifies it anywhere: edge-node gbz verify.
    """
    from edge_node.status.control_client import Bytes, ask

    content = Bytes()
    form = "html" if is_page else "json"
    asked = {"verb": "gbz.report", "format": form, "language": language, "connect": connect}
    made = ask(where.socket, asked, hear=content)
    if out is None:
        say(content.whole.decode().rstrip("\n"))
        return exits.GOOD
    written = _write(out / made["name"] if named.is_folder(out) else out, content.whole, made)
    if as_json:
        say(json.dumps(written))
    else:
        say(f"{written['report']}: {'signed with key ' + made['key'] if made['key'] else 'NOT SIGNED'}")
    return exits.GOOD


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key",
    required=True,
    type=_PATH,
    metavar="FILE",
    help="The public half of the node's key, as the node provider keeps it: never take it from beside the report.",
)
@click.option("--signature", type=_PATH, metavar="FILE", help="The signature; else FILE with .sig behind its name.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(file: Path, key: Path, signature: Path | None, as_json: bool) -> int:
    """Verify offline that a report is as the node signed it. Exits 1 when it is not."""
    from edge_node.model.gbz_report import PURPOSE
    from edge_node.store.node_key import load_public

    public = load_public(key)
    signed = named.read(file, _MAX_BYTES, "EN-REQUEST")
    made = named.read(signature or file.with_name(file.name + _SIGNATURE), _MAX_BYTES, "EN-REQUEST")
    is_signed = public.is_signed(PURPOSE, signed, made)
    if as_json:
        say(json.dumps({"file": str(file), "key": public.id, "signed": is_signed}))
        return exits.GOOD if is_signed else exits.FINDING
    if not is_signed:
        note(f"{file}: NOT as it was signed, or signed with another key than {public.id}.")
        return exits.FINDING
    say(f"{file}: as the node with key {public.id} signed it.")
    return exits.GOOD


def _write(path: Path, content: bytes, made: dict[str, Any]) -> dict[str, Any]:
    named.over(path, content)
    signature = path.with_name(path.name + _SIGNATURE)
    if made["signature"]:
        named.over(signature, base64.b64decode(made["signature"]))
    else:
        signature.unlink(missing_ok=True)  # that of an earlier report would say that this one was changed
    shown = str(signature) if made["signature"] else None
    return {"report": str(path), "signature": shown, "key": made["key"]}
