"""The options that say which messages are meant.

Knows: their names, how a duration is written, what they become in a request.
Must not know: what is done to the messages.
"""

import functools
import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

import rich_click as click

from edge_node.model.lifecycle import State
from edge_node.model.message import Direction

F = TypeVar("F", bound=Callable[..., Any])

_DURATION: Final = re.compile(r"([0-9]{1,9})(s|m|min|h|d)")
_SECONDS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}

direction_option = click.option(
    "--direction", type=click.Choice([each.value for each in Direction]), help="Only this way."
)
receiver_option = click.option("--receiver", metavar="ID", help="Only to this application id.")
interaction_option = click.option("--interaction", metavar="ID", help="Only this interaction.")


def duration(text: str) -> int:
    """A duration in seconds: 90s, 15m or 15min, 4h, 2d."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise click.BadParameter("write a number with s, m, min, h or d behind it, such as 90s, 15m, 4h or 2d")
    return int(found[1]) * _SECONDS[found[2]]


cause_option = click.option("--cause", "code", metavar="CODE", help="Only with this code of the last outcome.")
older_option = click.option(
    "--older-than", "older_s", type=duration, metavar="TIME", help="Only kept so long ago or longer: 15m, 4h, 2d."
)
younger_option = click.option(
    "--younger-than", "younger_s", type=duration, metavar="TIME", help="Only kept less than that ago."
)


def choice_options(command: F) -> F:
    """Give a command the options that choose many messages; it gets them as one `choice`."""

    @functools.wraps(command)
    def chosen(*given: Any, **rest: Any) -> Any:
        columns = ("direction", "receiver", "interaction", "code", "older_s", "younger_s")
        choice = {name: rest.pop(name) for name in columns}
        choice = {name: value for name, value in choice.items() if value is not None}
        if states := rest.pop("states"):
            choice["states"] = list(states)
        return command(*given, choice=choice, **rest)

    state_option = click.option(
        "--state",
        "states",
        multiple=True,
        type=click.Choice([each.value for each in State]),
        help="Only in this state; may be given again.",
    )
    columns = (direction_option, receiver_option, interaction_option, cause_option, older_option, younger_option)
    made: Any = chosen
    for option in reversed((state_option, *columns)):
        made = option(made)
    return made  # type: ignore[no-any-return]
