"""What people are told when the node changes from well to not well, or back, and what is remembered of it.

Knows: what an alert is, whom it is for, what stays of it until it is over.
Must not know: when one is due, in which words and by which way it is told, where it is remembered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from edge_node.model.sentence import Outage, Sentence


class Occasion(StrEnum):
    """Why people are told."""

    BEGAN = "began"  # or turned out to be something else than was told
    STILL = "still"  # a reminder
    OVER = "over"
    DAILY = "daily"  # whatever there is


class Circle(StrEnum):
    """Who is told: first those who work with it, then those who look after the network."""

    PRACTICE = "practice"
    NETWORK = "network"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing to tell one circle. `seq` orders them and is never given twice."""

    seq: int
    at: datetime
    occasion: Occasion
    circle: Circle
    sentence: Sentence
    times: int = 1  # how often it came, itself included, since it was last gone for long
    is_told_elsewhere: bool = False  # a mail of its own tells of it
    is_again: bool = False  # people were told lately that it began, and that it was over


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One trouble, from its first sight to its end. Moments are aware UTC."""

    sentence: Sentence  # as it was seen last
    seen_at: datetime  # when it was seen first
    as_at: datetime  # since when it is called so
    told_as: str = ""  # what the practice was told it is; empty: nothing yet
    begun_at: datetime | None = None  # the practice was told first
    told_at: datetime | None = None  # the practice was told last, reminders included
    network_at: datetime | None = None  # the network was told last
    gone_at: datetime | None = None  # since when it is not seen any more
    ended_at: datetime | None = None  # it is over; remembered for a while, for what comes and goes
    times: int = 1
    turns: int = 0  # how often it turned out to be something else than was told
    is_again: bool = False  # it was told, and over, not long before
    is_unsure: bool = False  # whether it goes on could not be seen at the last look


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look showed."""

    sentences: tuple[Sentence, ...] = ()  # the troubles, the worst first
    unsure: frozenset[str] = frozenset()  # keys and groups of which it could not be told whether they are over
    headline: Sentence | None = None  # the first line of the status; None: nobody could look


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of the messages of a breakdown."""

    delivered: int
    failed: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """All that is remembered of what was told, so that nobody is told twice."""

    episodes: tuple[Episode, ...] = ()
    alerts: tuple[Alert, ...] = ()  # those that some way may not have told yet
    last_seq: int = 0
    upto: Mapping[str, int] = field(default_factory=dict)  # how far each way of telling came
    outage: Outage | None = None  # the last breakdown that ended
    daily_on: str = ""  # the day, in Dutch time, of the last daily mail
    help_line: str = ""  # whom to call, for whoever looks while the program does not run


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """The hours in which what can wait does. Minutes since midnight, Dutch time; they may pass midnight."""

    from_min: int
    until_min: int
    days: frozenset[int] = frozenset()  # quiet from midnight to midnight; Monday is 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRules:
    """When people are told. Durations in seconds."""

    settle_s: float = 30.0  # a trouble must last so long
    steady_s: float = 300.0  # and be gone so long
    steady_most_s: float = 3600.0  # at most, of what comes and goes
    return_s: float = 24 * 3600.0  # what returns within this time after its end is no news of its own
    remind_urgent_s: float = 4 * 3600.0
    remind_urgent_for_s: float = 24 * 3600.0  # so long; then as what can wait
    remind_s: float = 24 * 3600.0
    remind_for_s: float = 7 * 24 * 3600.0  # so long; then seldom
    remind_seldom_s: float = 7 * 24 * 3600.0
    network_after_s: float = 1800.0
    drain_s: float = 900.0  # the end of a breakdown is told without what still waits then
    outage_shown_s: float = 3600.0  # so long the first line is that it is over
    quiet: Quiet | None = None
    daily_min: int | None = None  # minutes since midnight, Dutch time; None: no daily mail
