"""The commands on the queue, and those that look at single messages.

Knows: their options, and how rows are shown to people.
Must not know: where an answer came from.
"""

import json
from typing import Any, Final

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.choosing import (
    cause_option,
    direction_option,
    interaction_option,
    older_option,
    receiver_option,
    younger_option,
)
from edge_node.cli.queue_acts import acting
from edge_node.cli.queue_dead import dead
from edge_node.cli.queue_figures import export, shape
from edge_node.cli.queue_naming import named, uid_of
from edge_node.cli.show import duration, say, table
from edge_node.cli.where import Where, where_options
from edge_node.model.lifecycle import State
from edge_node.model.overview import Deed

_COLUMNS: Final = ("id", "direction", "state", "interaction", "receiver", "attempts", "due in", "code", "kept at")
_ASIDE: Final = ("at", "uid", "direction", "state", "interaction", "sender", "why", "needs_repair", "replaced_by")
_RESTS: Final = {
    "destination": "when its destination answers",
    "line": "when the line is open",
    "inbox": "when it is fetched",
}
_WORDS: Final = {"unknown": "outcome of an earlier handover unknown"}

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(no_args_is_help=False)
def queue() -> None:
    """Look at the kept messages, and act on them. Never shows what is in a message."""


@queue.command("list")
@where_options
@direction_option
@click.option("--state", type=click.Choice([each.value for each in State]), help="Only in this state.")
@receiver_option
@interaction_option
@cause_option
@older_option
@younger_option
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="At most so many.")
@click.option("--ended", is_flag=True, help="Also what was delivered or discarded.")
@_json_option
def list_(where: Where, as_json: bool, **filters: Any) -> int:
    """List the messages that are not over, oldest first."""
    from edge_node.cli.daemon import look

    rows = look(where, {"verb": "queue.list", **filters})
    if as_json:
        say(json.dumps(rows))
    else:
        table(_COLUMNS, (_line(row) for row in rows))
    return exits.GOOD


@queue.command()
@where_options
@click.argument("uid", metavar="ID", type=named)
@_json_option
def show(where: Where, uid: str, as_json: bool) -> int:
    """Show one message and its history, named by its id or by message id (ROOT/EXTENSION)."""
    from edge_node.cli.daemon import look

    shown = look(where, {"verb": "queue.show", "uid": uid_of(where, uid)})
    if as_json:
        say(json.dumps(shown))
        return exits.GOOD
    table(("field", "value"), (_field(key, value) for key, value in shown.items() if key != "history"))
    say("")
    steps = (
        (step["at"], step["event"], step["state"], *map(step.get, ("code", "who", "why")))
        for step in shown["history"]
    )
    table(("at", "event", "state", "code", "who", "why"), steps)
    return exits.GOOD


@queue.command()
@where_options
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="At most so many.")
@_json_option
def aside(where: Where, limit: int, as_json: bool) -> int:
    """List the messages that could not be read any more, newest first; their bytes are kept as they are."""
    from edge_node.cli.daemon import look

    rows = look(where, {"verb": "queue.aside", "limit": limit})
    if as_json:
        say(json.dumps(rows))
    else:
        table(_ASIDE, ([_told(row[name]) for name in _ASIDE] for row in rows))
    return exits.GOOD


def _told(value: object) -> object:
    return value if not isinstance(value, bool) else "yes" if value else "no"


for _deed in Deed:
    queue.add_command(acting(_deed))
for _command in (dead, shape, export):
    queue.add_command(_command)


def _field(key: str, value: object) -> tuple[str, object]:
    if isinstance(value, bool):
        value = "yes" if value else "no"
    return _WORDS.get(key, key), value


def _line(row: dict[str, Any]) -> tuple[object, ...]:
    return (
        row["uid"],
        row["direction"],
        row["state"] + (" (outcome unknown)" if row["unknown"] else ""),
        row["interaction"],
        row["receiver"],
        row["attempts"],
        _RESTS[row["rests"]] if row["rests"] else duration(row["due_in_s"]),
        row["code"],
        row["kept_at"],
    )
