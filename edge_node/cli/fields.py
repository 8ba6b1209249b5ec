"""What several commands take in one form: the id of a message, and the reason of a change.

Knows: that both are held to what the verbs take, before anything is asked, and that a wrong one is refused.
Must not know: which commands there are.
"""

from collections.abc import Callable
from typing import Any

import rich_click as click

from edge_node.cli import exits
from edge_node.errors import Refused
from edge_node.status import verbs


def uid(text: str) -> str:
    """The id of a message, as the verbs take it."""
    return _held_to_form(verbs.uid_of, {"uid": text})


def why(text: str) -> str:
    """The reason, as the verbs take it."""
    return _held_to_form(verbs.why_of, {"why": text})


class RefusedField(click.BadParameter):
    """What was written is a command, but it names no message or gives no reason: refused, and nothing changed."""

    exit_code = exits.FINDING


class Reason(click.Option):
    """The option that says why; without one the change is refused."""

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        """Take what was given."""
        try:
            return super().process_value(ctx, value)
        except click.MissingParameter:
            raise RefusedField("say why: it is recorded with your name", ctx, self) from None


why_option = click.option(
    "--why",
    cls=Reason,
    required=True,
    type=why,
    help="The reason; it is recorded with your name. No patient data.",
)


def _held_to_form(field_of: Callable[[verbs.Request], str], fields: verbs.Request) -> str:
    """Return a field as the verb takes it, before anything is asked: a slip of the pen leaves nothing half done."""
    try:
        return field_of(fields)
    except Refused as error:
        raise RefusedField(error.detail) from error
