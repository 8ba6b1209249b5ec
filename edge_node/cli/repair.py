"""The commands on the store itself: does it fit together, and what can be saved of a damaged one.

Knows: their options, and how what was found is shown.
Must not know: tables, or how a row is read past a damaged page.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.fields import why_option
from edge_node.cli.show import note, say
from edge_node.cli.stopping import Progress, on_interrupt
from edge_node.cli.where import Where, where_options
from edge_node.errors import Refused, StoreUnavailable

if TYPE_CHECKING:
    from sqlite3 import Connection

    from edge_node.store.soundness import Looked


@click.command("check")
@where_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check_store(where: Where, as_json: bool) -> int:
    """Look whether the store fits together: the file, its counters, its lanes. Changes nothing; Ctrl-C stops it."""
    from edge_node.store.database import open_readonly
    from edge_node.store.soundness import ALL, check

    _must_exist(where)
    found: list[Looked] = []
    stop, progress = Event(), Progress()
    with open_readonly(where.store) as connection, on_interrupt(stop.set):
        try:
            progress.show(f"{ALL[0]} …")
            for looked, coming in zip(check(connection, stop.is_set), (*ALL[1:], "done"), strict=True):
                found.append(looked)
                if not as_json:
                    _say_looked(looked)
                progress.show(f"{coming} …")
        except StoreUnavailable:
            if not stop.is_set():
                raise
            note("Stopped. Nothing was changed.")
            return exits.FINDING
        finally:
            progress.end()
        wrong_keys = _look_at_keys(where, connection, found)
    if as_json:
        say(json.dumps([asdict(looked) for looked in found]))
    else:
        for looked in found[len(ALL) :]:
            _say_looked(looked)
    if wrong_keys:
        note("Put the right key back (EN-SEALING-KEY): the node does not start with another one.")
    if any(looked.broken for looked in found[: len(ALL)]):
        note("Stop the node and run: edge-node queue repair")
    return exits.FINDING if any(looked.broken for looked in found) else exits.GOOD


def _look_at_keys(where: Where, connection: "Connection", found: "list[Looked]") -> bool:
    """Look at the keys too; without them what is sealed is as good as lost."""
    from edge_node.store import fitting, keys

    looked = list(fitting.check(connection, _sealing_key(where), where.store.with_name(keys.FILE)))
    found += looked
    return any(each.broken for each in looked)


def _sealing_key(where: Where) -> Path:
    from edge_node.store import master

    if where.sealing_key is None:
        return where.store.with_name(master.FILE)
    from edge_node.settings.values import file_path

    lent = os.environ.get("CREDENTIALS_DIRECTORY")
    try:
        return file_path(where.sealing_key, Path(lent) if lent else None)
    except FileNotFoundError:
        return Path(where.sealing_key)  # lent to the service alone: there is nothing to look at here


@click.command()
@where_options
@why_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def repair(where: Where, why: str, as_json: bool) -> int:
    """Save what can be read of a damaged store into a new one. The node must be stopped; the damaged file is kept."""
    from edge_node.cli.offline import user
    from edge_node.machine import MachineClock
    from edge_node.model.overview import By
    from edge_node.store import repair as repairing
    from edge_node.store.replacing import is_unfinished
    from edge_node.store.surroundings import moment

    if not is_unfinished(where.store):
        _must_exist(where)
    stop = Event()

    def tell(table: str, rows: int) -> None:
        note(f"{table}: {rows}")
        if stop.is_set():
            raise click.Abort  # what was saved so far is removed, the store is as it was

    with on_interrupt(stop.set):
        report = repairing.repair(where.store, moment(MachineClock()), tell)
    repairing.note(where.store, moment(MachineClock()), By(who=user(), why=why))
    if as_json:
        say(json.dumps({**asdict(report), "kept_as": str(report.kept_as)}))
        return exits.GOOD
    for saved in report.saved:
        if not saved.is_whole:
            say(f"{saved.table}: {saved.rows} rows were saved, and some could not be read")
    if report.saved:
        say(f"messages of which only a part was saved: {report.set_aside}")
    else:
        say("the repair that was broken off is finished: the store it had made is in its place")
    say(f"the damaged file is kept as {report.kept_as}; remove it when nobody needs it any more")
    return exits.GOOD


def _say_looked(looked: "Looked") -> None:
    said = f"{looked.broken} times not so" if looked.broken else "good" if looked.broken == 0 else "not looked into"
    say(f"{looked.what}: {said}")
    for case in looked.cases:
        say(f"  {case}")


def _must_exist(where: Where) -> None:
    if not where.store.exists():
        raise Refused(f"there is no store at {where.store}", code="EN-NOT-FOUND")
