"""A mail in its envelope.

Knows: what a mail server and the readers of a mail need.
Must not know: SMTP, what the mail is about.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail. `name` is for its Message-ID, the same at every try; `at_s` is in seconds since the epoch."""

    sender: str
    to: tuple[str, ...]
    subject: str
    text: str = field(repr=False)
    name: str
    at_s: float
    is_urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a mail server said of the addresses of a mail that it took for others."""

    put_off: tuple[str, ...] = ()  # to come back for
    refused: tuple[str, ...] = ()  # for good
