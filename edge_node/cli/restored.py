"""The commands on what a restore holds back: look, and let go by age.

Knows: their options, how ages are written, what is shown.
Must not know: how messages are stored.
"""

import json
import time
from collections.abc import Callable
from typing import Any, Final

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.choosing import duration as age_s
from edge_node.cli.fields import why_option
from edge_node.cli.queue_acts import yes_option
from edge_node.cli.show import duration, note, say, table
from edge_node.cli.where import Where, where_options
from edge_node.model.message import Direction

_WAIT_S: Final = 600.0


@click.group(no_args_is_help=False)
def restored() -> None:
    """What a restore holds back, because nobody knows what became of it since the backup."""


@restored.command()
@where_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(where: Where, as_json: bool) -> int:
    """Tell of the last restore, and how old what it still holds is. Exits 1 while something is held."""
    from edge_node.status.control_client import ask

    now = ask(where.socket, {"verb": "restored.show"})
    held = now["backup"]["restored_held"]
    if as_json:
        say(json.dumps(now))
    elif now["restored"] is None:
        say("The store was never restored.")
    else:
        _shown(now)
    return exits.FINDING if held else exits.GOOD


def _shown(now: dict[str, Any]) -> None:
    report = now["restored"]
    say(f"Restored {report['restored_at']} from the backup of {report['made_at']}.")
    say(f"Messages may be missing from {report['missing_from']} to {report['restored_at']}.")
    say(f"{now['backup']['restored_held']} of {report['held']} are still held.")
    ages = ((each["direction"], each["held"], _ages(each)) for each in now["ages"])
    if now["ages"]:
        say("")
        table(("direction", "held", "age"), ages)


def _ages(each: dict[str, Any]) -> str:
    return f"{duration(each['older_than_s'])} to {duration(each['younger_than_s'])}"


def _acting(ending: str, meaning: str, done: str) -> click.Command:
    """One command that lets go of what is held: they differ in what becomes of it only."""

    @click.command(ending, help=meaning)
    @where_options
    @click.option("--older-than", type=age_s, metavar="TIME", help="Only what came longer ago: 90m, 12h, 3d.")
    @click.option("--younger-than", type=age_s, metavar="TIME", help="Only what came since.")
    @click.option("--all", "everything", is_flag=True, help="Of any age.")
    @click.option("--direction", type=click.Choice([each.value for each in Direction]), help="Only this way.")
    @click.option("--limit", type=click.IntRange(1, 1_000_000), help="At most so many, the oldest first.")
    @why_option
    @yes_option
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
    def command(where: Where, why: str, yes: bool, as_json: bool, limit: int | None, **chosen: Any) -> int:
        from edge_node.status.control_client import ask

        span = _span(**chosen)
        if not yes:
            _confirmed(ending, ask(where.socket, {"verb": "restored.count", **span}), limit)
        request = {"verb": "restored.act", "ending": ending, "why": why, "limit": limit, **span}
        came = ask(where.socket, request, hear=_progress(), timeout_s=_WAIT_S)
        if as_json:
            say(json.dumps(came))
        else:
            say(f"{came['done']} {done}, {came['left']} still held")
        return exits.GOOD

    return command


def _confirmed(ending: str, found: dict[str, Any], limit: int | None) -> None:
    """Show how many are meant, and ask."""
    meant = found["held"] if limit is None else min(limit, found["held"])
    if meant:
        note(f"{meant} held messages, the oldest kept {duration(found['oldest_s'])} ago")
        click.confirm(f"{ending} {meant} messages?", abort=True, err=True)


def _span(older_than: float | None, younger_than: float | None, everything: bool, **rest: Any) -> dict[str, Any]:
    """Return the span; a slip of the pen must not let go of all."""
    if everything == (older_than is not None or younger_than is not None):
        raise click.UsageError("Give --older-than, --younger-than or both; or --all.")
    now = time.time()
    return {
        "until": None if older_than is None else now - older_than,
        "since": None if younger_than is None else now - younger_than,
        **rest,
    }


def _progress() -> Callable[[Any], None]:
    told = [0]

    def hear(part: Any) -> None:
        if part["done"] >= told[0] + 1000:
            told[0] = part["done"]
            note(f"{part['done']} …")

    return hear


for _ending, _meaning, _done in (
    ("release", "Let held messages be sent, the oldest first; each lane keeps its order.", "released"),
    ("discard", "End held messages undelivered: their receivers have them. This cannot be undone.", "discarded"),
):
    restored.add_command(_acting(_ending, _meaning, _done))
