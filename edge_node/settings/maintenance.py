"""Planned maintenance, as a site announces it.

Knows: the keys of one window under `checks.maintenance`.
Must not know: what was out of order, what counts as announced in time.
"""

from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from edge_node.settings.values import Section, Text, setting


def _moment(text: str) -> str:
    try:
        is_aware = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        is_aware = False
    if not is_aware:
        raise ValueError('is no moment with its zone; write it in quotes, such as "2026-12-01T20:00+01:00"')
    return text


MomentText = Annotated[str, AfterValidator(_moment)]


class MaintenanceSettings(Section):
    """One window: what is out of order within it does not count as an outage."""

    what: Text = setting("What is done.")
    announced: MomentText = setting("When everybody concerned was told, in quotes, with its zone.")
    begins: MomentText = setting("When it begins, in quotes, with its zone.")
    ends: MomentText = setting("When it ends, in quotes, with its zone.")

    @model_validator(mode="after")
    def _ends_later(self) -> Self:
        if self.moment("ends") <= self.moment("begins"):
            raise ValueError("ends before it begins")
        return self

    def moment(self, key: str) -> datetime:
        """Return one of the three moments, in UTC."""
        return datetime.fromisoformat(getattr(self, key)).astimezone(UTC)
