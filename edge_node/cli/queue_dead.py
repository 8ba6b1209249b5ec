"""The commands on what is stuck: why, what that means and asks for, and everything of one cause tried again or ended.

Knows: how causes are shown to people, in Dutch and in English.
Must not know: how they are found, what the codes mean.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import rich_click as click

from edge_node.cli import exits
from edge_node.cli.choosing import direction_option, interaction_option, receiver_option
from edge_node.cli.fields import why_option
from edge_node.cli.queue_acts import Wanted, json_option, to_many, yes_option
from edge_node.cli.show import say, table
from edge_node.cli.where import Where, where_options
from edge_node.model.overview import Deed
from edge_node.status.crowd_verbs import DEAD

_COLUMNS: Final = ("code", "state", "direction", "receiver", "interaction", "messages", "oldest", "newest")
_SHOWN: Final = 20
_EXAMPLES: Final = 3
_LANGUAGES: Final = ("nl", "en")
_LABELS: Final = {
    "nl": {"what": "betekent", "side": "aan zet", "do": "te doen", "examples": "bijvoorbeeld"},
    "en": {"what": "means", "side": "whose turn", "do": "to do", "examples": "for example"},
}

_lang_option = click.option(
    "--lang", type=click.Choice(_LANGUAGES), default="en", show_default=True, help="Language of the explanations."
)
_cause_option = click.option("--cause", "code", metavar="CODE", required=True, help="The code of the cause.")


@click.group(invoke_without_command=True, no_args_is_help=False)
@where_options
@click.option("--all-stuck", is_flag=True, help="Also what is held or needs a token.")
@click.option("--cause", "code", metavar="CODE", help="Only this cause.")
@direction_option
@receiver_option
@interaction_option
@_lang_option
@json_option
@click.pass_context
def dead(context: click.RichContext, /, where: Where, lang: str, as_json: bool, **choice: Any) -> int:
    """Say why messages did not arrive: what was refused or has expired, by cause.

    For each cause: how many, since when, what the code means, whose turn it is and what to do.
    """
    if context.invoked_subcommand is not None:
        return exits.GOOD
    from edge_node.cli.causes import explained
    from edge_node.cli.daemon import look

    found = [cause | explained(cause) for cause in look(where, {"verb": "queue.dead", **choice})]
    if as_json:
        say(json.dumps(found))
    else:
        _shown(found, lang)
    return exits.GOOD


def _shown(found: list[dict[str, Any]], lang: str) -> None:
    table(_COLUMNS, ([cause[name] for name in _COLUMNS] for cause in found[:_SHOWN]))
    if len(found) > _SHOWN:
        say(f"… {len(found) - _SHOWN} more lines: --json, or choose with --cause, --receiver, --interaction")
    alike: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for cause in found:
        alike.setdefault((cause["code"], cause["state"], cause["direction"]), []).append(cause)
    for name, causes in alike.items():
        _explained(name, causes, lang)


def _explained(name: tuple[str, str, str], causes: list[dict[str, Any]], lang: str) -> None:
    """What one code means, told once however many receivers it came from."""
    code, state, direction = name
    labels = _LABELS[lang]
    say("")
    say(f"{code or '-'} {state} {direction}: {sum(cause['messages'] for cause in causes)}")
    for key in ("what", "side", "do"):
        say(f"  {labels[key]}: {causes[0][key][lang]}")
    some = [uid for cause in causes for uid in cause["examples"]]
    say(f"  {labels['examples']}: {' '.join(some[:_EXAMPLES])}")


def _acting(deed: Deed, meaning: str) -> click.Command:
    @click.command(deed.value, help=meaning)
    @where_options
    @_cause_option
    @direction_option
    @receiver_option
    @interaction_option
    @why_option
    @yes_option
    @json_option
    def command(where: Where, why: str, yes: bool, as_json: bool, **given: Any) -> int:
        choice: Mapping[str, Any] = {name: value for name, value in given.items() if value is not None}
        choice = {**choice, "states": sorted(DEAD)}
        return to_many(where, Wanted(deed=deed, choice=choice, why=why, yes=yes, as_json=as_json))

    return command


for _deed, _meaning in (
    (Deed.RETRY, "Send everything of one cause again, in the order in which it came, at the pace of bulk."),
    (Deed.DISCARD, "End everything of one cause undelivered. This cannot be undone."),
):
    dead.add_command(_acting(_deed, _meaning))
