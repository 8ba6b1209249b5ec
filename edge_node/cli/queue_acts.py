"""The commands that change kept messages: those that are named, or all that have something in common.

Knows: that what is meant is shown before it is done to many, and that a person says yes.
Must not know: where the messages are, which steps a message may take.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.choosing import choice_options
from edge_node.cli.fields import why_option
from edge_node.cli.queue_naming import named, uid_of
from edge_node.cli.show import duration, note, say, table
from edge_node.cli.stopping import Progress, on_interrupt
from edge_node.cli.where import Where, where_options
from edge_node.errors import Refused
from edge_node.model.overview import Deed

_MEANINGS: Final = {
    Deed.RETRY: "Make messages due now; one that expired or was refused for good lives again.",
    Deed.DISCARD: "End messages undelivered. This cannot be undone.",
    Deed.HOLD: "Keep messages from being sent, until they are released.",
    Deed.RELEASE: "Let held messages be sent again.",
}
_MANY: Final = """

    Name them, by the id that `queue list` shows or by message id (ROOT/EXTENSION), or choose them by what they have
    in common. Chosen ones are counted and shown first; many go at the pace of bulk, so that they hold nothing up.
    Ctrl-C ends it after the messages in hand: what is done stays done.
"""
_DONE: Final = {Deed.RETRY: "due again", Deed.DISCARD: "discarded", Deed.HOLD: "held", Deed.RELEASE: "released"}
_EXAMPLE: Final = ("id", "direction", "state", "interaction", "receiver", "code", "kept at")

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be done to many messages, and how it is said."""

    deed: Deed
    choice: Mapping[str, Any]
    why: str
    yes: bool
    as_json: bool


def acting(deed: Deed) -> click.Command:
    """Return one command that changes messages: they differ in verb and meaning only."""

    @click.command(deed.value, help=_MEANINGS[deed] + _MANY)
    @where_options
    @click.argument("uids", metavar="[ID]...", nargs=-1, type=named)
    @choice_options
    @why_option
    @yes_option
    @json_option
    def command(
        where: Where, uids: tuple[str, ...], choice: dict[str, Any], why: str, yes: bool, as_json: bool
    ) -> int:
        if bool(uids) == bool(choice):
            raise click.UsageError("Name messages, or choose them with options: one of the two.")
        if uids:
            return _to_each(where, deed, uids, why, as_json)
        return to_many(where, Wanted(deed=deed, choice=choice, why=why, yes=yes, as_json=as_json))

    return command


def _to_each(where: Where, deed: Deed, names: tuple[str, ...], why: str, as_json: bool) -> int:
    from edge_node.cli.daemon import change

    rows = []
    # All are looked up before the first is changed: a wrong one leaves nothing half done.
    for uid in [_possible(where, deed, name) for name in names]:
        rows.append(change(where, {"verb": f"queue.{deed}", "uid": uid, "why": why}))
        if not as_json:
            say(f"{uid} {rows[-1]['state']}")
    if as_json:
        say(json.dumps(rows))
    return exits.GOOD


def _possible(where: Where, deed: Deed, name: str) -> str:
    """The id of a message that is there, in a state that allows it. Raises `Refused`."""
    from edge_node.cli.daemon import look

    uid = uid_of(where, name)
    state = look(where, {"verb": "queue.show", "uid": uid})["state"]
    if state not in deed.states:
        raise Refused(f"{uid} is {state}", code="EN-ILLEGAL-STEP")
    return uid


def to_many(where: Where, wanted: Wanted) -> int:
    """Show what is meant, ask, do it; tell how many it was done to."""
    from edge_node.cli.daemon import change, look

    preview = look(where, {"verb": "queue.preview", "deed": wanted.deed.value, **wanted.choice})
    if not preview["messages"]:
        say(
            json.dumps({"done": 0, "skipped": {}, "stopped": False, "changed": 0})
            if wanted.as_json
            else "no such messages"
        )
        return exits.GOOD
    if not wanted.yes:
        _show(preview)
        click.confirm(f"{wanted.deed.value} {preview['messages']} messages?", abort=True, err=True)
    progress = Progress()
    seen = {name: preview[name] for name in ("through", "seen_at")}
    request = {"verb": f"queue.{wanted.deed}-all", **wanted.choice, **seen, "why": wanted.why}
    done = change(
        where,
        request,
        hear=lambda part: progress.show(f"{part['done']} of {preview['messages']}"),
        stopping=on_interrupt,
    )
    progress.end()
    return _told(wanted, preview["messages"], done)


def _show(preview: Mapping[str, Any]) -> None:
    newest, oldest = duration(preview["newest_s"]), duration(preview["oldest_s"])
    note(f"{preview['messages']} messages, kept {newest} to {oldest} ago:")
    columns = ("uid", "direction", "state", "interaction", "receiver", "code", "kept_at")
    table(_EXAMPLE, ([row[name] for name in columns] for row in preview["examples"]), err=True)
    if preview["messages"] > len(preview["examples"]):
        note("…")


def _told(wanted: Wanted, counted: int, done: Mapping[str, Any]) -> int:
    # Some changed while a person read: they are not as they were seen, so nothing was done to them.
    changed = 0 if done["stopped"] else counted - done["done"] - sum(done["skipped"].values())
    done = {**done, "changed": changed}
    if wanted.as_json:
        say(json.dumps(done))
    else:
        say(f"{done['done']} {_DONE[wanted.deed]}" + (", then stopped" if done["stopped"] else ""))
        for code, messages in done["skipped"].items():
            say(f"{messages} not: {code}")
        if changed:
            say(f"{changed} not: changed since they were counted")
    return exits.FINDING if done["stopped"] or done["skipped"] or changed else exits.GOOD
