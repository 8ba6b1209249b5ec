"""The command that brings a store back from a backup, or proves that it could.

Knows: its options, what a person is told and has to do then.
Must not know: how a backup is opened.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.passphrase import private_half
from edge_node.cli.show import note, say
from edge_node.cli.where import config_option
from edge_node.errors import EdgeNodeError

if TYPE_CHECKING:
    from edge_node.model.backup import Report
    from edge_node.settings.schema import Settings
    from edge_node.store.drill import Drilled
    from edge_node.store.recovery import RecoveryPrivate
    from edge_node.store.restoring import Restored, Wanted

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_TO_SENDERS: Final = (
    "Door een storing zijn berichten die wij tussen {0} en {1} (UTC) hebben ontvangen mogelijk verloren gegaan. Wilt "
    "u nagaan wat u ons in die tijd hebt gestuurd, en dat opnieuw sturen, met hetzelfde berichtnummer?"
)


@click.command()
@config_option(required=True)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--recovery-key", "key", required=True, type=_FILE, metavar="FILE", help="The half of the key from the safe."
)
@click.option("--drill", "is_drill", is_flag=True, help="Prove it in a temporary folder; the daemon may go on.")
@click.option(
    "--in",
    "place",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Where a drill makes its temporary folder; else where the store is.",
)
@click.option("--replace", is_flag=True, help="Put a store that is there aside, under another name.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def restore(config: tuple[Path, ...], file: Path, key: Path, **how: Any) -> int:
    """Bring the store back from a backup, with the recovery key.

    Every message that was open is held afterwards, because what became of it since the backup is not known; new ones
    are taken at once. Stop the daemon first, but for a drill.
    """
    from edge_node.settings.load import load

    settings = load(config)
    wanted = _wanted(settings, file, private_half(key), replace=how["replace"])
    if how["is_drill"]:  # it touches nothing of the node
        wanted = replace(wanted, around=replace(wanted.around, sealed_files=None))
        return _drill(settings, wanted, how["place"] or settings.store_path.parent, how["as_json"])
    from edge_node.store import restoring

    made = restoring.restore(wanted)
    if how["as_json"]:
        say(json.dumps(_document(made.report) | {"wrong": list(made.wrong), "aside": list(made.aside)}))
    else:
        _tell(made)
    return exits.GOOD


def _wanted(settings: "Settings", file: Path, private: "RecoveryPrivate", *, replace: bool) -> "Wanted":
    from edge_node.backing_up import recovery_keys
    from edge_node.choosing import sealing_keys
    from edge_node.machine import MachineChance, MachineClock
    from edge_node.store.restoring import Wanted
    from edge_node.store.sealed_files import FOLDER
    from edge_node.store.surroundings import Surroundings

    around = Surroundings(
        clock=MachineClock(),
        chance=MachineChance(),
        sealing=sealing_keys(settings, recovery_keys(settings), _lent()),
        sealed_files=settings.node.state_dir / FOLDER,
    )
    return Wanted(
        file=file, private=private, store=settings.store_path, around=around, replace=replace, told=_Progress().then
    )


def _lent() -> Path | None:
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(directory) if directory else None


class _Progress:
    """Tells each tenth part once."""

    def __init__(self) -> None:
        self._told = ""

    def then(self, step: str, done: int, of: int) -> None:
        """Hear how far it is."""
        told = f"{step}: {10 * (10 * done // max(1, of))} %"
        if told != self._told:
            self._told = told
            note(told)


def _tell(made: "Restored") -> None:
    report = made.report
    say(f"Restored from the backup of {report.site} of {report.made_at}; {report.held} messages are held.")
    for name in made.aside:
        note(f"What was there before is now {name}.")
    for each in made.wrong:
        note(f"Not right in it: {each}.")
    say(f"Messages may be missing from {report.missing_from} to {report.restored_at}.")
    note(f"The access log ends at line {report.journal_seq}.")
    note("What to do:")
    note("1. Start the daemon. New messages are taken at once; for the same patient they wait behind the held ones.")
    note("2. Have the local systems look which of their messages of that time were not answered, and send them again")
    note("   under the same ids. Tell the other senders, for instance:")
    note(f"   {_TO_SENDERS.format(report.missing_from, report.restored_at)}")
    note(
        "3. Find out how far the held messages came: edge-node restored show. What was delivered after the backup is"
    )
    note("   known to its receiver by its id. Then let go by age: edge-node restored release, or edge-node restored")
    note("   discard.")


def _document(report: "Report") -> dict[str, Any]:
    from edge_node.status.backup_verbs import of_report

    return of_report(report)


# Drill


def _drill(settings: "Settings", wanted: "Wanted", place: Path, as_json: bool) -> int:
    from edge_node.store.drill import drill

    with _folder(place) as work:
        done = drill(wanted, work)
    if as_json:
        say(json.dumps(_drilled(done)))
    else:
        _tell_drill(done)
    if done.is_good:
        _record(settings, done)
    return exits.GOOD if done.is_good else exits.FINDING


@contextmanager
def _folder(place: Path) -> Iterator[Path]:
    """A folder for this drill, removed at its end; what a drill that was killed left goes too."""
    for left in place.glob("restore-drill-*"):
        shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix="restore-drill-", dir=place))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _drilled(done: "Drilled") -> dict[str, Any]:
    return _document(done.report) | {
        "good": done.is_good,
        "opened": done.opened,
        "unreadable": done.unreadable,
        "wrong": list(done.wrong),
    }


def _tell_drill(done: "Drilled") -> None:
    say("The backup can be restored." if done.is_good else "The backup cannot be relied on.")
    for each in done.wrong:
        say(f"Not right in it: {each}.")
    say(f"Of {done.opened} messages opened, {done.unreadable} could not be read.")
    note(f"Backup of {done.manifest.site} of {done.manifest.made_at}, made by release {done.manifest.release}.")
    note(f"{sum(n for _, _, n in done.manifest.counts)} messages are in it; {done.report.held} would be held.")


def _record(settings: "Settings", done: "Drilled") -> None:
    """Have the daemon remember it, so that its status tells how long ago a restore was proven."""
    from edge_node.status.control_client import ask

    request = {
        "verb": "backup.drilled",
        "backup": done.manifest.id,
        "made_at": done.manifest.made_at,
        "messages": sum(n for _, _, n in done.manifest.counts),
        "why": "restore drill",
    }
    try:
        ask(settings.management.control_socket, request)
    except EdgeNodeError as error:
        note(f"The daemon could not be told of this drill ({error.code}).")
