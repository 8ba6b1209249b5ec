"""When people are reminded of what still does not work.

Knows: how often, that it becomes less often the longer it lasts, that all that still stands comes in one mail.
Must not know: how a trouble is found, in which words and by which way it is told, what time it is.

What stands still is asked after every few hours for a day, then once a day with all else, and after a week once a
week: a mail that says the same every morning for months is read by nobody. It ends when it is mended or waived.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from edge_node.model.alert import AlertRules, Circle, Episode, Occasion

Told = tuple[Occasion, Circle]
#: A trouble as it is remembered from now on, and what is told of it.
Judged = tuple[Episode, tuple[Told, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """The moment at which it is judged what is due."""

    at: datetime
    rules: AlertRules
    is_quiet: bool
    is_daily: bool  # the daily mail goes now


def reminded(judged: Sequence[Judged], now: Now) -> list[Judged]:
    """Add the reminders. When one is due, the others that nearly are come with it, so that they are one mail."""
    due = {
        (circle, one.sentence.can_wait)
        for one, told in judged
        for circle in Circle
        if not told and _is_due(one, circle, now, early=False)
    }
    return [_with(one, told, due, now) for one, told in judged]


def noted(episode: Episode, told: tuple[Told, ...], at: datetime) -> Episode:
    """Remember that this was told."""
    for occasion, circle in told:
        episode = _noted(episode, occasion, circle, at)
    return episode


def s_between(begin: datetime, end: datetime) -> float:
    """Seconds between; a clock set back makes them none, never negative."""
    return max(0.0, (end - begin).total_seconds())


def _with(episode: Episode, told: tuple[Told, ...], due: set[tuple[Circle, bool]], now: Now) -> Judged:
    if told:
        return episode, told
    still = tuple(
        (Occasion.STILL, circle)
        for circle in Circle
        if (circle, episode.sentence.can_wait) in due and _is_due(episode, circle, now, early=True)
    )
    return noted(episode, still, now.at), still


def _is_due(episode: Episode, circle: Circle, now: Now, *, early: bool) -> bool:
    told_at = episode.told_at if circle is Circle.PRACTICE else episode.network_at
    if told_at is None or episode.begun_at is None or episode.gone_at is not None or episode.is_unsure:
        return False
    pause_s = _pause_s(episode, circle, now)
    is_with_daily = circle is Circle.PRACTICE and now.rules.daily_min is not None and pause_s >= now.rules.remind_s
    if is_with_daily and not now.is_daily:
        return False
    if now.is_quiet and not is_with_daily:
        return False
    early_s = min(pause_s, now.rules.remind_s) / 2 if early or is_with_daily else 0.0
    return s_between(told_at, now.at) >= pause_s - early_s


def _pause_s(episode: Episode, circle: Circle, now: Now) -> float:
    rules, lasts_s = now.rules, s_between(episode.begun_at or now.at, now.at)
    if lasts_s >= rules.remind_for_s:
        return max(rules.remind_s, rules.remind_seldom_s)
    is_urgent = circle is Circle.PRACTICE and not episode.sentence.can_wait
    return rules.remind_urgent_s if is_urgent and lasts_s < rules.remind_urgent_for_s else rules.remind_s


def _noted(episode: Episode, occasion: Occasion, circle: Circle, at: datetime) -> Episode:
    if circle is Circle.NETWORK:
        return replace(episode, network_at=at)
    if occasion is not Occasion.BEGAN:
        return replace(episode, told_at=at)
    saying = episode.sentence.saying.value
    turns = episode.turns + (episode.told_as not in {"", saying})
    return replace(episode, told_as=saying, turns=turns, told_at=at, begun_at=episode.begun_at or at)
