"""The inbox of the local API, as an operator sets it.

Knows: the keys under `local.inbox`.
Must not know: how a message is locked, who fetches.
"""

from typing import Annotated, Self

from annotated_types import Ge, Le
from pydantic import model_validator

from edge_node.settings.values import Count, Seconds, Section, setting


class InboxSettings(Section):
    """What a local system may ask of its inbox."""

    lock_s: Seconds = setting("Seconds a message stays locked for who fetched it, where it does not say.", 60.0)
    longest_lock_s: Seconds = setting("Longest lock a local system may ask for, in seconds.", 3600.0)
    longest_wait_s: Annotated[float, Ge(0), Le(300)] = setting(
        "Longest time a request for messages may wait until one comes, in seconds; 0: none waits.", 30.0
    )
    most_at_once: Count = setting("Messages locked by one request at most.", 100)
    most_waiting: Count = setting("Requests of one local system that wait at once; one more is answered at once.", 16)

    @model_validator(mode="after")
    def _lock_fits(self) -> Self:
        if self.lock_s > self.longest_lock_s:
            raise ValueError("lock_s is longer than longest_lock_s")
        return self
