"""The command that proves an access log: on the node, or offline on copied files with nothing but the public key.

Knows: which files there may be, what is said of a log that is whole, and of one that is not.
Must not know: how a log is proven.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.show import note, say
from edge_node.cli.where import Where, where_options
from edge_node.errors import EdgeNodeError, Refused

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_ANY: Final = click.Path(exists=True, path_type=Path)
_UNREADABLE: Final = "EN-LOG-UNREADABLE"


@click.command()
@where_options
@click.argument("paths", nargs=-1, type=_ANY, metavar="[PATH]...")
@click.option("--head", metavar="NUMBER:HASH", help="A head that was written down elsewhere: shows a cut at the end.")
@click.option(
    "--public-key",
    "keys",
    multiple=True,
    type=_FILE,
    metavar="FILE",
    help="Key of the node, node-signing.pub; for copied files. Give it again for each older one.",
)
@click.option("--why", metavar="TEXT", help="The reason; needed on the node, where it is recorded with your name.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(
    where: Where, paths: tuple[Path, ...], head: str | None, keys: tuple[Path, ...], why: str | None, as_json: bool
) -> int:
    """Look whether the log is what the node wrote: each record follows from the one before, up to a signed head.

    Without PATH on the node itself. With copies of the files of segments, of their folder, or of the store,
    on any machine, with the public key of the node.
    """
    told = _offline(paths, keys, head) if paths else _on_the_node(where, head, why)
    say(json.dumps(told) if as_json else "\n".join(_lines(told)))
    if not told["held_to"] and not as_json:
        note(_unseen(told))
    return exits.GOOD if told["is_sound"] else exits.FINDING


def _on_the_node(where: Where, head: str | None, why: str | None) -> dict[str, Any]:
    from edge_node.cli import fields
    from edge_node.cli.daemon import change

    if not why:
        raise fields.RefusedField("say why: it is recorded with your name")
    done: dict[str, Any] = change(where, {"verb": "log.verify", "why": fields.why(why), "head": head})
    return done


def _offline(paths: Sequence[Path], keys: Sequence[Path], head: str | None) -> dict[str, Any]:
    from edge_node.status.log_verbs import of_proof
    from edge_node.store import log_proof, node_key

    if not keys:
        raise click.UsageError("name the public key of the node: --public-key node-signing.pub")
    try:
        proof = log_proof.prove(_lines_of(paths), [node_key.load_public(path) for path in keys], head or "")
    except log_proof.BadHead:
        raise click.UsageError("--head: a number, a colon and 64 hexadecimal digits") from None
    if not proof.records:
        raise Refused("there is no record in what was named", code=_UNREADABLE)
    return of_proof(proof)


def _lines_of(paths: Sequence[Path]) -> Iterator[Any]:
    """The lines of files first, in their order, then those of a store that are in no file."""
    from edge_node.store import log_sources

    stores: set[Path] = set()
    found: set[Path] = set()
    for path in (path.absolute() for path in paths):  # what is named twice is looked at once
        if path.is_dir():
            folders = path, path / log_sources.FOLDER
            found |= {each.path for folder in folders for each in log_sources.files_in(folder)}
            stores |= set(path.glob("*.db"))
        elif log_sources.file_of(path) is not None:
            found.add(path)
        else:
            stores.add(path)
    if len(stores) > 1:
        raise Refused(f"more than one store: {', '.join(sorted(path.name for path in stores))}", code=_UNREADABLE)
    yield from _read(log_sources.ordered(filter(None, map(log_sources.file_of, found))), list(stores))


def _read(files: list[Any], stores: list[Path]) -> Iterator[Any]:
    from edge_node.store import log_sources
    from edge_node.store.database import open_readonly

    if not stores:
        for each in files:
            yield from log_sources.of_file(each.path)
        return
    try:
        with open_readonly(stores[0]) as connection:
            for each in log_sources.but_of_store(connection, files):
                yield from log_sources.of_file(each.path)
            yield from log_sources.of_store(connection)
    except EdgeNodeError as error:
        raise EdgeNodeError(f"{stores[0]}: {error.detail}", code=_UNREADABLE) from error


def _lines(told: dict[str, Any]) -> Iterator[str]:
    verdict = "whole" if told["is_sound"] else "NOT WHOLE"
    yield f"{verdict}: {told['records']} records, {told['first']} to {told['last']}"
    if told["head"]:
        yield f"last signed head {told['head']}, of {told['signed_at']}, by key {told['signed_by']}"
    else:
        yield "no signed head"
    if told["unsigned"]:
        yield f"after it {told['unsigned']} not signed yet"
    if told["held_to"] and told["is_sound"]:
        yield f"it holds the head {told['held_to']}"
    for each in told["found"]:
        yield each["shown"]


def _unseen(told: dict[str, Any]) -> str:
    signed = told["head"].partition(":")[0] if told["head"] else "0"
    return (
        f"The last signed head is of record {signed}. A cut after it is not excluded: for that give --head with one "
        "that was written down elsewhere, as metrics, reports and the daily mail have it."
    )
